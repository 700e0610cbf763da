"""Completion, as a shell does it: the script is sourced and asked."""

import shutil
import subprocess
from contextlib import redirect_stdout
from io import StringIO

import pytest

from cellctl.cli import COMMANDS
from cellctl.cli.complete import complete

ASK = """
source /dev/stdin <<'END'
{script}
END
COMP_WORDS=({words})
COMP_CWORD={last}
_cellctl
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def printed(shell):
    """What the command prints for a shell."""
    with redirect_stdout(StringIO()) as out:
        complete(shell)
    return out.getvalue()


@pytest.fixture(scope="module")
def script():
    """Bash, and the script for it."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash here")
    return bash, printed("bash")


def offered(script, *words, cwd=None):
    """What bash offers for the last of the words."""
    bash, text = script
    quoted = " ".join(f"'{word}'" for word in words)
    asked = ASK.format(script=text, words=quoted, last=len(words) - 1)
    done = subprocess.run([bash, "--norc", "-c", asked], capture_output=True, text=True, check=True, cwd=cwd)
    assert done.stderr == ""
    return set(done.stdout.split())


def test_commands(script):
    """All of them, those of other packages too."""
    names = {name for commands in COMMANDS.values() for name in commands} | {"demo", "sim"}
    assert names <= offered(script, "cellctl", "")


def test_the_beginning_of_a_command(script):
    """Only what begins so."""
    assert offered(script, "cellctl", "desc") == {"describe"}


def test_options_of_a_command(script):
    """Those that it has, and no other's."""
    assert {"--lockstep", "--for"} <= offered(script, "cellctl", "run", "--")
    assert "--lockstep" not in offered(script, "cellctl", "check", "--")


def test_commands_below_a_command(script):
    """`cellctl new` has three."""
    assert {"cell", "plugin", "driver"} <= offered(script, "cellctl", "new", "")


def test_choices(script):
    """An option with few values offers them."""
    assert offered(script, "cellctl", "new", "cell", "x", "--camera", "") == {"yes", "no"}


def test_files(script, tmp_path):
    """A path is completed from the folder."""
    (tmp_path / "cell.yaml").touch()
    assert "cell.yaml" in offered(script, "cellctl", "check", "ce", cwd=tmp_path)


@pytest.mark.parametrize(("shell", "first"), [("zsh", "#compdef cellctl"), ("fish", "# Fish completion for cellctl")])
def test_other_shells(shell, first):
    """Their scripts begin as those shells want it, and name the commands."""
    text = printed(shell)
    assert text.startswith(first)
    assert "hand-back" in text
