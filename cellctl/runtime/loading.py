"""From a YAML file to a resolved cell: drivers and plugins check their own parts, then everything is resolved.

Each stage goes on with what is sound, so that one reading shows every mistake of the cell; what only follows from a
mistake of an earlier stage is not reported.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from cellctl.config import WORLD, CellConfig, Document, ResolvedCell, read_text, with_stand_ins, with_values
from cellctl.config.checking.mistakes import Mistakes
from cellctl.config.checking.validation import check
from cellctl.config.findings import Findings, Surroundings
from cellctl.config.resolved import PluginEntry
from cellctl.config.resolving.contract import resolve_contract, resolve_waivers
from cellctl.config.resolving.recipes import resolve_cell
from cellctl.config.source.document import Loc, scan_yaml
from cellctl.config.source.nearest import listed, nearest
from cellctl.errors import ConfigError, ConfigErrors
from cellctl.runtime.bus_check import BusCheck
from cellctl.runtime.findings import find_out
from cellctl.runtime.line_check import check_lines
from cellctl.runtime.parts import IMPLICIT, SHIPPED, Parts
from cellctl.runtime.surroundings import here
from cellctl.runtime.topology import SUPERVISOR, build
from cellctl.sdk.registry import find_plugin, find_world
from cellctl.sdk.world import World

__all__ = ["IMPLICIT", "SHIPPED", "Checked", "has_world", "load_cell", "load_checked", "make_world"]

VERSION = 2
"""Of the cell file; `cellctl migrate` brings older ones up to it."""
INSTEAD = {"version": VERSION, "cell": {"id": "unnamed"}, "devices": {}}
"""What stands in for sections that a cell must have, so that the others can be looked at."""
WITHOUT = frozenset({"CELL-1100", "CELL-1108", "CELL-1110", "CELL-1121", "CELL-1135", "CELL-1141", "CELL-1142",
                     "CELL-1143", "CELL-1144", "CELL-1145"})  # fmt: skip
"""Findings that something is missing: with a part of the cell left out, they may only say that it was left out."""


class Checked(NamedTuple):
    """A resolved cell, and what the check let pass or remarks."""

    cell: ResolvedCell
    findings: Findings


def load_cell(
    path: Path,
    *,
    simulated: bool = False,
    endpoints: dict[str, dict[str, Any]] | None = None,
    lockstep: bool = False,
    seed: int | None = None,
    world: dict[str, Any] | None = None,
    around: Surroundings | None = None,
    data: Path | None = None,
) -> ResolvedCell:
    """Read, check and resolve a cell; see `load_checked`."""
    return load_checked(
        path,
        simulated=simulated,
        endpoints=endpoints,
        lockstep=lockstep,
        seed=seed,
        world=world,
        around=around,
        data=data,
    ).cell


def load_checked(
    path: Path,
    *,
    simulated: bool = False,
    endpoints: dict[str, dict[str, Any]] | None = None,
    lockstep: bool = False,
    seed: int | None = None,
    world: dict[str, Any] | None = None,
    around: Surroundings | None = None,
    data: Path | None = None,
) -> Checked:
    """Read, check and resolve a cell, and tell what was let pass.

    Args:
        path: the YAML file; other files it names are relative to it.
        simulated: let the section `simulate:` stand in for devices.
        endpoints: device → keys that a simulator on free ports has chosen.
        lockstep: resolve `simulate: {world: …}` too, which stands in for all devices in virtual time.
        seed: of the cell and of its world, instead of the file's.
        world: keys of the world instead of the file's.
        around: day, disk and name of the machine to check for; of this one without it.
        data: folder that paths of devices written `data:NAME` are below.

    Raises ConfigErrors with every mistake of the cell, in the order of the files.
    """
    document, errors = scan_yaml(read_text(path), str(path))
    check_version(document)
    mistakes = Mistakes(document, errors)
    if simulated or lockstep:
        mistakes.document, errors = with_stand_ins(document, endpoints)
        mistakes.take(errors)
    changes = _overrides(mistakes.document, lockstep=lockstep, seed=seed, world=world or {})
    mistakes.document = with_values(mistakes.document, changes)
    if mistakes.is_lost(()):
        mistakes.raise_any()
    checked = check(mistakes.document, CellConfig, instead=INSTEAD)
    mistakes.document = checked.document
    mistakes.take(checked.errors)
    if checked.model is None:
        mistakes.raise_any()
        raise AssertionError("a cell without mistakes is a cell")
    parts = Parts(path.parent, checked.model, mistakes, data)
    return _Stages(checked.model, parts, mistakes, around or here()).run(lockstep=lockstep)


def check_version(document: Document) -> None:
    """ConfigError CELL-1006 for a file of an older or newer version: everything else in it would be misread."""
    found = document.data.get("version") if isinstance(document.data, dict) else None
    if isinstance(found, int) and not isinstance(found, bool) and found != VERSION:
        remedy = "run `cellctl migrate {file}`" if found < VERSION else "install a newer cellctl"
        raise ConfigError("CELL-1006", "version: expected {expected}, got {found}", where=document.where(("version",)),
                          do=remedy, expected=VERSION, found=found, file=document.file)  # fmt: skip


def has_world(path: Path) -> bool:
    """Whether the file says what stands in for all devices in virtual time."""
    return _has_world(scan_yaml(read_text(path), str(path))[0])


def _has_world(document: Document) -> bool:
    stand_ins = document.data.get("simulate") if isinstance(document.data, dict) else None
    return isinstance(stand_ins, dict) and WORLD in stand_ins


def make_world(cell: ResolvedCell) -> World:
    """The world of a cell that was loaded for virtual time; ConfigError CELL-1080 when it has none."""
    if cell.world is None:
        raise ConfigError("CELL-1080", "nothing stands in for the devices in virtual time", do="hand a world over")
    kind = find_world(cell.world.use)
    return kind(kind.Settings.model_validate(cell.world.settings), cell)


def try_world(path: Path, cell: ResolvedCell) -> None:
    """Make the world once; ConfigErrors with the place in the cell's file for what it cannot use."""
    try:
        make_world(cell)
    except ConfigErrors:
        raise
    except ConfigError as error:
        mistakes = Mistakes(scan_yaml(read_text(path), str(path))[0])
        mistakes.place(error, _place_of(error, ("simulate", WORLD), cell.world.settings if cell.world else {}))
        mistakes.raise_any()


