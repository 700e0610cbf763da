"""`cellctl stop`: end a running cell in good order."""

from __future__ import annotations

from getpass import getuser
from pathlib import Path

from rich.console import Console

from cellctl.runtime.supervision.commands import command


def stop(run: Path, *, by: str = "") -> None:
    """Bring the plant to its safe state, drain and end a running cell.

    Example: `cellctl stop out/runs/RUN`

    Args:
        run: the run folder that `cellctl run` printed.
        by: who says so; the user of this machine without it.
    """
    Console(highlight=False).print(command(run, f"stop {by or getuser()}"), markup=False)
