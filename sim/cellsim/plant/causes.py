"""Hidden causes that come and go by chance: episodes of spurs, craters and cracks, and bursts of agglomerates.

Each kind has its own stream of random numbers and lies on the web by position, so that every arm meets the same ones.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from cellctl.model.web import Side
from cellsim.plant.defects import AGGLOMERATE, CRACK, CRATER, SPUR
from cellsim.plant.schedule import Episode

_KEY = 0xE915


@dataclass(frozen=True)
class RandomCauses:
    """How often hidden causes begin and how long they last; a rate of 0 switches a kind off.

    Attributes:
        spur_per_h: episodes of each side's edge dam, 1/h of web in control.
        crater_per_h: episodes of the early zones, 1/h.
        crack_per_h: episodes of the middle zones, 1/h.
        mean_s: mean duration of an episode (exponential), s at nominal speed.
        deficit: lowest and highest hidden deficit, uniform.
        burst_per_h: bursts of agglomerates, 1/h.
        burst_s: shortest and longest burst, s at nominal speed, uniform.
        burst_factor: lowest and highest factor on the rate of agglomerates, uniform.
    """

    spur_per_h: float = 0.0
    crater_per_h: float = 0.0
    crack_per_h: float = 0.0
    mean_s: float = 300.0
    deficit: tuple[float, float] = (1.28, 1.52)
    burst_per_h: float = 0.0
    burst_s: tuple[float, float] = (60.0, 600.0)
    burst_factor: tuple[float, float] = (10.0, 25.0)


@dataclass(frozen=True)
class _Chance:
    per_m: float
    length_m: tuple[float, float]
    size: tuple[float, float]
    is_exponential: bool = True
    is_factor: bool = False


class CauseStream:
    """Episodes of one class and side, in order along the web: the planned ones and those of chance."""

    def __init__(self, seed: int, defect: str, side: Side, planned: tuple[Episode, ...], chance: _Chance) -> None:
        number = (SPUR, CRATER, CRACK, AGGLOMERATE).index(defect) * 3 + list(Side).index(side)
        self._rng = np.random.default_rng([seed, _KEY, number])
        self._defect, self._side, self._chance = defect, side, chance
        self._planned = tuple(e for e in planned if e.defect == defect and e.side is side)
        self._starts: list[float] = []
        self._drawn: list[Episode] = []
        self._drawn_to_mm = 0.0 if chance.per_m > 0 else float("inf")

    @property
    def can_come(self) -> bool:
        """Whether there are any at all."""
        return bool(self._planned) or self._chance.per_m > 0

    def at(self, s_mm: float) -> Episode | None:
        """The worst episode that stands at a material position."""
        worst = None
        for episode in self._planned:
            if episode.covers(s_mm) and (worst is None or episode.deficit > worst.deficit):
                worst = episode
        while self._drawn_to_mm <= s_mm:
            self._draw()
        number = bisect_right(self._starts, s_mm) - 1
        if number >= 0 and self._drawn[number].covers(s_mm):
            drawn = self._drawn[number]
            worst = drawn if worst is None or drawn.deficit > worst.deficit else worst
        return worst

    def begun(self, after_mm: float, upto_mm: float) -> list[Episode]:
        """Episodes of chance that begin behind one material position and up to another."""
        self.at(upto_mm)
        return self._drawn[bisect_right(self._starts, after_mm) : bisect_right(self._starts, upto_mm)]

    def _draw(self) -> None:
        chance, rng = self._chance, self._rng
        start = self._drawn_to_mm + 1000.0 * rng.exponential(1.0 / chance.per_m)
        end = start + 1000.0 * (
            rng.exponential(chance.length_m[0]) if chance.is_exponential else rng.uniform(*chance.length_m)
        )
        size = float(rng.uniform(*chance.size))
        deficit, factor = (0.0, size) if chance.is_factor else (size, 1.0)
        self._drawn.append(Episode(self._side, float(start), float(end), deficit, self._defect, factor))
        self._starts.append(float(start))
        self._drawn_to_mm = float(end)


def cause_streams(
    seed: int, speed_m_s: float, planned: tuple[Episode, ...], causes: RandomCauses
) -> dict[tuple[str, Side], CauseStream]:
    """One stream per class and side that can have hidden causes."""
    per_m = 1.0 / (3600.0 * speed_m_s)
    length_m = (causes.mean_s * speed_m_s, 0.0)

    def deficits(per_h: float) -> _Chance:
        return _Chance(per_h * per_m, length_m, causes.deficit)

    shortest, longest = causes.burst_s
    bursts = _Chance(
        causes.burst_per_h * per_m, (shortest * speed_m_s, longest * speed_m_s), causes.burst_factor, False, True
    )
    kinds = {
        (SPUR, Side.LEFT): deficits(causes.spur_per_h),
        (SPUR, Side.RIGHT): deficits(causes.spur_per_h),
        (CRATER, Side.NONE): deficits(causes.crater_per_h),
        (CRACK, Side.NONE): deficits(causes.crack_per_h),
        (AGGLOMERATE, Side.NONE): bursts,
    }
    return {key: CauseStream(seed, key[0], key[1], planned, chance) for key, chance in kinds.items()}
