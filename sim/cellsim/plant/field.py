"""Where defects could be: one Poisson field per class over the web, thinned by the rate of the moment.

The field is drawn at the highest possible rate with a mark per point, by a counter-based generator keyed by
(seed, class, strip). A line with a loop and its twin without one therefore thin the very same points: they
differ only where their rates differ.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cellsim.plant.constants import STRIP_MM


class Point(NamedTuple):
    """A defect that comes to be when the rate is above `mark_per_m`.

    Attributes:
        s_mm: material position.
        mark_per_m: threshold of the thinning, 1/m, uniform below the field's ceiling.
        rng: decides size and looks of the object, the same in every arm.
    """

    s_mm: float
    mark_per_m: float
    rng: np.random.Generator


class DefectField:
    """Candidate points of one class.

    Args:
        seed: of the scenario.
        stream: number of the class (and side), below 2**32.
        ceiling_per_m: the highest rate that will ever be asked for, 1/m.
    """

    def __init__(self, seed: int, stream: int, ceiling_per_m: float) -> None:
        self._key = np.array([seed & 0xFFFF_FFFF_FFFF_FFFF, stream], dtype=np.uint64)
        self._mean = ceiling_per_m * STRIP_MM / 1000.0
        self._ceiling_per_m = ceiling_per_m

    def points(self, strip: int) -> list[Point]:
        """All candidates of one strip, in no particular order."""
        if self._mean <= 0.0:
            return []
        counter = np.array([0, strip & 0xFFFF_FFFF_FFFF_FFFF, 0, 0], dtype=np.uint64)
        rng = np.random.Generator(np.random.Philox(counter=counter, key=self._key))
        return [
            Point(
                s_mm=(strip + rng.random()) * STRIP_MM,
                mark_per_m=rng.random() * self._ceiling_per_m,
                rng=np.random.default_rng(int(rng.integers(1 << 62))),
            )
            for _ in range(rng.poisson(self._mean))
        ]

    def thinned(self, strip: int, rate_per_m: float) -> list[Point]:
        """The candidates of a strip that come to be under `rate_per_m`."""
        return [point for point in self.points(strip) if point.mark_per_m < rate_per_m]
