"""What the sections of a cell say is possible, but cannot be meant: found before the cell runs, each with its place."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple, Protocol

from cellctl.config.resolved import Loop, ResolvedCell, Setpoint
from cellctl.config.resolved.regulator import Regulator
from cellctl.config.sections.cell import CellConfig, LoopSection
from cellctl.config.source.document import Loc
from cellctl.errors import text
from cellctl.units import Quantity

ROUNDING = 1e-9
"""Relative, for products of decimal fractions."""


class HasUnit(Protocol):
    """What is asked of a tag here."""

    @property
    def unit(self) -> str:
        """Its engineering unit."""
        ...


class Plausibility(NamedTuple):
    """Looks once over a resolved cell.

    Attributes:
        config: the sections as written.
        cell: what they were resolved to.
        tags: every tag of every device.
        fail: takes code, place, what, do; with `key=True` the place is the key's.
        expand: a tag as written → the tags that it stands for.
        is_broken: whether a tag is in a table, but not sound.
        nearest: a tag that does not exist → the one that is probably meant.
        owners: devices that have tags: no cameras.
    """

    config: CellConfig
    cell: ResolvedCell
    tags: Mapping[str, HasUnit]
    fail: Callable[..., None]
    expand: Callable[[str], Collection[str]]
    is_broken: Callable[[str], bool]
    nearest: Callable[[str], str]
    owners: frozenset[str]

    def check(self) -> None:
        """Report everything that cannot be meant."""
        self._travel()
        self._recipe()
        self._once(("guard", "envelope"), self.config.guard.envelope)
        for name, section in self.config.defects.items():
            self._once(("defects", name, "influence"), section.influence)
        self._characteristics()
        self._slews()
        setpoints = {point.tag: point for point in self.cell.guard.setpoints}
        for loop in self.cell.loops:
            self._loop(loop, self.config.loops[loop.name], setpoints[loop.tag])
        holders: dict[str, str] = {}
        for regulator in self.cell.regulators:
            self._regulator(regulator, holders.setdefault(regulator.hold, regulator.name))

    def _travel(self) -> None:
        """Where the web is and how fast it moves must be lengths and speeds."""
        web = self.config.web
        named = (("encoder", web.encoder, "mm"), ("speed", web.speed, "mm/s"))
        wanted: list[tuple[Loc, str, str]] = [(("web", key), tag, unit) for key, tag, unit in named if tag is not None]
        for name, section in self.config.characteristics.items():
            if section.position is not None:
                wanted.append((("characteristics", name, "position"), section.position, "mm"))
        for loc, tag, unit in wanted:
            if tag in self.tags and not _converts(self.tags[tag].unit, unit):
                self.fail("CELL-1012", loc, "{tag} is in {shown_in}, which is no {unit}",
                          "name the tag that shows it, or correct its unit in the tag table", tag=tag,
                          shown_in=self.tags[tag].unit or text("no unit"), unit=unit)  # fmt: skip

    def _recipe(self) -> None:
        """A recipe value of a tag that does not exist is a misspelt one of a tag that does."""
        for pattern in self.config.recipe.setpoints:
            tags = self.expand(pattern)
            if any(tag not in self.tags for tag in tags) and not any(map(self.is_broken, tags)):
                loc = ("recipes", self.config.product, "setpoints", pattern)
                self.fail("CELL-1020", loc, "expected a tag of a device, got {pattern!r}",
                          "name it <device>.<tag> as in the tag table", key=True,
                          nearest=self.nearest(pattern), pattern=pattern)  # fmt: skip

    def _once(self, loc: Loc, written: Collection[str]) -> None:
        """A tag that is listed with `{side}` and by its own name would have two meanings."""
        first: dict[str, str] = {}
        for pattern in written:
            for tag in self.expand(pattern):
                before = first.setdefault(tag, pattern)
                if before != pattern:
                    self.fail("CELL-1024", (*loc, pattern), "{before!r} names {tag} already", "list each tag once",
                              key=True, before=before, tag=tag)  # fmt: skip

    def _slews(self) -> None:
        """The guard moves in steps of the wire and looks at one second: a slower set-point could never be moved."""
        points = {point.tag: point for point in self.cell.guard.setpoints}
        for pattern in self.config.guard.envelope:
            point = points.get(next(iter(self.expand(pattern))))
            if point is not None and point.slew_per_s < point.resolution * (1.0 - 1e-6):
                self.fail("CELL-1023", ("guard", "envelope", pattern, "slew"),
                          "{slew_per_s:g} {unit}/s is less than one step of the wire, {resolution:g} {unit}, a second",
                          "the guard would refuse every move: allow at least that", slew_per_s=point.slew_per_s,
                          unit=point.unit, resolution=point.resolution)  # fmt: skip

    def _characteristics(self) -> None:
        for it in self.cell.characteristics:
            if it.tolerance <= 0.0:
                self._above_zero(("characteristics", it.name, "tolerance"))

    def _loop(self, loop: Loop, section: LoopSection, point: Setpoint) -> None:
        loc = ("loops", loop.name)
        self._step(loop, section.adjust.tag, point)
        for rule in loop.protect_values:
            if rule.change <= 0.0:
                self._above_zero((*loc, "protect", rule.characteristic))
        if loop.release.enabled and loop.release.longest_m < loop.release.after_m:
            self.fail("CELL-1012", (*loc, "release", "longest"), "{longest_m:g} m is less than `after`, {after_m:g} m",
                      "`after` grows up to it: make it at least as long", longest_m=loop.release.longest_m,
                      after_m=loop.release.after_m)  # fmt: skip
        self._order(loop)
        if loop.watch.camera in self.owners:
            self.fail("CELL-1020", (*loc, "watch", "camera"), "{camera!r} is no camera",
                      "name the one that sees this class", camera=loop.watch.camera)  # fmt: skip

    def _order(self, loop: Loop) -> None:
        """Camera and gauges see only material that the actuator has reached: they stand behind it, or tell nothing."""
        row = self.cell.defect(loop.watch.defect)
        entry = row.influence.get(loop.tag) if row is not None else None
        acts_m = entry.acts_at_m if entry is not None else 0.0
        seen_m = self.cell.web.stations
        owners = self.owners
        cameras = [loop.watch.camera] if loop.watch.camera else [it.name for it in self.cell.devices]
        known = {name: seen_m[name] for name in cameras if name not in owners and seen_m.get(name, -1.0) >= 0.0}
        before = [name for name, metres in known.items() if metres < acts_m]
        if before:
            self.fail("CELL-1020", ("loops", loop.name, "watch"),
                      "{tag} acts {acts_m:g} m behind the blade, and {camera} stands before that",
                      "name the camera that sees the web after it", tag=loop.tag, acts_m=acts_m,
                      camera=before[0])  # fmt: skip
        for rule in loop.protect_values:
            if self.cell.characteristic(rule.characteristic).station_m < acts_m:
                self.fail("CELL-1020", ("loops", loop.name, "protect", rule.characteristic),
                          "{tag} acts {acts_m:g} m behind the blade, and the gauge stands before that",
                          "name its `station`, or protect what is measured after it", tag=loop.tag,
                          acts_m=acts_m)  # fmt: skip

    def _step(self, loop: Loop, pattern: str, point: Setpoint) -> None:
        """A move that the wire cannot carry, or that the guard would refuse from the recipe on, is none."""
        loc, unit = ("loops", loop.name, "adjust", "by"), loop.unit
        if loop.step < point.resolution * (1.0 - ROUNDING):
            self.fail("CELL-1012", loc,
                      "expected at least one step of the wire, {resolution:g} {unit}, got {step:g} {unit}",
                      "the influence says in which direction: state how far", resolution=point.resolution, unit=unit,
                      step=loop.step)  # fmt: skip
            return
        row = self.cell.defect(loop.watch.defect)
        entry = row.influence.get(loop.tag) if row is not None else None
        target = point.recipe - math.copysign(loop.step, entry.per_step) if entry is not None else point.recipe
        if not point.minimum <= point.recipe <= point.maximum:
            return  # said already, or a value that could not be read
        slack = ROUNDING * max(1.0, abs(target))
        if loop.step > point.drift + slack + point.resolution / 2:
            self.fail("CELL-1023", loc, "one step of {step:g} {unit} is more than drift {drift:g} {unit}",
                      "the guard would refuse every move: make the step smaller", step=loop.step, unit=unit,
                      drift=point.drift)  # fmt: skip
        elif not point.minimum - slack <= target <= point.maximum + slack:
            self.fail("CELL-1023", loc,
                      "a step that helps leads from the recipe to {target:g} {unit}, outside {minimum:g} … {maximum:g}",
                      "correct the sign of the influence of {pattern}, the step or the envelope", target=target,
                      unit=unit, minimum=point.minimum, maximum=point.maximum, pattern=pattern)  # fmt: skip

    def _regulator(self, it: Regulator, holder: str) -> None:
        loc = ("regulators", it.name)
        if holder != it.name:
            self.fail("CELL-1024", (*loc, "hold"), "{holder!r} holds {hold} already",
                      "let one regulator hold a characteristic; mpc moves several set-points", holder=holder,
                      hold=it.hold)  # fmt: skip
        if it.dead_band < 0.0:
            self.fail("CELL-1012", (*loc, "adjust", "dead_band"), "expected zero or more", "correct the value")
        if self.config.regulators[it.name].adjust.neighbours is not None and it.neighbours <= 0.0:
            self._above_zero((*loc, "adjust", "neighbours"))

    def _above_zero(self, loc: Loc) -> None:
        self.fail("CELL-1012", loc, "expected a value above zero", "correct the value")


def _converts(unit: str, wanted: str) -> bool:
    try:
        Quantity(1.0, unit).to(wanted)
    except ValueError:
        return False
    return True
