"""Connected regions of candidate pixels in a full-rate block, with the sums that its reference needs.

Algebra of the bounds. Flat-field correction divides a pixel by its column's reference, and a pixel is a
candidate when the corrected value leaves 1 ± t: `|p / ref[x] - 1| > t`. As p is a whole number, this is the
same as `p < ceil(ref[x]·(1 - t))` or `p > floor(ref[x]·(1 + t))`: one lower and one upper byte per column,
made once per reference, and nothing to multiply per pixel. With an area camera the reference is per pixel, and
so are the bounds.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cellctl._native import regions as _native
from cellctl.kernels.frames import check_range

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

_MOST_COLUMNS = 16_384
"""Keeps every moment of a block of as many rows inside 64 bits."""
_MOST = 2**31 - 1
"""What the native pass counts with has 32 bits."""


class Bounds(NamedTuple):
    """What a normal pixel may be: `lo ≤ p ≤ hi` (uint8), and 1 / reference (float32).

    Each has shape (columns,) for a line camera, the same in every row, or (rows, columns) for an area camera.
    """

    lo: npt.NDArray[np.uint8]
    hi: npt.NDArray[np.uint8]
    gain: npt.NDArray[np.float32]


class Found(NamedTuple):
    """What one pass found. The measures from `mean` on are those of the sampled lines.

    Attributes:
        regions: structured array of `REGION`, in order of discovery.
        overflow: True when the block held more runs or regions than there is room for; then `regions` is incomplete.
        candidates: number of candidate pixels in the whole block.
        mean: mean grey value.
        saturated: share of pixels at or above the saturation level.
        focus: mean squared difference of neighbours along the line, divided by the squared mean:
            `Σ(p[x+1] − p[x])² / n / mean²`. Brighter light leaves it as it is; blur lowers it; so does less
            texture, and sensor noise raises it: compare it with the same web's own. 0 where there is nothing.
        change: mean absolute difference from the same lines of the block that this finder saw before, grey values;
            exactly 0 when all are equal; NaN when there was no block before or it had another number of lines.
        sums: per column, sum of the pixels within bounds (uint32).
        counts: per column, number of these pixels (uint32).
        sampled_rows: number of lines sampled.
    """

    regions: npt.NDArray[np.void]
    overflow: bool
    candidates: int
    mean: float
    saturated: float
    focus: float
    change: float
    sums: npt.NDArray[np.uint32]
    counts: npt.NDArray[np.uint32]
    sampled_rows: int


class RegionFinder:
    """Finds regions in blocks of one width; it owns the work space, so a block costs no large allocation.

    One finder serves one thread at a time. A block may be cut by rows and given to several finders in parallel: what
    continues over a cut touches BOTTOM and TOP there, with its columns, as over the border of two blocks.

    Args:
        columns: pixels per line.
        smallest: regions of fewer pixels are dropped unless they touch the top or bottom border.
        reach_rows: candidates this many lines apart still belong together (1: neighbours only), and a region
            this close to the top or bottom border touches it.
        reach_columns: the same across.
        sample_every: every so many lines are sampled for the measures, `sums` and `counts`.
        saturation: grey value that counts as saturated, 0 to 255.
        runs: room for runs: candidates side by side in a line. A disc has as many as it is high, in lines.
        capacity: room for regions returned.

    Raises:
        ValueError: a number is out of range, or no whole number.
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
        runs: int = 65_536,
        capacity: int = 256,
    ) -> None:
        check_range("columns", columns, 1, _MOST_COLUMNS)
        check_range("smallest", smallest, 1, _MOST)
        check_range("reach_rows", reach_rows, 1, _MOST_COLUMNS)
        check_range("reach_columns", reach_columns, 1, _MOST_COLUMNS)
        check_range("sample_every", sample_every, 1, _MOST)
        check_range("saturation", saturation, 0, 255)
        check_range("runs", runs, 1, _MOST)
        check_range("capacity", capacity, 1, _MOST)
        columns, sample_every = int(columns), int(sample_every)  # products of NumPy numbers of few bits would wrap
        self._columns, self._sample_every = columns, sample_every
        self._rules = (sample_every, saturation, smallest, reach_rows, reach_columns)
        self._reach_rows, self._capacity = reach_rows, capacity
        words = (columns + _native.SPARE_COLUMNS) // _native.WORD_COLUMNS + 1
        self._words = np.empty(words, np.uint64), np.empty(words, np.int32)
        self._places = np.empty(columns + 1, np.int32)
        self._last = np.empty(columns, np.int64)
        self._runs, self._parent = np.empty((runs, _native.RUN_BYTES), np.uint8), np.empty(runs, np.int32)
        self._weight = np.empty(runs, np.int64)
        self._out = np.zeros(9, np.int64)
        self._black = np.zeros((1, columns), np.uint8)
        self._before = np.empty((0, columns), np.uint8)
        self._part_sums = (np.zeros(columns, np.uint16), np.zeros(columns, np.uint8))

    def find(self, pixels: npt.NDArray[np.uint8], bounds: Bounds) -> Found:
        """One pass over a block; the GIL is released while it runs.

        A gain that is not finite makes `sum_contrast` of the regions it falls into not finite; NaN stays out of
        `min_contrast` and `max_contrast`, which are NaN only where nothing else is left.

        Args:
            pixels: shape (rows, columns), uint8; copied first when it is not C-contiguous. No rows: nothing found,
                and the block before stays the one before.
            bounds: of these columns, or of these pixels.

        Raises:
            ValueError: a shape or type is not as stated.
        """
        self._check(pixels, bounds)
        sums, counts = np.zeros((2, self._columns), np.uint32)
        compared = self._make_room(-(-pixels.shape[0] // self._sample_every))
        if pixels.shape[0]:
            _native.find(
                np.ascontiguousarray(pixels),
                np.atleast_2d(bounds.lo),
                np.atleast_2d(bounds.hi),
                np.atleast_2d(bounds.gain),
                *self._rules,
                *self._words,
                self._places,
                self._last,
                self._runs,
                self._parent,
                self._weight,
                self._black,
                self._before,
                compared,
                *self._part_sums,
                sums,
                counts,
                self._out,
            )
        else:
            self._out[:] = 0
        return self._found(len(pixels), sums, counts, compared)

    def _make_room(self, lines: int) -> int:
        """Room for the sampled lines of a block; returns how many of the block before can be compared with them."""
        if lines in (0, len(self._before)):
            return lines
        self._before = np.empty((lines, self._columns), np.uint8)
        return 0

    def _found(self, rows: int, sums: npt.NDArray[np.uint32], counts: npt.NDArray[np.uint32], compared: int) -> Found:
        """The regions that are kept, and the measures from the sums of the native pass."""
        candidates, kept, used, overflow, brightness, saturated, steps, change, sampled = self._out.tolist()
        regions = np.empty(min(kept, self._capacity), REGION)
        if kept:
            out = regions.view(np.uint8).reshape(len(regions), REGION.itemsize)
            _native.collect(self._runs, self._parent, used, rows, self._columns, self._reach_rows, out)
        pixels, pairs = max(1, sampled * self._columns), max(1, sampled * (self._columns - 1))
        mean = brightness / pixels
        return Found(
            regions=regions,
            overflow=bool(overflow) or kept > self._capacity,
            candidates=candidates,
            mean=mean,
            saturated=saturated / pixels,
            focus=steps / pairs / mean**2 if mean else 0.0,
            change=change / pixels if compared else math.nan,
            sums=sums,
            counts=counts,
            sampled_rows=sampled,
        )

    def _check(self, pixels: npt.NDArray[np.uint8], bounds: Bounds) -> None:
        if pixels.ndim != 2 or pixels.shape[1] != self._columns or pixels.dtype != np.uint8:
            raise ValueError(
                f"pixels: expected uint8 of shape (rows, {self._columns}), got {pixels.dtype} of shape {pixels.shape}"
            )
        if pixels.shape[0] > _MOST_COLUMNS:
            raise ValueError(f"pixels: expected at most {_MOST_COLUMNS} rows, got {pixels.shape[0]}")
        shapes = ((self._columns,), pixels.shape)
        arrays: tuple[npt.NDArray[Any], ...] = bounds
        for name, array, dtype in zip(Bounds._fields, arrays, (np.uint8, np.uint8, np.float32), strict=True):
            if array.shape not in shapes or array.dtype != dtype or not array.flags.c_contiguous:
                raise ValueError(
                    f"bounds.{name}: expected contiguous {np.dtype(dtype)} of shape {shapes[0]} or {shapes[1]}, "
                    f"got {array.dtype} of shape {array.shape}"
                )
        if bounds.lo.shape != bounds.hi.shape:
            raise ValueError(f"bounds.hi: expected shape {bounds.lo.shape} like bounds.lo, got {bounds.hi.shape}")
