"""`cellctl take-over`: a person takes a set-point out of the cell's hands."""

from __future__ import annotations

from getpass import getuser
from pathlib import Path

from rich.console import Console

from cellctl.model import Order
from cellctl.runtime.supervision.commands import ask
from cellctl.runtime.supervision.ordering import Command


def take_over(run: Path, setpoint: str, *, by: str = "") -> None:
    """Take a set-point over: the cell ends its ramp where it stands and moves it no more, until it is handed back.

    Example: `cellctl take-over out/runs/RUN plc.blade_load_sp_left`

    Args:
        run: the run folder that `cellctl run` printed.
        setpoint: of the guard's envelope, `<device>.<name>`.
        by: who says so; the user of this machine without it.
    """
    reply = ask(run, Command(Order.TAKE_OVER, setpoint, by or getuser()))
    Console(highlight=False).print(reply, markup=False, soft_wrap=True)
