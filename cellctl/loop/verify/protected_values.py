"""Protected characteristics: a correction that helps one class must not push a measured value out of its place.

A gauge stands some way down the line and sees the material of a move late. So its readings are kept by the material
they were taken from, not by time, and a correction may be called EFFECTIVE only when each gauge has shown enough of
the material made after it. The material before is a stretch of the same length that ends where the move began.

Worse means: the mean moved by more than the allowed change, beyond its 95 % margin, in either direction. A gauge whose
margin is wider than the allowed change has not shown enough.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import deque
from itertools import islice
from typing import NamedTuple

from cellctl.config.resolved import Characteristic, Loop, ProtectedValue
from cellctl.loop.diagnose.plant import PlantView
from cellctl.loop.diagnose.situation import Situation
from cellctl.loop.verify.mean_shift import margin, sample
from cellctl.model.correction import ValueShift

ENOUGH_M = 25.0
"""Material after the move that a gauge must have shown: the length of a typical test."""

ENOUGH_READINGS = 12
"""On either side; fewer do not tell their own spread."""

HISTORY_M = 500.0
"""Longest stretch compared; older material tells of another day."""

SLACK_MM = 500.0
"""Before the place where somebody else's move was reported; its first increment took effect a little earlier."""

PATIENCE = 2.0
"""When this multiple of `ENOUGH_M` has passed a gauge without enough readings, the gauge is of no use."""

SPACING_MM = 100.0
"""Readings closer together on the web are one: a fast poll adds copies, not knowledge."""

MOST_READINGS = 8192
"""Bound: 800 m at the closest spacing, more than history, line and test together."""


class Place(NamedTuple):
    """One reading and the material it was taken from."""

    s_mm: float
    value: float


class GaugeHistory:
    """The readings of one characteristic by material, in the order of the web."""

    def __init__(self, characteristic: Characteristic, encoder: str) -> None:
        self.characteristic = characteristic
        self._position = characteristic.position or encoder
        self._station_mm = characteristic.station_m * 1000.0
        self._last_ns = 0
        self._places: deque[Place] = deque(maxlen=MOST_READINGS)

    def look(self, plant: PlantView) -> None:
        """Keep the latest reading if it is Good, new, and of material not seen yet."""
        value, position = plant.get(self.characteristic.tag), plant.get(self._position)
        if value is None or position is None or value.t_ns == self._last_ns:
            return
        self._last_ns = value.t_ns
        s_mm = position.value - self._station_mm
        is_new = not self._places or s_mm >= self._places[-1].s_mm + SPACING_MM
        if is_new and value.quality.is_good and position.quality.is_good:
            self._places.append(Place(s_mm, value.value))

    def between(self, from_mm: float, to_mm: float) -> list[float]:
        """The readings of `[from_mm, to_mm)`, in the order of the web; found by halving, as this is asked per frame."""
        places = self._places
        first, end = bisect_left(places, (from_mm,)), bisect_left(places, (to_mm,))
        return [place.value for place in islice(places, first, end)]

    @property
    def shown_mm(self) -> float:
        """The newest material it has shown."""
        return self._places[-1].s_mm if self._places else float("-inf")


class ProtectedValues:
    """Compares the protected characteristics of one loop before and after its moves."""

    def __init__(self, loop: Loop, situation: Situation) -> None:
        cell = situation.cell
        self._plant = situation.plant
        self._encoder = cell.web.encoder
        row = cell.defect(loop.watch.defect)
        influence = row.influence.get(loop.tag) if row is not None else None
        self._acts_at_mm = influence.acts_at_m * 1000.0 if influence is not None else 0.0
        self._gauges: list[tuple[ProtectedValue, GaugeHistory]] = [
            (rule, GaugeHistory(cell.characteristic(rule.characteristic), self._encoder))
            for rule in loop.protect_values
        ]
        self._moved_mm = 0.0
        self._until_mm = math.inf

    def __bool__(self) -> bool:
        return bool(self._gauges)

    def look(self) -> None:
        """Take what the gauges read now; called with every reading of the plant."""
        for _, gauge in self._gauges:
            gauge.look(self._plant)

    def open(self) -> None:
        """A correction begins: what was made so far was made before it."""
        encoder = self._plant.get(self._encoder)
        self._moved_mm = encoder.value - self._acts_at_mm if encoder is not None else 0.0
        self._until_mm = math.inf

    def is_made(self, from_mm: float) -> bool:
        """Whether as much material has been made after the move as the gauges have to show."""
        encoder = self._plant.get(self._encoder)
        needed_mm = ENOUGH_M * 1000.0 + 2.0 * SLACK_MM
        return encoder is not None and encoder.value - self._acts_at_mm >= from_mm + needed_mm

    def close(self, encoder_mm: float) -> None:
        """Somebody else moved something: material made from here on does not belong to the comparison."""
        self._until_mm = min(self._until_mm, encoder_mm - self._acts_at_mm - SLACK_MM)

    def shifts(self, from_mm: float) -> dict[str, ValueShift]:
        """Characteristic → what is known of it before the move and in material from `from_mm` on."""
        found = {}
        for rule, gauge in self._gauges:
            length_mm = min(HISTORY_M * 1000.0, min(gauge.shown_mm, self._until_mm) - from_mm)
            if length_mm <= 0.0:
                continue
            before = gauge.between(self._moved_mm - length_mm, self._moved_mm)
            after = gauge.between(from_mm, from_mm + length_mm)
            if min(len(before), len(after)) >= ENOUGH_READINGS:
                one, two = sample(before), sample(after)
                found[rule.characteristic] = ValueShift(one, two, length_mm / 1000.0, rule.change, margin(one, two))
        return found

    def missing(self, shifts: dict[str, ValueShift]) -> str:
        """Which characteristic has not been shown well enough yet, in words; empty when all have."""
        for rule, _ in self._gauges:
            shift = shifts.get(rule.characteristic)
            if shift is None or shift.length_m < ENOUGH_M:
                return f"{rule.characteristic}: too few readings before or after the move"
            if shift.margin > shift.change:
                return f"{rule.characteristic}: its readings scatter too much to see a change of {shift.change:g}"
        return ""

    def is_hopeless(self, from_mm: float) -> bool:
        """Whether so much material has passed every gauge that waiting for more is of no use."""
        encoder = self._plant.get(self._encoder)
        if encoder is None:
            return False
        farthest_mm = max(gauge.characteristic.station_m for _, gauge in self._gauges) * 1000.0
        return encoder.value - farthest_mm > from_mm + PATIENCE * ENOUGH_M * 1000.0


def moved_too_far(shifts: dict[str, ValueShift]) -> tuple[str, ...]:
    """The characteristics whose mean moved by more than allowed, beyond its margin."""
    return tuple(name for name, it in shifts.items() if abs(it.after.mean - it.before.mean) - it.margin > it.change)
