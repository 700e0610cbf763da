"""The cell under study: the shipped one, with a stated in-control rate, cut down to what a study needs."""

from __future__ import annotations

from pathlib import Path

import msgspec

from cellctl.config.resolved import Loop, ResolvedCell
from cellctl.model.web import Side
from cellctl.runtime.loading import load_cell

CONFIG = Path("configs/coater.yaml")
WHOLE = Path("configs/coater-full.yaml")
FILM, DRY_CAMERA = "film", "dry_camera"
"""Names in the whole coater's cell."""
DEFECT = "coat_edge_spur"
NORMAL_PER_M = 0.02
"""λ0 of the studies, per side: the rate that the reference values of this project's tables were computed for."""


def load_study_cell(config: Path = CONFIG, normal_per_m: float = NORMAL_PER_M) -> ResolvedCell:
    """The shipped cell with another in-control rate."""
    cell = load_cell(config, simulated=True)
    loops = tuple(_with_normal(loop, normal_per_m) if loop.watch.defect == DEFECT else loop for loop in cell.loops)
    return msgspec.structs.replace(cell, loops=loops)


def before_the_oven(cell: ResolvedCell) -> ResolvedCell:
    """The whole coater's cell without what looks or acts behind the blade's camera, but for the film gauge.

    The oven's loops need minutes for each metre of evidence, and would make the study several times as long.
    """
    loops = tuple(loop for loop in cell.loops if loop.watch.camera != DRY_CAMERA)
    regulators = tuple(regulator for regulator in cell.regulators if regulator.name == FILM)
    acting = {loop.name for loop in loops} | {regulator.name for regulator in regulators}
    rules = {name: tags for name, tags in cell.guard.loops.items() if name in acting}
    return msgspec.structs.replace(
        cell,
        devices=tuple(device for device in cell.devices if device.name != DRY_CAMERA),
        plugins=tuple(plugin for plugin in cell.plugins if DRY_CAMERA not in plugin.sources),
        loops=loops,
        regulators=regulators,
        guard=msgspec.structs.replace(cell.guard, loops=rules),
    )


def one_edge(cell: ResolvedCell, *, protect: bool) -> ResolvedCell:
    """The cell with nothing but the left edge's loop on `auto`.

    Protected values are left out: a line of events has no film gauge. Protected classes stay when `protect`.
    """
    loop = next(loop for loop in cell.loops if loop.watch.defect == DEFECT and loop.side is Side.LEFT)
    loop = msgspec.structs.replace(
        loop,
        authority="auto",
        protect=loop.protect if protect else (),
        protect_values=(),
    )
    return msgspec.structs.replace(cell, loops=(loop,), regulators=())


def true_normal(cell: ResolvedCell) -> float:
    """λ0 of the first loop's class as it truly is: a loop watches for the share that counts."""
    watch = cell.loops[0].watch
    return watch.normal / watch.counted


def counting(cell: ResolvedCell, share: float) -> ResolvedCell:
    """The cell told that only this share of the true objects counts."""
    loops = []
    for loop in cell.loops:
        watch, change = loop.watch, share / loop.watch.counted
        told = msgspec.structs.replace(watch, normal=watch.normal * change, alarm=watch.alarm * change, counted=share)
        loops.append(msgspec.structs.replace(loop, watch=told))
    return msgspec.structs.replace(cell, loops=tuple(loops))


def without_loops(cell: ResolvedCell) -> ResolvedCell:
    """The cell that corrects nothing; its regulators go on."""
    return msgspec.structs.replace(
        cell, loops=tuple(msgspec.structs.replace(loop, authority="off") for loop in cell.loops)
    )


def without_release(cell: ResolvedCell) -> ResolvedCell:
    """The cell whose effective corrections stay."""
    loops = tuple(
        msgspec.structs.replace(loop, release=msgspec.structs.replace(loop.release, enabled=False))
        for loop in cell.loops
    )
    return msgspec.structs.replace(cell, loops=loops)


def _with_normal(loop: Loop, normal_per_m: float) -> Loop:
    """The loop with another true rate in control, of which it counts its share."""
    return msgspec.structs.replace(
        loop, watch=msgspec.structs.replace(loop.watch, normal=normal_per_m * loop.watch.counted)
    )
