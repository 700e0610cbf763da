"""Connected regions of candidate pixels in a full-rate block, with the sums that its reference needs.

Algebra of the bounds. Flat-field correction divides a pixel by its column's reference, and a pixel is a
candidate when the corrected value leaves 1 ± t: `|p / ref[x] - 1| > t`. As p is a whole number, this is the
same as `p < ceil(ref[x]·(1 - t))` or `p > floor(ref[x]·(1 + t))`: one lower and one upper byte per column,
made once per reference, and nothing to multiply per pixel.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cellctl._native import regions as _native

TOP, BOTTOM, LEFT, RIGHT = 1, 2, 4, 8
"""Bits of `borders`."""

REGION = np.dtype(
    [
        (name, np.int32)
        for name in ("area", "x0", "x1", "y0", "y1", "borders", "top_x0", "top_x1", "bottom_x0", "bottom_x1")
    ]
    + [(name, np.int64) for name in ("sum_x", "sum_y", "sum_xx", "sum_yy", "sum_xy")]
    + [("sum_contrast", np.float64), ("min_contrast", np.float32), ("max_contrast", np.float32)]
)
"""One region. `[x0, x1)` by `[y0, y1)` is its bounding box; `[top_x0, top_x1)` are its columns at the top
border (empty when it does not touch it), likewise at the bottom; the sums are raw moments about the block's
first pixel; contrast is `p / reference - 1`."""

_MEASURES = np.dtype(
    [(name, np.int64) for name in ("brightness", "saturated", "candidates")]
    + [(name, np.int32) for name in ("sampled_rows", "regions", "labels", "overflow")]
)
_LAST = np.dtype([("row", np.int32), ("label", np.int32)])

_MOST_COLUMNS = 16_384
"""Keeps every moment of a block of as many rows inside 64 bits."""


class Bounds(NamedTuple):
    """What a normal pixel may be, per column: `lo ≤ p ≤ hi` (uint8), and 1 / reference (float32)."""

    lo: npt.NDArray[np.uint8]
    hi: npt.NDArray[np.uint8]
    gain: npt.NDArray[np.float32]


class Found(NamedTuple):
    """What one pass found.

    Attributes:
        regions: structured array of `REGION`, in order of discovery.
        overflow: True when the block held more regions than there is room for; then `regions` is incomplete.
        candidates: number of candidate pixels in the whole block.
        mean: mean grey value of the sampled lines.
        saturated: share of sampled pixels at or above the saturation level.
        sums: per column, sum of the sampled pixels within bounds (uint32).
        counts: per column, number of these pixels (uint32).
        sampled_rows: number of lines sampled.
    """

    regions: npt.NDArray[np.void]
    overflow: bool
    candidates: int
    mean: float
    saturated: float
    sums: npt.NDArray[np.uint32]
    counts: npt.NDArray[np.uint32]
    sampled_rows: int


class RegionFinder:
    """Finds regions in blocks of one width; it owns the work space, so a block costs no large allocation.

    Args:
        columns: pixels per line.
        smallest: regions of fewer pixels are dropped unless they touch the top or bottom border.
        reach_rows: candidates this many lines apart still belong together (1: neighbours only), and a region
            this close to the top or bottom border touches it.
        reach_columns: the same across.
        sample_every: every so many lines are sampled for `mean`, `saturated`, `sums` and `counts`.
        saturation: grey value that counts as saturated.
        labels: room for provisional regions, about one per isolated candidate.
        capacity: room for regions returned.
    """

    def __init__(
        self,
        columns: int,
        *,
        smallest: int = 1,
        reach_rows: int = 1,
        reach_columns: int = 1,
        sample_every: int = 8,
        saturation: int = 250,
        labels: int = 16_384,
        capacity: int = 256,
    ) -> None:
        if not 1 <= columns <= _MOST_COLUMNS:
            raise ValueError(f"columns: expected 1 to {_MOST_COLUMNS}, got {columns}")
        if min(smallest, reach_rows, reach_columns, sample_every, labels, capacity) < 1:
            raise ValueError("smallest, reach, sample_every, labels and capacity: expected at least 1")
        self._columns = columns
        self._rules = (sample_every, saturation, smallest, reach_rows, reach_columns)
        self._active = np.empty(-(-columns // _native.SEGMENT), np.uint8)
        self._last = np.empty(columns, _LAST)
        self._parent = np.empty(labels, np.int32)
        self._work = np.empty(labels, REGION)
        self._out = np.empty(capacity, REGION)

    def find(self, pixels: npt.NDArray[np.uint8], bounds: Bounds) -> Found:
        """One pass over a block; the GIL is released while it runs.

        Args:
            pixels: shape (rows, columns), uint8; copied first when it is not C-contiguous.
            bounds: of these columns.

        Raises:
            ValueError: a shape or type is not as stated.
        """
        self._check(pixels, bounds)
        sums, counts = np.zeros((2, self._columns), np.uint32)
        measures = np.zeros(1, _MEASURES)
        if pixels.shape[0]:
            _native.find(
                np.ascontiguousarray(pixels),
                *bounds,
                *self._rules,
                self._active,
                self._last,
                self._parent,
                self._work,
                self._out,
                sums,
                counts,
                measures,
            )
        total = measures[0]
        sampled = max(1, int(total["sampled_rows"]) * self._columns)
        return Found(
            regions=self._out[: total["regions"]].copy(),
            overflow=bool(total["overflow"]),
            candidates=int(total["candidates"]),
            mean=float(total["brightness"]) / sampled,
            saturated=float(total["saturated"]) / sampled,
            sums=sums,
            counts=counts,
            sampled_rows=int(total["sampled_rows"]),
        )

    def _check(self, pixels: npt.NDArray[np.uint8], bounds: Bounds) -> None:
        if pixels.ndim != 2 or pixels.shape[1] != self._columns or pixels.dtype != np.uint8:
            raise ValueError(
                f"pixels: expected uint8 of shape (rows, {self._columns}), got {pixels.dtype} of shape {pixels.shape}"
            )
        if pixels.shape[0] > _MOST_COLUMNS:
            raise ValueError(f"pixels: expected at most {_MOST_COLUMNS} rows, got {pixels.shape[0]}")
        arrays: tuple[npt.NDArray[Any], ...] = bounds
        for name, array, dtype in zip(Bounds._fields, arrays, (np.uint8, np.uint8, np.float32), strict=True):
            if array.shape != (self._columns,) or array.dtype != dtype or not array.flags.c_contiguous:
                raise ValueError(
                    f"bounds.{name}: expected contiguous {np.dtype(dtype)} of shape ({self._columns},), "
                    f"got {array.dtype} of shape {array.shape}"
                )
