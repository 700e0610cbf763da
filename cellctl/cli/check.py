"""`cellctl check`: is this cell's configuration sound?"""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from cellctl.cli.data_option import DataFolder
from cellctl.cli.language import say
from cellctl.errors import text
from cellctl.runtime.loading import has_world, load_cell, make_world


def check(config: Path, *, simulated: bool = False, data: DataFolder = None) -> None:
    """Check a cell's configuration before it runs; every mistake is listed with file, line and column.

    Example: `cellctl check configs/coater.yaml --simulated`

    Args:
        config: the cell's YAML file.
        simulated: check it with what stands in for its devices (section `simulate:`).
        data: folder that paths of devices written `data:NAME` are below.
    """
    cell = load_cell(config, simulated=simulated, data=data)
    if simulated and has_world(config):
        make_world(load_cell(config, lockstep=True, data=data))
    sound = say("{file}: sound. {cell}: {devices} devices, {plugins} plugins, {loops} loops (with authority: "
                "{acting}), configuration {hash}", file=config, cell=cell.id, devices=len(cell.devices),
                plugins=len(cell.plugins), loops=len(cell.loops), acting=", ".join(cell.guard.loops) or text("none"),
                hash=cell.hash[:12])  # fmt: skip
    Console(highlight=False).print(sound, soft_wrap=True, markup=False)
