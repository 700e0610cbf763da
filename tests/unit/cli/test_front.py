"""The list of commands: what it says, and that nothing heavy is loaded for it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from cellctl import __version__
from cellctl.cli import COMMANDS, front
from cellctl.cli.points import Found, installed_commands, summary

CLI = Path(front.__file__).parent
NAMES = [name for commands in COMMANDS.values() for name in commands]
HEAVY = {"cyclopts", "rich", "importlib.metadata", "pydantic", "numpy", "cellctl.errors"}


def package(
    folder,
    name="acme_tools",
    points="wash = acme.wash:wash [extra]",
    source='def wash():\n    """Wash it.\n\n    More."""\n',
):
    """A folder of sys.path with one installed distribution."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "entry_points.txt").write_text(f"[other]\nx = y:z\n\n[cellctl.commands]\n{points}\n", encoding="utf-8")
    (folder / "acme").mkdir()
    (folder / "acme" / "wash.py").write_text(source, encoding="utf-8")
    return [str(folder)]


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_the_overview_names_every_command(arguments, capsys):
    """Bare `cellctl`, `--help` and `-h` show each command with its line, and examples."""
    assert front.answer(arguments)
    text = capsys.readouterr().out
    assert [name for name in NAMES if f"\n  {name} " not in text] == []
    assert "examples:" in text


def test_the_simulator_stands_at_the_top_where_it_is_installed(monkeypatch):
    """`demo` and `sim` come first, in a group of their own; without them there is no such group."""
    found = {name: Found(name, f"x:{name}", "acme") for name in ("bench-loop", "demo", "sim")}
    monkeypatch.setattr(front, "installed_commands", lambda: found)
    lines = [line.split()[0] for line in front.overview().splitlines() if line.startswith("  ")]
    assert lines[:2] == ["demo", "sim"]
    assert "bench-loop" in lines[2:]
    monkeypatch.setattr(front, "installed_commands", dict)
    assert "try it" not in front.overview()


def test_the_version(capsys):
    """`--version` says the version and nothing else."""
    assert front.answer(["--version"])
    assert capsys.readouterr().out == f"{__version__}\n"


@pytest.mark.parametrize("arguments", [["check", "--help"], ["--hepl"], ["chek"], ["--version", "check"]])
def test_everything_else_is_the_parsers(arguments, capsys):
    """A command's own help, and a slip, are not answered here."""
    assert not front.answer(arguments)
    assert capsys.readouterr().out == ""


def test_no_line_is_too_long():
    """The overview fits a terminal of 100 columns, the packages' own texts included."""
    assert max(map(len, front.overview().splitlines())) <= front.WIDTH


def test_nothing_heavy_is_loaded():
    """The overview answers without parser, screen, metadata, validation or numbers."""
    code = (
        "import sys; sys.argv = ['cellctl', '--help']; from cellctl.__main__ import main; main(); print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert HEAVY & set(loaded.splitlines()[-1].split()) == set()


def test_every_command_has_a_file_and_an_example():
    """The module of a command's name holds it, and each function that a user calls has an example in its help."""
    lacking = [name for name in NAMES if f"`cellctl {name}" not in _help_of(name)]
    assert lacking == [], "add to the docstring: Example: `cellctl NAME …`"


def _help_of(name):
    """Docstrings of the public functions in the command's module that come with an example."""
    word = name.replace("-", "_")
    tree = ast.parse((CLI / f"{word}.py").read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    return "\n".join(text for node in functions if "Example" in (text := ast.get_docstring(node) or ""))


def test_a_package_brings_a_command(tmp_path):
    """Name, target and distribution come from its entry_points.txt; what is in other sections is not ours."""
    path = package(tmp_path)
    assert installed_commands(path) == {"wash": Found("wash", "acme.wash:wash", "acme-tools")}


def test_a_packages_command_is_described_by_its_docstring(tmp_path):
    """The first paragraph, read without importing the module."""
    path = package(tmp_path, source='raise SystemExit\n\n\ndef wash():\n    """Wash\n    it.\n\n    More."""\n')
    assert summary(installed_commands(path)["wash"], path) == "Wash it."


@pytest.mark.parametrize(
    "source", ["def wash(: broken", "", "def wash():\n    return 1\n", "def other():\n    '''No.'''\n"]
)
def test_without_a_docstring_the_package_is_named(tmp_path, source):
    """Broken, empty and undocumented modules do not spoil the overview."""
    path = package(tmp_path, source=source)
    assert summary(installed_commands(path)["wash"], path) == "From acme-tools."


def test_the_first_on_the_path_counts(tmp_path):
    """As with an import: an editable install beside its metadata is listed once."""
    path = package(tmp_path / "a") + package(tmp_path / "b", name="zeta")
    assert installed_commands([*path, str(tmp_path / "missing")])["wash"].package == "acme-tools"
