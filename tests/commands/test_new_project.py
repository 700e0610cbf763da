"""A new project passes its tests, types and style at once, and its entry point is found when it is installed."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest

from cellctl.scaffold import new_project, project_name, write_tree

HERE = Path(sys.executable).parent
SITE = next(path for path in sys.path if path.endswith("site-packages"))


def run(*command, cwd):
    """What a command prints; its output when it fails."""
    done = subprocess.run(command, check=False, cwd=cwd, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture
def python(tmp_path):
    """An environment of its own, which sees what is installed in ours."""
    venv.create(tmp_path / "venv", with_pip=False, symlinks=True)
    (folder,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    (folder / "ours.pth").write_text(f"import site; site.addsitedir({SITE!r})\n")
    return tmp_path / "venv" / "bin" / "python"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["speed-watch", "zz-" + 27 * "w"])
@pytest.mark.parametrize("kind", ["plugin", "driver"])
def test_it_passes_at_once(tmp_path, python, kind, name):
    """Installed editable, tested, linted, formatted and found; with the longest name there may be, too."""
    project = tmp_path / name
    write_tree(project, new_project(kind, project_name(name)))
    run(HERE / "pip", "--python", python, "install", "-q", "--no-deps", "--no-build-isolation", "-e", ".", cwd=project)
    run(python, "-m", "pytest", "-q", cwd=project)
    run(HERE / "ruff", "check", ".", cwd=project)
    run(HERE / "ruff", "format", "--check", ".", cwd=project)
    assert name in run(python, "-m", "cellctl", f"{kind}s", cwd=project)
    if name == "speed-watch":
        run(python, "-m", "mypy", cwd=project)
