"""`cellctl stop`: end a running cell in good order."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from cellctl.runtime.supervision.commands import command


def stop(run: Path) -> None:
    """Bring the plant to its safe state, drain and end a running cell.

    Example: `cellctl stop out/runs/RUN`

    Args:
        run: the run folder that `cellctl run` printed.
    """
    Console(highlight=False).print(command(run, "stop"), markup=False)
