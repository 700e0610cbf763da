"""Resolves the section `regulators:`; every mistake gets its place in the file."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

from cellctl.config.resolved import Characteristic, Setpoint
from cellctl.config.resolved.regulator import FeedForward, Regulator, RegulatorInput, RegulatorLimit
from cellctl.config.sections.regulator import FeedForwardSection, GainSection, LimitSection, RegulatorSection, gain_of
from cellctl.config.source.document import Loc
from cellctl.config.source.nearest import nearest
from cellctl.errors import text
from cellctl.units import Quantity

INTEGRAL = frozenset({"pi", "double_ewma"})
"""Laws that sum up what is left of the deviation; the others decay with the disturbance."""
SLOWEST = 2.0
"""An integral must not chase what changes within this many dead times: it would amplify it (SIMC tuning against the
minimum-variance bound: variance ratio 1.26 at a dead time of 66 s and a disturbance of 60 s)."""


class Tools(NamedTuple):
    """What the resolver of the whole cell lends: its checks, which report mistakes by themselves.

    Attributes:
        fail: code, place, what, do; with `key=True` the place is the key's.
        unit: the unit of a tag; None (and a mistake) when there is no such tag.
        in_unit: quantity, unit, value that shares are of, place → number, NaN after a mistake.
        station: name or None, place → metres from the blade.
        doubtful: whether the file has what a path names, though it is not sound.
        names: what a section of the file lists, sound or not.
    """

    fail: Callable[..., None]
    unit: Callable[..., str | None]
    in_unit: Callable[[Quantity, str, float, Loc], float]
    station: Callable[[str | None, Loc], float]
    doubtful: Callable[[Loc], bool]
    names: Callable[[str], list[str]]


class RegulatorResolver:
    """Resolves regulators one after the other.

    Args:
        tools: of the cell's resolver.
        setpoints: tag → envelope.
        characteristics: name → resolved characteristic.
        owners: set-point → name of the loop that moves it.
        loops: names of the loops.
        speed_m_s: web speed of the recipe.
    """

    def __init__(  # noqa: PLR0917  # everything that regulators are resolved against, named once in the resolver
        self,
        tools: Tools,
        setpoints: Mapping[str, Setpoint],
        characteristics: Mapping[str, Characteristic],
        owners: Mapping[str, str],
        loops: frozenset[str],
        speed_m_s: float,
    ) -> None:
        self._tools = tools
        self._setpoints = setpoints
        self._characteristics = characteristics
        self._owners = dict(owners)
        self._loops = loops
        self._speed_m_s = speed_m_s

    def resolve(self, name: str, section: RegulatorSection) -> Regulator | None:
        """One regulator; None after a mistake that leaves nothing to go on with."""
        loc: Loc = ("regulators", name)
        held = self._characteristics.get(section.hold)
        if name in self._loops:
            self._tools.fail(
                "CELL-1024", loc, "a loop is called {name} already", "give it another name", key=True, name=name
            )
        if held is None and self._tools.doubtful(("characteristics", section.hold)):
            return None
        if held is None:
            self._tools.fail("CELL-1020", (*loc, "hold"), "expected a characteristic (there is: {known}), got {name!r}",
                             "correct it, or add `{name}:` under characteristics", name=section.hold,
                             nearest=nearest(section.hold, self._tools.names("characteristics")),
                             known=", ".join(self._tools.names("characteristics")) or text("none"))  # fmt: skip
            return None
        inputs = self._inputs(name, section, held)
        dead_s = max((self._dead_s(it, held) for it in inputs), default=0.0)
        adjust = section.adjust
        regulator = Regulator(
            name=name, authority=section.authority, hold=held.name, law=adjust.law, inputs=inputs,
            every_s=adjust.every, weight=adjust.weight, trend_weight=adjust.trend_weight,
            disturbance_s=adjust.disturbance, dead_s=dead_s, lasting_s=adjust.lasting or 0.0,
            dead_band=self._tools.in_unit(adjust.dead_band, held.unit, held.target, (*loc, "adjust", "dead_band")),
            feed_forward=tuple(
                forward for index, it in enumerate(section.feed_forward)
                if (forward := self._forward(it, (*loc, "feed_forward", index)))
            ),
            speed_below_m_s=section.freeze.speed_below, older_than_s=section.freeze.older_than,
            report_s=section.report, coupling=adjust.coupling, neighbours=self._neighbours(section, inputs, loc),
            limits=tuple(
                self._limit(it, inputs, (*loc, "adjust", "limits", i)) for i, it in enumerate(adjust.limits)
            ),
        )  # fmt: skip
        self._check_law(regulator, loc)
        return regulator

    def _check_law(self, regulator: Regulator, loc: Loc) -> None:
        integrates = regulator.disturbance_s if regulator.law in INTEGRAL else regulator.lasting_s or math.inf
        if integrates < SLOWEST * regulator.dead_s:
            self._tools.fail(
                "CELL-1028",
                (*loc, "adjust", "law" if regulator.law in INTEGRAL else "lasting"),
                "law and dead time disagree: {law} integrates, and a disturbance of {integrates:g} s is faster "
                "than {slowest:g} x the dead time of {dead_s:.3g} s",
                "use ewma, smith, pulse_and_wait or mpc, or state the slower disturbance that is meant",
                law=regulator.law,
                integrates=integrates,
                slowest=SLOWEST,
                dead_s=regulator.dead_s,
            )

    def _inputs(self, name: str, section: RegulatorSection, held: Characteristic) -> tuple[RegulatorInput, ...]:
        found = []
        for tag, entry in section.adjust.gains.items():
            loc: Loc = ("regulators", name, "adjust", "gains", tag)
            if self._is_free(name, tag, loc):
                found.append(self._input(tag, entry, held, loc))
        return tuple(found)

    def _is_free(self, name: str, tag: str, loc: Loc) -> bool:
        if tag in self._owners:
            self._tools.fail("CELL-1024", loc, "{owner!r} already moves {tag}",
                             "let one loop or regulator own a set-point", key=True, owner=self._owners[tag],
                             tag=tag)  # fmt: skip
        elif tag not in self._setpoints and not self._tools.doubtful(("guard", "envelope", tag)):
            self._tools.fail(
                "CELL-1021", loc, "{tag} has no envelope", 'add `"{tag}":` under guard.envelope', key=True, tag=tag
            )
        self._owners.setdefault(tag, name)
        return tag in self._setpoints

    def _input(self, tag: str, entry: Quantity | GainSection, held: Characteristic, loc: Loc) -> RegulatorInput:
        long = entry if isinstance(entry, GainSection) else None
        unit = self._setpoints[tag].unit
        gain = self._tools.in_unit(gain_of(entry), f"{held.unit}/{unit}", math.nan, loc)
        if gain == 0.0:
            self._tools.fail("CELL-1012", loc, "expected a gain other than zero", "measure it, or leave the tag out")
        if long is None:
            return RegulatorInput(tag, unit, gain)
        acts_at_m = self._tools.station(long.acts_at, (*loc, "acts_at"))
        if acts_at_m > held.station_m:
            self._tools.fail("CELL-1020", (*loc, "acts_at"), "{tag} acts behind the gauge of {name}",
                             "name a station before the gauge", tag=tag, name=held.name)  # fmt: skip
        return RegulatorInput(tag, unit, gain, long.delay, long.lag, acts_at_m)

    def _dead_s(self, it: RegulatorInput, held: Characteristic) -> float:
        way_m = max(0.0, held.station_m - it.acts_at_m)
        return it.delay_s + it.lag_s + (way_m / self._speed_m_s if self._speed_m_s > 0.0 else 0.0)

    def _forward(self, section: FeedForwardSection, loc: Loc) -> FeedForward | None:
        unit = self._tools.unit(section.source, (*loc, "from"))
        if unit is None:
            return None
        nominal = self._tools.in_unit(section.nominal, unit, math.nan, (*loc, "nominal"))
        if nominal <= 0.0:
            self._tools.fail("CELL-1012", (*loc, "nominal"), "expected a value above zero", "correct the value")
        return FeedForward(section.source, nominal, section.exponent, section.filter, section.at_most)

    def _neighbours(self, section: RegulatorSection, inputs: tuple[RegulatorInput, ...], loc: Loc) -> float:
        limit = section.adjust.neighbours
        if limit is None or not inputs:
            return 0.0
        return self._tools.in_unit(limit, inputs[0].unit, math.nan, (*loc, "adjust", "neighbours"))

    def _limit(self, section: LimitSection, inputs: tuple[RegulatorInput, ...], loc: Loc) -> RegulatorLimit:
        unit = self._tools.unit(section.tag, (*loc, "tag"))
        if unit is None:  # said already; no quantity can be read without it
            return RegulatorLimit(section.tag, math.nan, {})
        units = {it.tag: it.unit for it in inputs}
        gains = {}
        for tag, gain in section.gains.items():
            if tag not in units:
                self._tools.fail("CELL-1020", (*loc, "gains", tag), "{tag} is not moved by this regulator",
                                 "list it under adjust.gains, or leave it out", key=True, tag=tag)  # fmt: skip
                continue
            gains[tag] = self._tools.in_unit(gain, f"{unit}/{units[tag]}", math.nan, (*loc, "gains", tag))
        at_most = self._tools.in_unit(section.at_most, unit, math.nan, (*loc, "at_most"))
        return RegulatorLimit(section.tag, at_most, gains)
