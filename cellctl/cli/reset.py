"""`cellctl reset`: let a loop ask again after it tripped."""

from __future__ import annotations

from getpass import getuser
from pathlib import Path

from rich.console import Console

from cellctl.model import Order
from cellctl.runtime.supervision.commands import ask
from cellctl.runtime.supervision.ordering import Command


def reset(run: Path, loop: str, *, by: str = "") -> None:
    """Let a loop ask again for moves, after what it had asked for had broken its envelope so often that it tripped.

    Example: `cellctl reset out/runs/RUN edge_spur`

    Args:
        run: the run folder that `cellctl run` printed.
        loop: name of the loop or regulator in the configuration.
        by: who says so; the user of this machine without it.
    """
    reply = ask(run, Command(Order.RESET, loop, by or getuser()))
    Console(highlight=False).print(reply, markup=False, soft_wrap=True)
