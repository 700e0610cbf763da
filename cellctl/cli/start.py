"""`cellctl start`: let a running cell act (again)."""

from __future__ import annotations

from getpass import getuser
from pathlib import Path

from rich.console import Console

from cellctl.runtime.supervision.commands import command


def start(run: Path, *, by: str = "") -> None:
    """Put a running cell into Execute: after its start, or again after it was held.

    Example: `cellctl start out/runs/RUN`

    Args:
        run: the run folder that `cellctl run` printed.
        by: who says so; the user of this machine without it.
    """
    Console(highlight=False).print(command(run, f"start {by or getuser()}"), markup=False)
