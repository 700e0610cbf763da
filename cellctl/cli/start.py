"""`cellctl start`: let a running cell act (again)."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from cellctl.runtime.supervision.commands import command


def start(run: Path) -> None:
    """Put a running cell into Execute: after its start, or again after it was held.

    Example: `cellctl start out/runs/RUN`

    Args:
        run: the run folder that `cellctl run` printed.
    """
    Console(highlight=False).print(command(run, "start"), markup=False)
