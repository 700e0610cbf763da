"""`cellctl hand-back`: give set-points that were taken over back to the cell."""

from __future__ import annotations

from getpass import getuser
from pathlib import Path

from rich.console import Console

from cellctl.model import Order
from cellctl.runtime.supervision.commands import ask
from cellctl.runtime.supervision.ordering import Command


def hand_back(run: Path, name: str, *, by: str = "") -> None:
    """Give a set-point, or all those of a loop, back to the cell at the values where they stand; nothing moves by that.

    Examples: `cellctl hand-back out/runs/RUN edge_spur`,
    `cellctl hand-back out/runs/RUN plc.blade_load_sp_left`

    Args:
        run: the run folder that `cellctl run` printed.
        name: of the loop or regulator in the configuration, or of one set-point.
        by: who says so; the user of this machine without it.
    """
    reply = ask(run, Command(Order.HAND_BACK, name, by or getuser()))
    Console(highlight=False).print(reply, markup=False, soft_wrap=True)
