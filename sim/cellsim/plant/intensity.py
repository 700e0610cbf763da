"""The true rate of every class at the present moment: normal rate, deviations of the process, hidden causes."""

from __future__ import annotations

import math

from cellctl.model.web import Side
from cellsim.plant.candidates import Key
from cellsim.plant.causes import cause_streams
from cellsim.plant.coater_settings import CoaterSettings
from cellsim.plant.constants import RECIPE_LOAD_KPA, RECIPE_WET_UM
from cellsim.plant.defects import AGGLOMERATE, CLASSES, CRACK, CRATER, SPUR, Deviations, gap_over_film
from cellsim.plant.edge_dam import KAPPA, load_steps
from cellsim.plant.field import Candidate
from cellsim.plant.process import Process
from cellsim.plant.schedule import Episode

_UPSET = frozenset((AGGLOMERATE, CRACK, CRATER))
"""Classes that a hidden cause can raise up to the cap; their fields are drawn for it when a cause can come."""


def normal_rate(settings: CoaterSettings, defect: str) -> float:
    """Rate of a class in control, per side, 1/m."""
    if defect == SPUR:
        return settings.edge.normal_per_m
    return settings.background_per_m.get(defect, 0.0) / len(CLASSES[defect].sides)


def rate_at_recipe(settings: CoaterSettings, episode: Episode) -> float:
    """Rate of a class while a hidden cause stands and everything else is at the recipe, 1/m."""
    if episode.defect == SPUR:
        return settings.edge.rate_per_m(episode.deficit, RECIPE_LOAD_KPA)
    raised = episode.factor * math.exp(KAPPA * episode.deficit * episode.deficit)
    return normal_rate(settings, episode.defect) * min(settings.cap, raised)


class Intensity:
    """Rates of all classes and sides.

    Args:
        settings: of the coater.
        process: what the rates follow.
    """

    def __init__(self, settings: CoaterSettings, process: Process) -> None:
        self._settings = settings
        self._edge = settings.edge
        self._cap = settings.cap
        self._process = process
        self._normal = dict(settings.background_per_m)
        self._causes = cause_streams(
            settings.seed, settings.speed_m_s, settings.schedule.episodes, settings.disturbances.causes
        )
        self._ceilings: dict[Key, float] = {}
        self._z = Deviations()

    def ceilings(self, headroom: float) -> dict[Key, float]:
        """Highest rate of each class and side, 1/m: the cap where hidden causes come, else `headroom` times normal."""
        self._ceilings = {(SPUR, side): self._edge.ceiling_per_m for side in CLASSES[SPUR].sides}
        for defect, per_m in self._normal.items():
            kind = CLASSES[defect]
            upset = defect in _UPSET and self._causes[defect, Side.NONE].can_come
            for side in kind.sides:
                self._ceilings[defect, side] = per_m / len(kind.sides) * (self._cap if upset else headroom)
        return self._ceilings

    def refresh(self) -> None:
        """Take over the deviations of the process that change slowly; called once per tick."""
        process = self._process
        self._z = Deviations(
            speed=(process.speed_ratio - 1.0) / 0.05,
            viscosity=process.slurry.deviation / 0.10,
            early=process.early / 0.10,
            mid=process.mid / 0.10,
            late=process.late,
            film=(process.wet_um / RECIPE_WET_UM - 1.0) / 0.05,
            wear=process.wear_um / 35.0,
            gap_over_film=gap_over_film(process.gap.value, process.wet_um, RECIPE_WET_UM),
        )

    def rate_per_m(self, defect: str, side: Side, s_mm: float) -> float:
        """True rate of material that comes to the place where the class arises now, 1/m.

        Args:
            defect: class.
            side: where it has sides.
            s_mm: the material's position, which decides on hidden causes.
        """
        if defect == SPUR:
            return self._spurs(side, s_mm)
        normal = self._normal.get(defect, 0.0)
        if normal <= 0.0:
            return 0.0
        kind = CLASSES[defect]
        exponent = kind.effects.of(self._z._replace(load=self._load(side)))
        exponent += self._hidden(defect, s_mm)
        ceiling = self._ceilings.get((defect, side), math.inf)
        return min(ceiling, normal / len(kind.sides) * math.exp(exponent))

    def cause(self, defect: str, side: Side, candidate: Candidate) -> str:
        """Why a candidate came to be: it would be there in control too, or a hidden cause stands where it lies."""
        episode = self._cause(defect, side, candidate.s_mm)
        if episode is None or candidate.mark_per_m < normal_rate(self._settings, defect):
            return "background"
        return "burst" if episode.factor > 1.0 else "episode"

    def begun(self, after_mm: float, upto_mm: float) -> list[Episode]:
        """Hidden causes of chance that begin on a stretch of web."""
        return [episode for stream in self._causes.values() for episode in stream.begun(after_mm, upto_mm)]

    def _spurs(self, side: Side, s_mm: float) -> float:
        episode = self._causes[SPUR, side].at(s_mm)
        deficit = 0.0 if episode is None else episode.deficit
        load = (self._process.load_left if side is Side.LEFT else self._process.load_right).value
        effects = CLASSES[SPUR].effects
        others = effects.speed * self._z.speed + effects.wear * self._z.wear
        return self._edge.rate_per_m(deficit, load, self._process.slurry.deviation, others)

    def _load(self, side: Side) -> float:
        """z_P of a side, or the mean of both."""
        left, right = self._process.load_left.value, self._process.load_right.value
        if side is Side.LEFT:
            return load_steps(left)
        return load_steps(right) if side is Side.RIGHT else load_steps(0.5 * (left + right))

    def _cause(self, defect: str, side: Side, s_mm: float) -> Episode | None:
        stream = self._causes.get((defect, side))
        return None if stream is None else stream.at(s_mm)

    def _hidden(self, defect: str, s_mm: float) -> float:
        """What a hidden cause adds to ln λ: `κ·max(0, d + z)²` as at the edge dam, z in steps of 10 % dry rate."""
        episode = self._cause(defect, Side.NONE, s_mm)
        if episode is None:
            return 0.0
        if episode.factor > 1.0:
            return math.log(episode.factor)
        lack = max(0.0, episode.deficit + (self._z.early if defect == CRATER else self._z.mid))
        return KAPPA * lack * lack
