"""`cellctl explain`: what an error code means."""

from __future__ import annotations

import difflib

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from cellctl.cli.language import current, say
from cellctl.errors import ConfigError
from cellctl.texts.explanation import Explanation, explanations

PREFIX = "CELL-"
WIDTH = 100
"""Longer lines are hard to read."""
CLOSE = 3
"""Codes that are offered in place of an unknown one."""


def explain(code: str = "") -> None:
    """Explain an error code: what it means, where it usually comes from, and what to do; without a code list all.

    Example: `cellctl explain CELL-1003`

    Args:
        code: such as CELL-1003, cell-1003 or 1003.
    """
    known = explanations(current())
    console = Console(highlight=False)
    console.width = min(console.width, WIDTH)
    if code:
        _show(console, known[_found(code, known)])
    else:
        console.print(_list(known))


def _found(code: str, known: dict[str, Explanation]) -> str:
    """The code as it is written in messages; ConfigError CELL-1015 when there is none such."""
    full = f"{PREFIX}{code.strip().upper().removeprefix(PREFIX)}"
    if full not in known:
        close = _close(full, known)
        raise ConfigError("CELL-1015", "there is no error code {name}", nearest=", ".join(close), name=full,
                          do="`cellctl explain` lists all codes")  # fmt: skip
    return full


def _close(code: str, known: dict[str, Explanation]) -> list[str]:
    """The codes beside a number, in their order; of what is no number, those that are spelt most like it."""
    number = code.removeprefix(PREFIX)
    if not number.isdecimal():
        return difflib.get_close_matches(code, known, n=CLOSE)
    return sorted(sorted(known, key=lambda it: abs(int(it.removeprefix(PREFIX)) - int(number[:9])))[:CLOSE])


def _show(console: Console, it: Explanation) -> None:
    console.print(f"[bold]{it.code}[/bold]  {escape(it.title)}\n")
    for title, body in (
        (say("What it means"), it.means),
        (say("Usual cause"), it.cause),
        (say("What to do"), it.do),
        (say("Wrong"), it.wrong),
        (say("Right"), it.right),
    ):
        if body:
            console.print(f"[bold]{title}[/bold]")
            console.print(Padding(escape(body), (0, 0, 1, 2), expand=False))


def _list(known: dict[str, Explanation]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for it in known.values():
        table.add_row(it.code, escape(it.title))
    return table
