"""Prepares a resolved cell for the findings that need thought: who hears whom, who reports what, what must be kept."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from cellctl.config import CellConfig, Document, ResolvedCell, read_yaml, validate
from cellctl.config.findings import Findings, Scene, Storage, Surroundings, Worker, look_over
from cellctl.config.resolved import Device, Loop, PluginEntry
from cellctl.config.sections.stage_times import StageTimes, StageTimesSection, resolve_times
from cellctl.errors import ConfigError
from cellctl.quality.retention import keep_bytes
from cellctl.runtime.geometry import known_geometry, raw_streams, stated_rate_hz
from cellctl.runtime.topology import BUS_INPUTS, FACES, OUTPUTS, SUPERVISOR, SUPERVISOR_OUTPUTS, Role, Topology, role_of
from cellctl.sdk.registry import find_plugin

if TYPE_CHECKING:
    from cellctl.loop.diagnose.arbitration import Arbitration

TOLD = frozenset(message.__name__ for message in SUPERVISOR_OUTPUTS.values())
"""What the supervisor tells every plugin that listens: it has no neighbour for that."""


def find_out(
    document: Document,
    config: CellConfig,
    cell: ResolvedCell,
    topology: Topology,
    *,
    around: Surroundings,
    own: Collection[str],
) -> Findings:
    """Look once over a resolved cell; `own` are the plugins that every cell has. Raises ConfigError CELL-1134."""
    scene = Scene(
        document=document,
        config=config,
        cell=cell,
        plugins={it.name: _plugin(it, cell, topology, own) for it in cell.plugins},
        devices={it.name: _device(it) for it in cell.devices},
        around=around,
        conflict=_conflicts(cell),
        times=_times(document, config),
        storage=_storage(cell),
        found=[],
        notes=[],
    )
    return look_over(scene)


def _conflicts(cell: ResolvedCell) -> Callable[[Loop, Loop], str]:
    """Why one loop may not act beside another, as the running loops decide it."""

    @cache
    def arbitration() -> Arbitration:
        # The loops take a tenth of a second to load, and only loops of equal priority are held against each other.
        from cellctl.loop.diagnose import arbitration as loaded  # noqa: PLC0415  # see above

        return loaded.Arbitration(cell)

    return lambda asking, acting: arbitration().conflict(asking, acting)


def _plugin(entry: PluginEntry, cell: ResolvedCell, topology: Topology, own: Collection[str]) -> Worker:
    kind = find_plugin(entry.use)
    settings = kind.Settings.model_validate(entry.settings)
    return Worker(
        name=entry.name,
        use=entry.use,
        takes=frozenset(port.message.__name__ for port in kind.inputs().values()) - TOLD,
        gives=frozenset(port.message.__name__ for port in kind.outputs().values()),
        hears=frozenset(it.source for it in topology.links if it.target == entry.name and it.source != SUPERVISOR),
        heard_by=frozenset(it.target for it in topology.links if it.source == entry.name and it.target not in FACES),
        reports=kind.reports(settings, cell),
        keeps_every=int(entry.settings.get("keep_every") or 0),
        is_own=entry.use in own,
    )


def _device(device: Device) -> Worker:
    role, geometry = role_of(device.driver), known_geometry(device)
    takes = BUS_INPUTS.values() if role is Role.BUS else ()
    return Worker(
        name=device.name,
        use=device.driver,
        takes=frozenset(it.__name__ for it in takes),
        gives=frozenset(it.__name__ for it in OUTPUTS[role].values()),
        rate_hz=stated_rate_hz(device.settings),
        is_waveform=role is Role.WAVEFORM,
        frame_m=geometry.rows * geometry.row_mm / 1000 if geometry is not None else 0.0,
    )


def _storage(cell: ResolvedCell) -> Storage | None:
    return Storage(*keep_bytes(cell, raw_streams(cell))) if cell.contract is not None else None


def _times(document: Document, config: CellConfig) -> StageTimes | None:
    """The file of measured stage times, when the cell names one."""
    name = config.cell.stage_times
    if name is None:
        return None
    path = Path(document.file).parent / name
    if not path.is_file():
        raise ConfigError("CELL-1134", "cell.stage_times: no file {file}",
                          where=document.where(("cell", "stage_times")),
                          do="make it with `cellctl times RUN --out {file}`, or remove the key", file=path)  # fmt: skip
    return resolve_times(validate(read_yaml(path), StageTimesSection), str(path))
