"""The command line: one file per command; other packages add commands by the entry point group `cellctl.commands`."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points

from cyclopts import App
from rich.console import Console

from cellctl import __version__
from cellctl.errors import CellError, ConfigError

COMMANDS = {
    "answer": "Answer a question of a running cell.",
    "check": "Check a cell's configuration before it runs.",
    "confirm": "Allow a move that waits for a person.",
    "hand-back": "Give a set-point that was taken over back to its loop.",
    "run": "Run a cell until Ctrl-C, `cellctl stop`, or the end of its time.",
    "start": "Put a running cell into Execute.",
    "stop": "End a running cell in good order.",
    "verify": "Check the evidence of a run.",
}
"""Name → help; the module of a command is loaded only when it is called."""

app = App(
    name="cellctl",
    version=__version__,
    help="Closes the quality loop beside a production line, and proves that each correction helped.",
)
for _name, _help in COMMANDS.items():
    _module = _name.replace("-", "_")
    app.command(f"cellctl.cli.{_module}:{_module}", name=_name, help=_help)
for _point in entry_points(group="cellctl.commands"):
    app.command(_point.value, name=_point.name, help=f"From {_point.dist.name}." if _point.dist else None)


def run_app() -> None:
    """Run the command line; an error of the user's input ends with status 2 and one clear message."""
    try:
        app()
    except CellError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(str(error), markup=False)
        sys.exit(2 if isinstance(error, ConfigError) else 1)
