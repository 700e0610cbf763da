"""The coater: blade, edge dams, film and defects, advanced in steps of 10 ms and strips of 10 mm."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from cellctl.model.web import Side
from cellsim.plant.blade import Blade
from cellsim.plant.constants import STEP_S, STRIP_MM
from cellsim.plant.edge_dam import EdgeDam, load_steps
from cellsim.plant.field import DefectField
from cellsim.plant.film import FilmGauge, film_weight
from cellsim.plant.schedule import Schedule
from cellsim.plant.viscosity import Viscosity
from cellsim.render.web_object import HARMLESS, WebObject, draw_object

SIDES = (Side.LEFT, Side.RIGHT)
_STREAMS = {"streak": 3, "agglomerate": 4, "dust": 5, "blotch": 6}
_EDGE_STREAMS = {Side.LEFT: 1, Side.RIGHT: 2}
_PLANNED_STREAM = 7
_HEADROOM = 2.0
"""Background fields are drawn at this multiple of their normal rate, so that their rate may vary."""
_LOAD_EFFECT = {"streak": 0.15}
_VISCOSITY_EFFECT = {"streak": 0.05, "agglomerate": 0.10}
"""Change of ln(λ) per +5 % of blade load and per +10 % of viscosity."""


@dataclass(frozen=True)
class CoaterSettings:
    """What a scenario says about the coater.

    Attributes:
        seed: of everything random.
        speed_m_s: of the web.
        edge: model of the edge dams.
        background_per_m: normal rate per class of streaks, agglomerates and harmless objects, 1/m.
        schedule: episodes and planned objects.
    """

    seed: int
    speed_m_s: float
    edge: EdgeDam
    background_per_m: dict[str, float] = field(default_factory=dict)
    schedule: Schedule = field(default_factory=Schedule)


@dataclass(frozen=True)
class Made:
    """An object that has just come to be, and why: background, episode, scripted, pattern or harmless."""

    thing: WebObject
    cause: str


@dataclass(frozen=True)
class Step:
    """State of the line after one step.

    Attributes:
        encoder_mm: length of web that has passed the blade.
        load_kpa: actual blade load per side.
        made: objects whose material passed the blade in this step.
    """

    encoder_mm: float
    load_kpa: dict[Side, float]
    made: tuple[Made, ...]


class Coater:
    """The whole coater; `step` is its only motion."""

    def __init__(self, settings: CoaterSettings) -> None:
        self.settings = settings
        self.blades = {side: Blade() for side in SIDES}
        rng = np.random.default_rng([settings.seed, 0xF11A])
        self.gauge = FilmGauge(rng)
        self.viscosity = Viscosity(rng)
        self._steps = 0
        self._next_strip = 0
        seed, ceiling = settings.seed, settings.edge.ceiling_per_m
        self._edges = {side: DefectField(seed, _EDGE_STREAMS[side], ceiling) for side in SIDES}
        self._fields = {
            defect: DefectField(seed, _STREAMS[defect], rate * _HEADROOM)
            for defect, rate in settings.background_per_m.items()
        }

    @property
    def encoder_mm(self) -> float:
        """Length of web that has passed the blade, mm."""
        return self._steps * STEP_S * self.settings.speed_m_s * 1000.0

    def step(self, setpoint_kpa: dict[Side, float]) -> Step:
        """Advance 10 ms with the blade's set-points in force."""
        self._steps += 1
        loads = {side: blade.step(setpoint_kpa[side]) for side, blade in self.blades.items()}
        self.viscosity.step(STEP_S)
        made: list[Made] = []
        while (self._next_strip + 1) * STRIP_MM <= self.encoder_mm + 1e-6:
            made.extend(self._coat(self._next_strip, loads))
            self._next_strip += 1
        return Step(self.encoder_mm, loads, tuple(made))

    def edge_rate_per_m(self, side: Side, s_mm: float) -> float:
        """Rate of spurs of a side under the present load, 1/m."""
        deficit = self.settings.schedule.deficit(side, s_mm)
        return self.settings.edge.rate_per_m(deficit, self.blades[side].load_kpa, self.viscosity.deviation)

    def _coat(self, strip: int, loads: dict[Side, float]) -> Iterator[Made]:
        """Coat one strip under the present loads."""
        self.gauge.strip(film_weight(loads[Side.LEFT], loads[Side.RIGHT]), self.encoder_mm)
        for side in SIDES:
            yield from self._edge_spurs(side, strip)
        for defect in self._fields:
            yield from self._background(defect, strip, loads)
        yield from self._planned(strip)

    def _edge_spurs(self, side: Side, strip: int) -> Iterator[Made]:
        rate = self.edge_rate_per_m(side, strip * STRIP_MM)
        for point in self._edges[side].thinned(strip, rate):
            cause = "background" if point.mark_per_m < self.settings.edge.normal_per_m else "episode"
            yield Made(draw_object("coat_edge_spur", point.s_mm, point.rng, side=side), cause)

    def _background(self, defect: str, strip: int, loads: dict[Side, float]) -> Iterator[Made]:
        load = sum(load_steps(value) for value in loads.values()) / len(loads)
        change = _LOAD_EFFECT.get(defect, 0.0) * load
        change += _VISCOSITY_EFFECT.get(defect, 0.0) * self.viscosity.deviation / 0.10
        rate = self.settings.background_per_m[defect] * math.exp(change)
        for point in self._fields[defect].thinned(strip, rate):
            cause = "harmless" if defect in HARMLESS else "background"
            yield Made(draw_object(defect, point.s_mm, point.rng), cause)

    def _planned(self, strip: int) -> Iterator[Made]:
        for number, planned in enumerate(self.settings.schedule.planned(strip)):
            rng = np.random.default_rng([self.settings.seed, _PLANNED_STREAM, strip, number])
            thing = draw_object(planned.defect, planned.s_mm, rng, side=planned.side, y_mm=planned.y_mm)
            yield Made(thing, planned.cause)
