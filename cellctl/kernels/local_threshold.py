"""What is darker than its surroundings, however bright these are: the local threshold."""

from __future__ import annotations

import math
from operator import index

import numpy as np
import numpy.typing as npt

from cellctl._native import local_threshold as _native
from cellctl.kernels.frames import check_grey, room, row_range, with_whole_rows

LARGEST_WINDOW = 127
"""Pixels; the sum of so many brightest ones fits 16 bits with a sign."""
_WORK = (8, 512 + LARGEST_WINDOW * 4 // 3)
"""Sums of 1, 2, 4 ... 128 pixels over a stretch of columns."""


def local_threshold(
    pixels: npt.NDArray[np.uint8],
    window: int,
    offset: float = 0.0,
    out: npt.NDArray[np.uint8] | None = None,
    rows: tuple[int, int] | None = None,
) -> npt.NDArray[np.uint8]:
    """255 where a pixel is by more than `offset` darker than the mean of the window around it, else 0.

    Decided on whole numbers, `sum - area · p > ⌊area · offset⌋`: no mean is rounded. Beyond the border the outermost
    pixel is repeated. What is brighter than its surroundings is found in the inverted frame, `255 - pixels`.

    Different rows may be made in different threads at a time: the lock of the interpreter is released, and every split
    gives the same mask. Each call sums the `window` rows around its first one before it is under way.

    Args:
        pixels: the frame, uint8 of shape (rows, columns); copied first when the pixels of a row are not contiguous.
        window: side of the square window in pixels, odd, 3 to 127; it may be larger than the frame.
        offset: grey values; below 0 also marks pixels up to so much brighter than the mean.
        out: where to write, uint8 of the frame's shape, C-contiguous, in other memory; a new array if None.
        rows: write rows from the first up to, without, the second; all if None.

    Returns:
        `out`. A frame without pixels gives an array without pixels.

    Raises:
        ValueError: a shape, type or range is not as stated.
    """
    check_grey(pixels)
    window = index(window)  # its square needs more bits than some NumPy numbers have
    if not (3 <= window <= LARGEST_WINDOW and window % 2):
        raise ValueError(f"window: expected an odd number of 3 to {LARGEST_WINDOW} pixels, got {window}")
    if not -256 <= offset <= 256:
        raise ValueError(f"offset: expected -256 to 256 grey values, got {offset}")
    out = room(out, pixels.shape, np.uint8, pixels)
    start, stop = row_range(rows, len(pixels))
    if pixels.size and stop > start:
        columns, least = pixels.shape[1], math.floor(window * window * float(offset))
        work = np.empty(_WORK, np.uint16)
        ring, total = np.empty((window + 1, columns), np.uint16), np.zeros(columns, np.int32)
        _native.local_threshold(with_whole_rows(pixels), work, ring, total, out, window, least, start, stop)
    return out
