"""The command line: one file per command; other packages add commands by the entry point group `cellctl.commands`."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points

from cyclopts import App
from rich.console import Console

from cellctl import __version__
from cellctl.errors import CellError, ConfigError

COMMANDS = ("check", "run", "start", "stop", "verify")

app = App(
    name="cellctl",
    version=__version__,
    help="Closes the quality loop beside a production line, and proves that each correction helped.",
)
for _name in COMMANDS:
    app.command(f"cellctl.cli.{_name}:{_name}", name=_name)
for _point in entry_points(group="cellctl.commands"):
    app.command(_point.value, name=_point.name)


def main() -> None:
    """Run the command line; an error of the user's input ends with status 2 and one clear message."""
    try:
        app()
    except CellError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(str(error), markup=False)
        sys.exit(2 if isinstance(error, ConfigError) else 1)
