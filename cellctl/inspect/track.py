"""One object on the web: its parts, added up; constant size, however long the object gets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Extent = tuple[float, float]

_LEAST = 1e-6
"""Probabilities are cut here before the logarithm: one part's certainty may not silence all the others."""


@dataclass(frozen=True, eq=False)
class Part:
    """What one block holds of an object. Positions in mm: `s` along the material, `y` across the field.

    Attributes:
        s_mm: centroid along the web.
        y_mm: centroid across it.
        along: first line and behind the last line.
        across: left and right end.
        area_mm2: area of its pixels.
        contrast: mean deviation from the reference.
        top: its extent across where it touches the upper border of the block, None when it does not.
        bottom: likewise at the lower border.
        is_left: whether the left coated edge is the nearer one.
        probabilities: calibrated, one per class; None when the part is too small to classify.
        features: the classifier's scalar features.
        image: the pixels around it, None when nobody wants them.
    """

    s_mm: float
    y_mm: float
    along: Extent
    across: Extent
    area_mm2: float
    contrast: float
    top: Extent | None
    bottom: Extent | None
    is_left: bool
    probabilities: npt.NDArray[np.float32] | None
    features: tuple[float, ...]
    image: npt.NDArray[np.uint8] | None


class Track:
    """An object that began with `part`.

    Attributes:
        along: first line and behind the last line on the material, mm.
        across: left and right end, mm.
        area_mm2: area of its pixels.
        main: its largest classified part, or its largest while none is.
        bottoms: where it touches the lower border of the last block; empty when it has closed.
        is_reported: whether it was reported while open.
        id: the name under which it was reported, empty before.
    """

    def __init__(self, part: Part) -> None:
        self.along, self.across = part.along, part.across
        self.area_mm2 = 0.0
        self.main = part
        self.bottoms: list[Extent] = []
        self.is_reported = False
        self.id = ""
        self._sums = np.zeros(3)  # s, y and contrast, times area
        self._logs: Floats = np.zeros(0)  # log-probabilities, times area
        self._classified_mm2 = 0.0
        self.add(part)

    def add(self, part: Part) -> None:
        """Take one more part."""
        self._span(part.along, part.across, part.area_mm2)
        self._sums += part.area_mm2 * np.array([part.s_mm, part.y_mm, part.contrast])
        if part.bottom is not None:
            self.bottoms.append(part.bottom)
        if part.probabilities is not None:
            self._weigh(part.area_mm2 * np.log(np.maximum(part.probabilities, _LEAST)), part.area_mm2)
        if _rank(part) > _rank(self.main):
            self.main = part

    def join(self, other: Track) -> None:
        """Take all of another object that turned out to be the same."""
        self._span(other.along, other.across, other.area_mm2)
        self._sums += other._sums  # another instance of this class
        self._weigh(other._logs, other._classified_mm2)  # likewise
        self.bottoms += other.bottoms
        self.is_reported |= other.is_reported
        self.id = self.id or other.id
        if _rank(other.main) > _rank(self.main):
            self.main = other.main

    @property
    def length_mm(self) -> float:
        """Extent along the web."""
        return self.along[1] - self.along[0]

    @property
    def centre_mm(self) -> tuple[float, float]:
        """Centroid (s, y)."""
        s_mm, y_mm = self._sums[:2] / self.area_mm2
        return float(s_mm), float(y_mm)

    @property
    def contrast(self) -> float:
        """Mean deviation from the reference."""
        return float(self._sums[2] / self.area_mm2)

    @property
    def probabilities(self) -> Floats | None:
        """Normalised geometric mean of the parts' probabilities, weighted by area; None when none has any."""
        if not self._classified_mm2:
            return None
        logs = self._logs / self._classified_mm2
        shares = np.exp(logs - logs.max())
        return np.asarray(shares / shares.sum())

    def _span(self, along: Extent, across: Extent, area_mm2: float) -> None:
        self.along = (min(self.along[0], along[0]), max(self.along[1], along[1]))
        self.across = (min(self.across[0], across[0]), max(self.across[1], across[1]))
        self.area_mm2 += area_mm2

    def _weigh(self, logs: Floats, area_mm2: float) -> None:
        if area_mm2:
            self._logs = logs + self._logs if self._classified_mm2 else logs
            self._classified_mm2 += area_mm2


def _rank(part: Part) -> tuple[bool, float]:
    return part.probabilities is not None, part.area_mm2