def _place_of(error: ConfigError, loc: Loc, settings: dict[str, Any]) -> Loc:
    """The setting whose value the error shows; `loc`, which they all are in, when there is none."""
    said = {str(value) for value in error.what_text.values.values()}
    return next(((*loc, key) for key, value in settings.items() if isinstance(value, str) and value in said), loc)


def _overrides(document: Document, *, lockstep: bool, seed: int | None, world: dict[str, Any]) -> dict[Loc, Any]:
    """What options change; a world that the file does not have gets none, so that its absence is what is reported."""
    has_one = _has_world(document)
    changes: dict[Loc, Any] = {("simulate", WORLD, key): value for key, value in world.items() if has_one}
    if seed is not None:
        changes["cell", "seed"] = seed
        if lockstep and has_one:
            changes["simulate", WORLD, "seed"] = seed
    return changes


class _Stages(NamedTuple):
    """What follows when the sections are read: parts, resolved values, wiring, registers, what cannot be meant."""

    config: CellConfig
    parts: Parts
    mistakes: Mistakes
    around: Surroundings

    def run(self, *, lockstep: bool) -> Checked:
        parts, mistakes = self.parts, self.mistakes
        parts.check_names()
        devices, plugins, models = parts.devices(), parts.plugins(), parts.models()
        world = parts.world() if lockstep else None
        present = frozenset({SUPERVISOR, *(it.name for it in devices), *(it.name for it in plugins)})
        plugins = tuple(self._wired(plugin, present) for plugin in plugins)
        cell, errors = resolve_cell(mistakes.document, self.config, parts.tags, devices=devices, plugins=plugins,
                                    models=models)  # fmt: skip
        mistakes.take(errors)
        contract, waivers = resolve_contract(self.config.contract), resolve_waivers(self.config.waivers)
        cell = msgspec.structs.replace(cell, world=world, contract=contract, waivers=waivers,
                                       tables=parts.tables)  # fmt: skip
        cell = msgspec.structs.replace(cell, scada=parts.scada(cell))
        for name, bus in parts.buses.items():
            BusCheck(name, bus, cell, mistakes).check()
        check_lines(parts.buses, mistakes)
        self._ask_plugins(cell)
        findings = self._findings(cell)
        mistakes.raise_any()
        return Checked(cell, findings)

    def _wired(self, plugin: PluginEntry, present: frozenset[str]) -> PluginEntry:
        """The plugin with those of its sources that are sound; those that do not exist are reported."""
        workers = {*self.config.devices, *self.parts.plugin_names(), SUPERVISOR}
        for index, source in enumerate(plugin.sources):
            known = source in workers or any(self.mistakes.is_lost((part, source)) for part in ("devices", "plugins"))
            if not known:
                listing: Loc = ("plugins", plugin.name, "from")
                loc = (*listing, index) if (*listing, index) in self.mistakes.document.values else listing
                self.mistakes.add("CELL-1026", loc, "nothing is named {source!r}", "use one of: {known}",
                                  near=nearest(source, workers), source=source,
                                  known=listed(workers - {plugin.name}))  # fmt: skip
        sources = tuple(it for it in plugin.sources if it in present)
        return plugin if sources == plugin.sources else msgspec.structs.replace(plugin, sources=sources)

    def _ask_plugins(self, cell: ResolvedCell) -> None:
        """Plugins look at the cell themselves; at what is left of one only if it has all that they may ask for."""
        if self._inspectors_are_blind():
            return
        for plugin in cell.plugins:
            kind = find_plugin(plugin.use)
            try:
                kind.check(kind.Settings.model_validate(plugin.settings), cell)
            except ConfigErrors as errors:
                self.mistakes.take(errors)
            except ConfigError as error:
                self.mistakes.place(error, ("plugins", plugin.name))

    def _inspectors_are_blind(self) -> bool:
        """Whether recipe, classes or plugins are left out or unknown, so that nobody can say what is reported."""
        config, lost = self.config, self.mistakes.document.lost
        chosen = config.product in config.recipes and (config.cell.recipe is not None or len(config.recipes) == 1)
        unknown = not chosen and bool(config.recipes or config.cell.recipe)
        return unknown or any(loc[0] in {"recipes", "defects", "plugins"} for loc in lost if loc)

    def _findings(self, cell: ResolvedCell) -> Findings:
        """What cannot be meant; of a cell with parts left out only what does not come from that."""
        document, own = self.mistakes.document, frozenset(IMPLICIT.values())
        lost = document.lost
        if self._inspectors_are_blind():
            return Findings((), (), ())  # inspectors cannot say what they report
        topology = build(cell, Path(), Path())
        try:
            findings = find_out(document, self.config, cell, topology, around=self.around, own=own)
        except ConfigErrors as errors:
            self.mistakes.take(errors)
            return Findings((), (), ())
        except ConfigError as error:
            self.mistakes.place(error, ("cell",))
            return Findings((), (), ())
        if not self.mistakes:
            self.mistakes.take(findings.errors)
            return findings
        touched = {loc[:2] for loc in lost}
        self.mistakes.take(error for error in findings.errors
                           if error.code not in WITHOUT and _entry(error) not in touched)  # fmt: skip
        return findings


def _entry(error: ConfigError) -> tuple[str, ...]:
    """`("loops", "edge_spur")` of a finding about one of its values."""
    return tuple(str(error.what_text.values.get("path", "")).split(".")[:2])
