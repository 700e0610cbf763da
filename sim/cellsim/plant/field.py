"""Where defects could be: one Poisson field per class over the web, thinned by the rate of the moment.

The field is drawn at the highest possible rate with a mark per point, by a counter-based generator keyed by
(seed, class, chunk of web). A line with a loop and its twin without one therefore thin the very same points: they
differ only where their rates differ. A chunk is drawn at once, which is what makes hours of web cheap.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

CHUNK_MM = 50_000.0
"""Length of web whose candidates are drawn together."""
_U64 = 0xFFFF_FFFF_FFFF_FFFF


class Candidate(NamedTuple):
    """A defect that comes to be when the rate is above `mark_per_m`.

    Attributes:
        s_mm: material position.
        mark_per_m: threshold of the thinning, 1/m, uniform below the field's ceiling.
        seed: decides size and looks of the object, the same in every arm.
    """

    s_mm: float
    mark_per_m: float
    seed: int


class DefectField:
    """Candidate points of one class.

    Args:
        seed: of the scenario.
        stream: number of the class (and side), below 2**32.
        ceiling_per_m: the highest rate that will ever be asked for, 1/m.
    """

    def __init__(self, seed: int, stream: int, ceiling_per_m: float) -> None:
        self._key = np.array([seed & _U64, stream], dtype=np.uint64)
        self._mean = ceiling_per_m * CHUNK_MM / 1000.0
        self.ceiling_per_m = ceiling_per_m

    def chunk(self, number: int) -> list[Candidate]:
        """All candidates from `number·CHUNK_MM` up to the next chunk, by position."""
        if self._mean <= 0.0:
            return []
        counter = np.array([0, number & _U64, 0, 0], dtype=np.uint64)
        rng = np.random.Generator(np.random.Philox(counter=counter, key=self._key))
        count = rng.poisson(self._mean)
        places = (number + np.sort(rng.random(count))) * CHUNK_MM
        marks = rng.random(count) * self.ceiling_per_m
        seeds = rng.integers(1 << 62, size=count)
        return [Candidate(*point) for point in zip(places.tolist(), marks.tolist(), seeds.tolist(), strict=True)]

    def thinned(self, chunk: int, rate_per_m: float) -> list[Candidate]:
        """The candidates of a chunk that come to be under a constant rate."""
        return [point for point in self.chunk(chunk) if point.mark_per_m < rate_per_m]
