"""What truly happens on the whole coater in one arm: spurs, other defects, film, and where the load stood.

The line runs at 1 m/s without change of speed, so places on the web in metres are also seconds.
"""

from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from cellctl.model.web import Side
from cellsim.plant.causes import RandomCauses, cause_streams
from cellsim.plant.coater import SIDES, Coater, Made
from cellsim.plant.coater_settings import CoaterSettings
from cellsim.plant.constants import RECIPE_FILM_G_M2, RECIPE_LOAD_KPA
from cellsim.plant.defects import SPUR
from cellsim.plant.schedule import Episode
from cellsim.plant.setpoints import Setpoints
from cellsim.render.web_object import HARMLESS

FILM_TOLERANCE = 0.015
"""Of the dry film weight, relative."""
STEP_S = 0.1
SLEW_KPA_PER_S = 0.4
STEP_KPA = 1.0
OFF_KPA = 0.05
"""A load farther from the recipe than this is off recipe."""
Policy = Callable[[float], Setpoints]
"""From the encoder position, m, to the set-points in force."""


@dataclass
class Truth:
    """The record of one arm.

    Attributes:
        spurs: per side, places m of the true spurs, in order.
        others: number of objects of every other defect class.
        films: true film weight at each whole metre as the gauge's place is passed, g/m².
        loads: per side, (place m, load kPa) wherever the load was another than before.
    """

    spurs: dict[Side, list[float]] = field(default_factory=lambda: {side: [] for side in SIDES})
    others: Counter[str] = field(default_factory=Counter)
    films: list[float] = field(default_factory=list)
    loads: dict[Side, list[tuple[float, float]]] = field(
        default_factory=lambda: {side: [(0.0, RECIPE_LOAD_KPA)] for side in SIDES}
    )

    def see(self, made: tuple[Made, ...]) -> None:
        """Account for objects that came to be."""
        for one in made:
            defect = one.thing.defect
            if defect == SPUR:
                self.spurs[one.thing.side].append(one.thing.centre_mm / 1000.0)
            elif defect not in HARMLESS:
                self.others[defect] += 1

    def stand(self, encoder_m: float, loads: dict[Side, float]) -> None:
        """Account for the loads in force."""
        for side, load in loads.items():
            if abs(load - self.loads[side][-1][1]) > 1e-3:
                self.loads[side].append((encoder_m, load))

    def weigh(self, film_g_m2: float, encoder_m: float) -> None:
        """Account for the film once per metre."""
        while len(self.films) < int(encoder_m):
            self.films.append(film_g_m2)

    def spurs_between(self, side: Side, from_m: float, to_m: float) -> int:
        """Number of true spurs of a side in a stretch."""
        places = self.spurs[side]
        return bisect.bisect_left(places, to_m) - bisect.bisect_left(places, from_m)

    def is_off(self, side: Side, s_m: float) -> bool:
        """Whether the load stood off the recipe where the web was coated at a place."""
        return abs(self.load(side, s_m) - RECIPE_LOAD_KPA) > OFF_KPA

    def load(self, side: Side, s_m: float) -> float:
        """Load on the web at a place, kPa."""
        known = self.loads[side]
        return known[max(0, bisect.bisect_right(known, s_m, key=lambda entry: entry[0]) - 1)][1]

    @property
    def film_out_m(self) -> int:
        """Metres whose film weight was out of tolerance."""
        films = np.asarray(self.films)
        return int((np.abs(films / RECIPE_FILM_G_M2 - 1.0) > FILM_TOLERANCE).sum())

    @property
    def defects(self) -> int:
        """Objects of all defect classes."""
        return sum(len(places) for places in self.spurs.values()) + self.others.total()


def run_plant(settings: CoaterSettings, seconds: float, policy: Policy) -> Truth:
    """The coater alone, without a cell, under a policy."""
    coater, truth = Coater(settings), Truth()
    for _ in range(round(seconds / STEP_S)):
        step = coater.advance(STEP_S, policy(coater.encoder_mm / 1000.0))
        encoder_m = step.encoder_mm / 1000.0
        truth.see(step.made)
        truth.stand(encoder_m, step.load_kpa)
        truth.weigh(coater.gauge.true_g_m2, encoder_m)
    return truth


def at_recipe(_encoder_m: float) -> Setpoints:
    """The open arm: nothing is ever moved."""
    return Setpoints.recipe()


def with_offset(_encoder_m: float) -> Setpoints:
    """A constant offset of one step on both sides, without any loop."""
    recipe = Setpoints.recipe()
    return recipe._replace(load_left=recipe.load_left + STEP_KPA, load_right=recipe.load_right + STEP_KPA)


class Push(NamedTuple):
    """One step of load that is in force from a place on and taken back at another, both with the allowed slew."""

    side: Side
    in_force_m: float
    until_m: float

    def steps(self, s_m: float) -> float:
        """Share of the step in force at a place; the ramp ends where the push is in force."""
        ramp_m = STEP_KPA / SLEW_KPA_PER_S
        rise = 1.0 + (s_m - self.in_force_m) / ramp_m
        fall = 1.0 - (s_m - self.until_m) / ramp_m
        return max(0.0, min(1.0, rise, fall))


class Pushes:
    """A policy of planned steps: what an oracle does."""

    def __init__(self, pushes: list[Push]) -> None:
        self._pushes = {side: sorted(push for push in pushes if push.side is side) for side in SIDES}

    def __call__(self, encoder_m: float) -> Setpoints:
        """The set-points in force at an encoder position."""
        recipe = Setpoints.recipe()
        left, right = (STEP_KPA * self._steps(side, encoder_m) for side in (Side.LEFT, Side.RIGHT))
        return recipe._replace(load_left=recipe.load_left + left, load_right=recipe.load_right + right)

    def _steps(self, side: Side, encoder_m: float) -> float:
        return max((push.steps(encoder_m) for push in self._pushes[side]), default=0.0)


def episodes_of(settings: CoaterSettings, length_m: float) -> list[Episode]:
    """Every episode of spurs on the web, planned or by chance, both sides, in order."""
    causes: RandomCauses = settings.disturbances.causes
    streams = cause_streams(settings.seed, settings.speed_m_s, settings.schedule.episodes, causes)
    found = [e for side in SIDES for e in streams[SPUR, side].begun(-1.0, length_m * 1000.0)]
    return sorted((e for e in found if e.from_mm < length_m * 1000.0), key=lambda e: (e.from_mm, e.side))
