"""Where an edge of the web lies in every line of a frame, to a fraction of a column."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from cellctl._native import edge_profile as _native
from cellctl.kernels.frames import Frame, room, with_whole_rows

EDGE_MARGIN = 6
"""Columns on either side of an edge that its place is made of: nearer to the rim of a frame none is found."""
_MOST_LINES = 32767
"""Sums of so many lines of 16 bits fit 32 bits with a sign."""


def edge_profile(
    pixels: Frame,
    expected: float | npt.ArrayLike,
    reach: float,
    contrast: float,
    *,
    rising: bool,
    lines: int = 1,
    out: npt.NDArray[np.float32] | None = None,
    places: tuple[int, int] | None = None,
) -> npt.NDArray[np.float32]:
    """The column where each line, or the mean of some lines, goes from dark to bright or from bright to dark.

    Pixel n reaches from column n to n + 1. The edge is where the level midway between its sides is crossed, at the
    boundary of columns within the window that parts dark from bright most; a side is the mean of 4 columns, from 2
    columns beside the edge on. The blur of the optics does not move an edge as long as it is even.

    Different places may be made in different threads at a time: the lock of the interpreter is released, and every
    split gives the same numbers.

    Args:
        pixels: the frame, uint8 or uint16 of shape (rows, columns); copied first when the pixels of a row are not
            contiguous.
        expected: columns; where the edge should be: one for all, or one per place. NaN or infinite: none is found.
        reach: columns, above 0; how far from there it is looked for.
        contrast: grey values, at least 0; what the bright side exceeds the dark one by, or it is no edge.
        rising: whether it is bright beyond the edge, in the direction of the columns.
        lines: so many lines are averaged for one place, up to 32767; the last place may have fewer.
        out: where to write, float32 of shape (⌈rows / lines⌉,), C-contiguous; a new array if None.
        places: write from the first up to, without, the second; all if None.

    Returns:
        `out`: columns from the left rim; NaN where there is no edge of this contrast within reach, or where it is
        within 6 columns of the rim of the frame.

    Raises:
        ValueError: a shape, type or range is not as stated.
    """
    if pixels.ndim != 2 or pixels.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"pixels: expected 2-D uint8 or uint16, got {pixels.ndim}-D {pixels.dtype}")
    if not (0 < reach < math.inf and 0 <= contrast < math.inf):
        raise ValueError(f"expected reach above 0 and contrast of at least 0, got {reach} and {contrast}")
    if not 1 <= lines <= _MOST_LINES:
        raise ValueError(f"lines: expected 1 to {_MOST_LINES}, got {lines}")
    shape = (-(-len(pixels) // lines),)
    out = room(out, shape, np.float32, pixels)
    start, stop = (0, len(out)) if places is None else places
    if not 0 <= start <= stop <= len(out):
        raise ValueError(f"places: expected 0 <= from <= to <= {len(out)}, got {start} to {stop}")
    where = np.asarray(expected, np.float64)
    if where.shape not in ((), shape):
        raise ValueError(f"expected: expected one column or shape {shape}, got shape {where.shape}")
    if stop > start:
        window = math.floor(2 * float(reach)) + 2 + 2 * EDGE_MARGIN
        line = np.empty(min(pixels.shape[1] + 1, window), np.int32)
        where = np.ascontiguousarray(np.broadcast_to(where, shape))
        sign = 1 if rising else -1
        _native.edge_profile(with_whole_rows(pixels), where, line, out, reach, contrast, sign, lines, start, stop)
    return out
