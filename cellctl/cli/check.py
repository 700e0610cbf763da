"""`cellctl check`: is this cell's configuration sound?"""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from cellctl.runtime.loading import has_world, load_cell, make_world


def check(config: Path, *, simulated: bool = False) -> None:
    """Check a cell's configuration before it runs; every mistake is listed with file, line and column.

    Example: `cellctl check configs/coater.yaml --simulated`

    Args:
        config: the cell's YAML file.
        simulated: check it with what stands in for its devices (section `simulate:`).
    """
    cell = load_cell(config, simulated=simulated)
    if simulated and has_world(config):
        make_world(load_cell(config, lockstep=True))
    acting = ", ".join(cell.guard.loops) or "none"
    Console(highlight=False).print(
        f"{config}: sound. {cell.id}: {len(cell.devices)} devices, {len(cell.plugins)} plugins, "
        f"{len(cell.loops)} loops (with authority: {acting}), configuration {cell.hash[:12]}",
        soft_wrap=True,
    )
