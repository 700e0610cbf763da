"""From the sections of the YAML file to the resolved cell: absolute values, expanded sides, checked names."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping

import msgspec

from cellctl.config.resolved import (
    Characteristic,
    Defect,
    Device,
    Escalate,
    GuardRules,
    Influence,
    Loop,
    NonconformityRule,
    PluginEntry,
    ProtectedValue,
    Recipe,
    Release,
    ResolvedCell,
    Setpoint,
    Verify,
    Watch,
    Web,
)
from cellctl.config.resolved.regulator import Regulator
from cellctl.config.resolving.plausible import Plausibility
from cellctl.config.resolving.regulators import RegulatorResolver, Tools
from cellctl.config.resolving.setpoints import SetpointResolver
from cellctl.config.resolving.sides import expand, on_side, sides_of
from cellctl.config.sections.cell import (
    AdviseSection,
    InfluenceSection,
    LoopSection,
    ProtectSection,
    WatchSection,
)
from cellctl.config.source.document import Loc
from cellctl.config.source.nearest import nearest
from cellctl.errors import text
from cellctl.model.web import Side

MAY_WRITE = frozenset({"confirm", "auto"})
"""Authorities of a loop whose proposals the guard takes."""


NO_RELEASE = Release(False, 300.0, 150.0, 2400.0)
NO_SETPOINT = Setpoint("", "dimensionless", 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
"""Stands in for the set-point of a loop that moves nothing."""


class Resolver(SetpointResolver):
    """Resolves one document; collects every mistake before it reports."""

    def resolve(
        self, devices: tuple[Device, ...], plugins: tuple[PluginEntry, ...], model_path: str, model_hash: str
    ) -> ResolvedCell:
        """Build the resolved cell as far as it is sound; every mistake found is in `errors`."""
        config = self.config
        self._check_recipes()
        setpoints = self._setpoints()
        characteristics = self._characteristics()
        regulators = self._regulators(setpoints, characteristics)
        cell = ResolvedCell(
            id=config.cell.id, path=config.cell.path, mode=config.cell.mode, lot=config.cell.lot,
            seed=config.cell.seed, web=self._web(),
            recipe=Recipe(config.product, config.recipe.web_speed or 0.0, model_path, model_hash),
            devices=devices, plugins=plugins, defects=self._defects(),
            loops=self._loops({it.tag: it for it in setpoints}, {it.name: it for it in characteristics}),
            advising=self._advising(),
            characteristics=characteristics,
            guard=GuardRules(
                setpoints=setpoints, proposal_age_s=config.guard.proposal_age,
                evidence_age_s=config.guard.evidence_age, input_age_s=config.guard.input_age,
                state_age_s=config.guard.state_age, trip=config.guard.trip.count,
                trip_within_s=config.guard.trip.window_s,
                loops={
                    name: tuple(on_side(loop.adjust.tag, side) for side in sides_of(loop.adjust.tag))
                    for name, loop in config.loops.items() if loop.authority in MAY_WRITE
                } | {it.name: tuple(put.tag for put in it.inputs) for it in regulators if it.authority == "auto"},
            ),
            regulators=regulators,
        )  # fmt: skip
        Plausibility(config, cell, self.tags, self._fail_once, expand, self._is_broken, self._nearest_tag,
                     self._owners).check()  # fmt: skip
        return cell

    def _check_recipes(self) -> None:
        """The recipe that the cell starts with is one of those listed, and what acts on a web knows where it is."""
        recipes, chosen, web = self.config.recipes, self.config.cell.recipe, self.config.web
        if chosen is not None and chosen not in recipes and not self.document.is_lost(("recipes", chosen)):
            self._fail("CELL-1020", ("cell", "recipe"), "expected a recipe listed under recipes, got {chosen!r}",
                       "correct it, or add `{chosen}:` under recipes", nearest=nearest(chosen, recipes),
                       chosen=chosen)  # fmt: skip
        elif chosen is None and len(recipes) > 1 and not self.document.is_lost(("cell", "recipe")):
            self._fail("CELL-1011", ("cell",), "recipe: which of {known} does the cell start with?",
                       "add `recipe:` here", key=True, known=", ".join(recipes))  # fmt: skip
        if not (self.config.loops or self.config.regulators):
            return
        for key, tag in (("encoder", web.encoder), ("speed", web.speed)):
            if tag is None and self.config.guard.envelope and not self.document.is_lost(("web", key)):
                self._fail("CELL-1011", ("web",), "{name}: a cell that moves set-points must know how the web moves",
                           "add `{name}: <device>.<tag>` here", key=True, name=key)  # fmt: skip

    def _web(self) -> Web:
        web = self.config.web
        for name, tag in (("encoder", web.encoder), ("speed", web.speed), ("splice", web.splice)):
            if tag is not None:
                self._tag(tag, ("web", name))
        return Web(web.encoder or "", web.speed or "", web.splice or "", dict(web.stations))

    def _characteristics(self) -> tuple[Characteristic, ...]:
        found = []
        for name, section in self.config.characteristics.items():
            loc: Loc = ("characteristics", name)
            info = self._tag(section.tag, (*loc, "tag"))
            if section.position is not None:
                self._tag(section.position, (*loc, "position"))
            station_m = self._station(section.station, (*loc, "station"))
            if info is None:
                continue
            target = self._in_unit(section.target, info.unit, math.nan, (*loc, "target"))
            tolerance = self._in_unit(section.tolerance, info.unit, target, (*loc, "tolerance"))
            found.append(
                Characteristic(name, section.tag, info.unit, section.position or "", station_m, target, tolerance)
            )
        return tuple(found)

    def _influence(self, entry: float | InfluenceSection, loc: Loc) -> Influence:
        if not isinstance(entry, InfluenceSection):
            return Influence(entry)
        return Influence(entry.per_step, entry.settle, self._station(entry.acts_at, (*loc, "acts_at")))

    def _defects(self) -> tuple[Defect, ...]:
        rows = []
        for name, section in self.config.defects.items():
            influence: dict[str, Influence] = {}
            for pattern, entry in section.influence.items():
                loc: Loc = ("defects", name, "influence", pattern)
                for side in sides_of(pattern):
                    self._tag(on_side(pattern, side), loc, key=True)
                    influence[on_side(pattern, side)] = self._influence(entry, loc)
            filed = section.nonconformity
            rule = NonconformityRule(filed.count, filed.within) if filed else None
            rows.append(Defect(name, section.cause, influence, rule))
        return tuple(rows)

    def _loops(
        self, setpoints: Mapping[str, Setpoint], characteristics: Mapping[str, Characteristic]
    ) -> tuple[Loop, ...]:
        loops: list[Loop] = []
        owners: dict[tuple[str, int], str] = {}
        for name, section in self.config.loops.items():
            self._check_loop(name, section)
            if isinstance(section.adjust, AdviseSection) or not self._moves_a_tag(name, section.adjust.tag):
                continue
            for side in sides_of(section.adjust.tag):
                tag = on_side(section.adjust.tag, side)
                owner = owners.setdefault((tag, section.priority), name)
                if owner != name:
                    self._fail("CELL-1024", ("loops", name, "adjust", "tag"),
                               "loop {owner!r} moves {tag} too, with the same priority",
                               "let one loop own a set-point, or say with `priority:` which goes first", owner=owner,
                               tag=tag)  # fmt: skip
                point = setpoints.get(tag)
                if point is None and (tag in self._written_envelopes or self._doubtful(("guard", "envelope", tag))):
                    continue
                if point is None:
                    self._fail("CELL-1021", ("loops", name, "adjust", "tag"), "{tag} has no envelope",
                               'add `"{pattern}":` under guard.envelope', tag=tag,
                               pattern=section.adjust.tag)  # fmt: skip
                    continue
                loops.append(self._loop(name, side, section, point, characteristics))
        return tuple(loops)

    def _exists(self, pattern: str) -> bool:
        """Whether a table has one of the tags that are meant, sound or not."""
        return any(tag in self.tags or self._is_broken(tag) for tag in expand(pattern))

    def _moves_a_tag(self, name: str, pattern: str) -> bool:
        """Whether the set-point of a loop is one; else that is reported, and nothing of what it has not."""
        if self._exists(pattern):
            return True
        written = [it for it in self.config.guard.envelope if self._exists(it)]
        near = nearest(pattern, written) or self._nearest_tag(pattern)
        self._fail("CELL-1020", ("loops", name, "adjust", "tag"), "expected a tag of a device, got {tag!r}",
                   "name it <device>.<tag> as in the tag table", nearest=near, tag=pattern)  # fmt: skip
        return False

    def _advising(self) -> tuple[Loop, ...]:
        """The loops that move nothing, each for the whole width."""
        found = []
        for name, section in self.config.loops.items():
            if not isinstance(section.adjust, AdviseSection):
                continue
            if section.authority in MAY_WRITE:
                self._fail("CELL-1196", ("loops", name, "authority"),
                           "a loop that advises in words has nothing to move, got {authority}",
                           "write `advisory`, or `shadow` to record without an alarm",
                           authority=section.authority)  # fmt: skip
            for key in sorted({"protect", "release", "deadline"} & section.model_fields_set):
                self._fail("CELL-1198", ("loops", name, key),
                           "it is for a loop that moves a set-point, and this one advises in words",
                           "remove it, or write `tag` and `by` under adjust", key=True)  # fmt: skip
            plain = section.model_copy(update={"protect": ProtectSection()})
            loop = self._loop(name, Side.NONE, plain, NO_SETPOINT, {})
            found.append(msgspec.structs.replace(loop, unit="", advise=section.adjust.advise, release=NO_RELEASE))
        return tuple(found)

    @functools.cached_property
    def _written_envelopes(self) -> frozenset[str]:
        """Every set-point that has an envelope in the file, sound or not."""
        written = (loc[2] for loc in self.document.values if len(loc) == 3 and loc[:2] == ("guard", "envelope"))
        return frozenset(tag for pattern in written for tag in expand(str(pattern)))

    def _regulators(
        self, setpoints: tuple[Setpoint, ...], characteristics: tuple[Characteristic, ...]
    ) -> tuple[Regulator, ...]:
        def unit(tag: str, loc: Loc) -> str | None:
            info = self._tag(tag, loc)
            return info.unit if info is not None else None

        resolver = RegulatorResolver(
            Tools(self._fail, unit, self._in_unit, self._station, self._doubtful, self._names),
            {it.tag: it for it in setpoints},
            {it.name: it for it in characteristics},
            {on_side(loop.adjust.tag, side): name for name, loop in self.config.loops.items() if loop.adjust.tag
             for side in sides_of(loop.adjust.tag)},
            frozenset(self.config.loops),
            self.config.recipe.web_speed or 0.0,
        )  # fmt: skip
        found = [resolver.resolve(name, section) for name, section in self.config.regulators.items()]
        return tuple(it for it in found if it is not None)

    def _check_loop(self, name: str, section: LoopSection) -> None:
        row = self.config.defects.get(section.watch.defect)
        if row is None and self.document.is_lost(("defects", section.watch.defect)):
            pass
        elif row is None:
            self._fail("CELL-1020", ("loops", name, "watch", "defect"),
                       "expected a class listed under defects, got {defect!r}",
                       "correct it, or add `{defect}:` under defects with its cause",
                       nearest=nearest(section.watch.defect, self.config.defects),
                       defect=section.watch.defect)  # fmt: skip
        elif (
            section.adjust.tag
            and self._exists(section.adjust.tag)
            and not _helps(row.influence.get(section.adjust.tag))
            and not self.document.is_lost(("defects", section.watch.defect, "influence", section.adjust.tag))
        ):
            self._fail("CELL-1025", ("loops", name, "adjust", "tag"), "{tag} has no influence on {defect}",
                       "add it to defects.{defect}.influence, or move another set-point", tag=section.adjust.tag,
                       defect=section.watch.defect)  # fmt: skip
        camera = section.watch.camera
        if camera is not None and camera not in self.config.devices and not self.document.is_lost(("devices", camera)):
            self._fail("CELL-1020", ("loops", name, "watch", "camera"), "expected a device, got {camera!r}",
                       "name a camera listed under devices", nearest=nearest(camera, self.config.devices),
                       camera=camera)  # fmt: skip
        for index, protected in enumerate(section.protect.classes):
            if protected not in self.config.defects and not self.document.is_lost(("defects", protected)):
                self._fail("CELL-1020", ("loops", name, "protect", "classes", index),
                           "expected a class listed under defects, got {defect!r}",
                           "correct it, or add `{defect}:` under defects with its cause",
                           nearest=nearest(protected, self.config.defects), defect=protected)  # fmt: skip

    def _protected(
        self, name: str, section: LoopSection, characteristics: Mapping[str, Characteristic]
    ) -> tuple[ProtectedValue, ...]:
        found = []
        for key, allowed in section.protect.characteristics.items():
            loc: Loc = ("loops", name, "protect", key)
            known = characteristics.get(key)
            if known is None and self._doubtful(("characteristics", key)):
                continue
            if known is not None and math.isnan(known.target):
                continue  # its target could not be read, and no share of it either
            if known is None:
                names = ", ".join(self._names("characteristics")) or text("none")
                self._fail("CELL-1020", loc, "expected a characteristic (there is: {known}) or `classes`, got {name!r}",
                           "correct it, or add `{name}:` under characteristics", key=True,
                           nearest=nearest(key, self._names("characteristics")), known=names, name=key)  # fmt: skip
                continue
            found.append(ProtectedValue(key, self._in_unit(allowed, known.unit, known.target, loc)))
        return tuple(found)

    def _loop(
        self,
        name: str,
        side: Side,
        section: LoopSection,
        point: Setpoint,
        characteristics: Mapping[str, Characteristic],
    ) -> Loop:
        step = self._in_unit(section.adjust.by, point.unit, point.recipe, ("loops", name, "adjust", "by"))
        if step > point.per_event * (1 + 1e-9):
            self._fail("CELL-1023", ("loops", name, "adjust", "by"),
                       "one step of {step:g} {unit} is more than per_event {per_event:g} {unit}",
                       "the guard would refuse every move: make the step smaller", step=step, unit=point.unit,
                       per_event=point.per_event)  # fmt: skip
        verify = section.verify
        test = (
            Verify(False, 0.24, 0.05, 3.0, 0.0, 0.02) if verify == "off"
            else Verify(True, verify.expect, verify.risk, verify.truncate, verify.settle, verify.speed_tolerance)
        )  # fmt: skip
        return Loop(
            name=name, side=side, authority=section.authority,
            watch=Watch(section.watch.defect, *_counted_rates(section.watch),
                        section.watch.evidence, section.watch.camera or "",
                        persists_m=section.watch.persists or 0.0, counted=section.watch.counted),
            tag=point.tag, unit=point.unit, step=step, tries=section.adjust.up_to,
            protect=section.protect.classes, verify=test,
            escalate=Escalate(
                section.escalate.confidence, section.escalate.consecutive, section.escalate.within,
                section.escalate.unsure,
            ),
            deadline_s=section.deadline, priority=section.priority, law=section.adjust.law,
            protect_values=self._protected(name, section, characteristics), release=_release(section),
        )  # fmt: skip


def _helps(entry: float | InfluenceSection | None) -> bool:
    return bool(entry.per_step if isinstance(entry, InfluenceSection) else entry)


def _counted_rates(watch: WatchSection) -> tuple[float, float]:
    """Normal and alarm rate of the objects that count: a loop never sees the true ones."""
    return (watch.normal or 0.0) * watch.counted, (watch.alarm or 0.0) * watch.counted


def _release(section: LoopSection) -> Release:
    """Without a verdict there is nothing to release, and a pulse has ended by itself."""
    release = section.release
    if release == "off" or section.verify == "off" or section.adjust.law == "pulse":
        return NO_RELEASE
    return Release(True, release.after, release.watch, release.longest)
