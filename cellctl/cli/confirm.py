"""`cellctl confirm`: allow, or decline, a move that waits for a person."""

from __future__ import annotations

from getpass import getuser
from pathlib import Path

from rich.console import Console

from cellctl.model import Order
from cellctl.runtime.supervision.commands import ask
from cellctl.runtime.supervision.ordering import Command


def confirm(run: Path, transaction: str, *, decline: bool = False, by: str = "") -> None:
    """Allow a move that a loop asks for; the guard still judges it, and it is verified like any other.

    Example: `cellctl confirm out/runs/RUN edge_spur-right-1`

    Args:
        run: the run folder that `cellctl run` printed.
        transaction: as the alarm names it, for example edge_spur-left-1.
        decline: say no instead.
        by: who says so; the user of this machine without it.
    """
    order = Order.DECLINE if decline else Order.CONFIRM
    reply = ask(run, Command(order, transaction, by or getuser()))
    Console(highlight=False).print(reply, markup=False, soft_wrap=True)
