"""`cellctl hand-back`: give a set-point that was taken over back to its loop."""

from __future__ import annotations

from getpass import getuser
from pathlib import Path

from rich.console import Console

from cellctl.model import Order
from cellctl.runtime.supervision.commands import ask
from cellctl.runtime.supervision.desk import Command


def hand_back(run: Path, loop: str, *, by: str = "") -> None:
    """Give the set-points of a loop back to it, at the values where they stand; nothing moves by that.

    Example: `cellctl hand-back out/runs/RUN edge_spur`

    Args:
        run: the run folder that `cellctl run` printed.
        loop: name of the loop in the configuration.
        by: who says so; the user of this machine without it.
    """
    reply = ask(run, Command(Order.HAND_BACK, loop, by or getuser()))
    Console(highlight=False).print(reply, markup=False, soft_wrap=True)
