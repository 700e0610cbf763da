"""The command line's parser, loaded when a command is called."""

from __future__ import annotations

import sys

from cyclopts import App, CycloptsError
from rich.console import Console

from cellctl import __version__
from cellctl.cli import COMMANDS, SUMMARY
from cellctl.cli.language import confirm, said
from cellctl.cli.points import installed_commands
from cellctl.errors import CellError, ConfigError


def make_app() -> App:
    """All commands, each by the name of its module; a function's docstring is its help, read when it is asked for."""
    app = App(name="cellctl", version=__version__, help=SUMMARY)
    for group, commands in COMMANDS.items():
        for name in commands:
            module = name.replace("-", "_")
            app.command(f"cellctl.cli.{module}:{module}", name=name, group=group.capitalize())
    for name, found in installed_commands().items():
        if name not in app:
            app.command(found.target, name=name, group="Of other packages")
    return app


def run_app() -> None:
    """Run the command line; an error of the user's input ends with status 2 and one clear message."""
    try:
        confirm()
        make_app()(exit_on_error=False)
    except CycloptsError:  # printed already
        sys.exit(2)
    except CellError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(said(error), markup=False)
        sys.exit(2 if isinstance(error, ConfigError) else 1)
