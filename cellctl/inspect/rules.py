"""What counts as a candidate, in physical terms, and the scale that turns it into pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Pitch:
    """Distance of neighbouring pixels on the web, mm: `row_mm` along it, `column_mm` across it."""

    row_mm: float
    column_mm: float

    def rows(self, length_mm: float) -> int:
        """Lines that cover a length along the web, at least one."""
        return max(1, round(length_mm / self.row_mm))

    def columns(self, width_mm: float) -> int:
        """Pixels that cover a width across the web, at least one."""
        return max(1, round(width_mm / self.column_mm))


@dataclass(frozen=True)
class Rules:
    """When a pixel is a candidate and which candidates belong together.

    Attributes:
        contrast: deviation from the column reference, as a fraction of it, that makes a candidate.
        least_grey: the same in grey values; the larger of the two holds (keeps sensor noise out of dark areas).
        edge_tolerance_mm: a coated edge may move this far between two blocks without being a candidate.
        smallest_mm: diameter of the disc whose area is the smallest that is classified.
        reach_mm: candidates this close along the web belong to one region.
        reference_blocks: blocks that are looked at before the first one is judged.
    """

    contrast: float = 0.2
    least_grey: float = 12.0
    edge_tolerance_mm: float = 0.3
    smallest_mm: float = 0.3
    reach_mm: float = 0.5
    reference_blocks: int = 4

    def smallest_pixels(self, pitch: Pitch) -> int:
        """Pixels in a disc of `smallest_mm`, at least one."""
        return max(1, round(math.pi / 4 * self.smallest_mm**2 / (pitch.row_mm * pitch.column_mm)))
