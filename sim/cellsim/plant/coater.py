"""The coater: actuators, slurry, film, oven and defects, advanced in steps of any length up to 0.1 s."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cellctl.model.web import Side
from cellsim.plant.candidates import Key, Station, stations
from cellsim.plant.coater_settings import CoaterSettings
from cellsim.plant.constants import RECIPE_LOAD_KPA, STEP_S, STRIP_MM, TICK_S
from cellsim.plant.defects import CLASSES, SPUR, STREAK
from cellsim.plant.field import Candidate
from cellsim.plant.film import FilmGauge
from cellsim.plant.intensity import Intensity
from cellsim.plant.lip import Lip
from cellsim.plant.objects import make_object
from cellsim.plant.process import Process
from cellsim.plant.schedule import Episode
from cellsim.plant.sensors import read_sensors
from cellsim.plant.setpoints import Setpoints
from cellsim.render.web_object import HARMLESS, WebObject

SIDES = (Side.LEFT, Side.RIGHT)
_PLANNED_STREAM = 7
_HEADROOM = 2.0
"""Fields are drawn at this multiple of their normal rate where nothing but slow drifts can raise it."""
MAX_STEP_S = 0.1
"""Defects of one step come to be under the state at its end, and the slow parts tick at most once in it."""


@dataclass(frozen=True)
class Made:
    """An object that has just come to be, and why.

    Attributes:
        thing: the object, in material coordinates.
        cause: `background`, `episode` (a hidden cause that an actuator can make up for), `burst` (one that none can),
            `scripted`, `pattern` or `harmless`.
    """

    thing: WebObject
    cause: str


class Step(NamedTuple):
    """State of the line after one step.

    Attributes:
        encoder_mm: length of web that has passed the blade.
        load_kpa: actual blade load per side.
        made: objects that came to be in this step: at the blade, or in the oven for what arises there.
        cleared: streaks that a purge ended in this step, cut to the length that they have.
        began: hidden causes of chance whose stretch of web began since the last slow tick (planned ones are known).
    """

    encoder_mm: float
    load_kpa: dict[Side, float]
    made: tuple[Made, ...] = ()
    cleared: tuple[WebObject, ...] = ()
    began: tuple[Episode, ...] = ()


class Coater:
    """The whole coater; `advance` is its only motion."""

    def __init__(self, settings: CoaterSettings) -> None:
        self.settings = settings
        self.process = Process(settings.seed, settings.speed_m_s, settings.disturbances, drying=settings.drying)
        self.intensity = Intensity(settings, self.process)
        self.lip = Lip()
        self.encoder_mm = 0.0
        self._now_ns = 0
        self._tick_ns = round(TICK_S * 1e9)
        self._next_tick_ns = self._tick_ns
        self._stations: list[Station] = stations(settings.seed, self.intensity.ceilings(_HEADROOM))
        self._next_station_mm = min((station.next_mm for station in self._stations), default=math.inf)
        self._next_strip = 0
        self._known = 0.0
        self._loads = dict.fromkeys(SIDES, RECIPE_LOAD_KPA)
        self._has_plans = not settings.schedule.is_empty

    @property
    def seconds(self) -> float:
        """Time since the web started."""
        return self._now_ns * 1e-9

    @property
    def gauge(self) -> FilmGauge:
        """The film-weight gauge."""
        return self.process.gauge

    def step(self, setpoint_kpa: Mapping[Side, float]) -> Step:
        """Advance 10 ms with the blade's loads given and everything else at the recipe."""
        recipe = Setpoints.recipe()
        return self.advance(
            STEP_S, recipe._replace(load_left=setpoint_kpa[Side.LEFT], load_right=setpoint_kpa[Side.RIGHT])
        )

    def advance(self, seconds: float, setpoints: Setpoints) -> Step:
        """Advance by up to 0.1 s with the set-points in force throughout; ValueError for a longer step."""
        if seconds > MAX_STEP_S:
            raise ValueError(f"a step of {seconds:g} s is longer than {MAX_STEP_S:g} s")
        self._now_ns += round(seconds * 1e9)
        process = self.process
        self.encoder_mm = encoder_mm = process.speed.distance_mm(self._now_ns * 1e-9)
        purges = process.advance(seconds, setpoints, encoder_mm)
        cleared = self.lip.purge(encoder_mm) if purges else ()
        began: tuple[Episode, ...] = ()
        if self._now_ns >= self._next_tick_ns:
            self._next_tick_ns += self._tick_ns
            process.tick(self._now_ns * 1e-9, encoder_mm)
            self.intensity.refresh()
            began = self._begun(encoder_mm)
        made: tuple[Made, ...] = ()
        if encoder_mm >= self._next_station_mm:
            made = tuple(self._decide(encoder_mm))
        if self._has_plans:
            made += tuple(self._planned(encoder_mm))
        left, right = process.load_left.value, process.load_right.value
        loads = self._loads
        if left != loads[Side.LEFT] or right != loads[Side.RIGHT]:
            self._loads = loads = {Side.LEFT: left, Side.RIGHT: right}
        return Step(encoder_mm, loads, made, cleared, began)

    def sensors(self) -> dict[str, float]:
        """Reading of every sensor of the register map by tag name, in engineering units."""
        return read_sensors(self.process, self.encoder_mm, self.seconds)

    def rate_per_m(self, defect: str, side: Side = Side.NONE) -> float:
        """Present true rate of a class (of one side, where it has sides), 1/m; of what arises in the oven: there."""
        return self.intensity.rate_per_m(defect, side, self.encoder_mm - CLASSES[defect].born_mm)

    def edge_rate_per_m(self, side: Side, s_mm: float) -> float:
        """Rate of spurs of a side under the present load, 1/m."""
        return self.intensity.rate_per_m(SPUR, side, s_mm)

    def _begun(self, encoder_mm: float) -> tuple[Episode, ...]:
        """Causes by chance that began since the last tick (planned ones are known beforehand)."""
        known, self._known = self._known, encoder_mm
        return tuple(self.intensity.begun(known, encoder_mm))

    def _decide(self, encoder_mm: float) -> list[Made]:
        made = []
        for station in self._stations:
            if station.next_mm <= encoder_mm:
                for key, candidate in station.passed(encoder_mm):
                    thing = self._thin(key, candidate)
                    if thing is not None:
                        made.append(thing)
        self._next_station_mm = min(station.next_mm for station in self._stations)
        return made

    def _thin(self, key: Key, candidate: Candidate) -> Made | None:
        defect, side = key
        if candidate.mark_per_m >= self.intensity.rate_per_m(defect, side, candidate.s_mm):
            return None
        cause = "harmless" if defect in HARMLESS else self.intensity.cause(defect, side, candidate)
        thing = make_object(defect, candidate.s_mm, np.random.default_rng(candidate.seed), side=side)
        if defect == STREAK and self.settings.disturbances.persistent_streaks:
            thing = self.lip.catch(thing, self.settings.speed_m_s)
        return Made(thing, cause)

    def _planned(self, encoder_mm: float) -> list[Made]:
        """Planned objects of the strips that have been coated completely."""
        made = []
        while (self._next_strip + 1) * STRIP_MM <= encoder_mm + 1e-6:
            strip = self._next_strip
            self._next_strip += 1
            for number, planned in enumerate(self.settings.schedule.planned(strip)):
                rng = np.random.default_rng([self.settings.seed, _PLANNED_STREAM, strip, number])
                thing = make_object(planned.defect, planned.s_mm, rng, side=planned.side, y_mm=planned.y_mm)
                made.append(Made(thing, planned.cause))
        return made
