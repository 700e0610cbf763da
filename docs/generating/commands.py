"""The page of commands, from the table of commands and their docstrings."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

from cyclopts import App, Argument

from cellctl.cli import COMMANDS
from cellctl.cli.app import make_app
from cellctl.cli.points import installed_commands
from docs.generating.markdown import joined, listed, page, spoken, table
from docs.generating.values import type_text

SIMULATOR = "cellctl-sim"
"""The one other package whose commands are in the reference: it lies in the same repository."""
INTRODUCTION = (
    "`cellctl COMMAND --help` says the same in a terminal. Every command takes `--lang zh-CN` for messages in Chinese. "
    "Exit status: 0 when it did what was asked, 1 when something does not hold (evidence, a run, a machine), 2 when "
    "what was given is wrong."
)


def commands_page() -> str:
    """`commands.md`."""
    app = make_app()
    simulator = [name for name, found in installed_commands().items() if found.package == SIMULATOR]
    groups = {**{title.capitalize(): list(names) for title, names in COMMANDS.items()}, "Simulated line": simulator}
    parts = []
    for title, names in groups.items():
        parts += [f"## {title}", *(part for name in names for part in _command(app[name], f"cellctl {name}"))]
    return page("Commands", INTRODUCTION, parts)


def _command(app: App, words: str) -> Iterator[str]:
    """One command, or each of those below it."""
    function = app.default_command
    if function is None:
        for name in app:
            if not name.startswith("-"):
                yield from _command(app[name], f"{words} {name}")
        return
    yield _described(app, words, function)


def _described(app: App, words: str, function: Callable[..., Any]) -> str:
    meaning = listed(function)
    arguments = list(app.assemble_argument_collection())
    rows = [(f"`{_shown(it)}`", _takes(it), _default(it), meaning[it.field_info.name]) for it in arguments]
    options = table(("argument", "what it takes", "without it", "meaning"), rows)
    said = [_with_code(text) for text in spoken(function).split("\n\n")]
    return "\n\n".join(filter(None, [f"### `{words}`", *said, options]))


def _with_code(paragraph: str) -> str:
    """Options in a paragraph set as code; what stands in backquotes is left as it is."""
    pieces = joined(paragraph).split("`")
    return "`".join(piece if number % 2 else re.sub(r"(?<![\w`-])(--[a-z-]+)", r"`\1`", piece)
                    for number, piece in enumerate(pieces))  # fmt: skip


def _shown(argument: Argument) -> str:
    """`CONFIG`, or `--simulated`."""
    positional = argument.field_info.kind is not inspect.Parameter.KEYWORD_ONLY
    return argument.name.removeprefix("--").upper() if positional else argument.name


def _takes(argument: Argument) -> str:
    return "–" if argument.hint is bool else type_text(argument.hint)


def _default(argument: Argument) -> str:
    if argument.required:
        return "required"
    value = argument.field_info.default
    return "" if value is None or value is False or value in {"", ()} else f"`{value}`"
