"""How steep the grey values of a frame are: the Sobel magnitude."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cellctl._native import gradient as _native
from cellctl.kernels.frames import check_grey, room, row_range, with_whole_rows


def sobel_magnitude(
    pixels: npt.NDArray[np.uint8],
    out: npt.NDArray[np.uint16] | None = None,
    rows: tuple[int, int] | None = None,
) -> npt.NDArray[np.uint16]:
    """`|gx| + |gy|` of the 3 by 3 Sobel kernels, exact, in grey values per 8 pixels: 0 to 2040.

    gx is (1, 2, 1) down the column times (-1, 0, 1) along the row, gy the same the other way round. Beyond the border
    the outermost pixel is repeated, so a frame of one grey value is 0 everywhere and a frame of one pixel is 0.

    Different rows may be made in different threads at a time: the lock of the interpreter is released, and every split
    gives the same numbers.

    Args:
        pixels: the frame, uint8 of shape (rows, columns); copied first when the pixels of a row are not contiguous.
        out: where to write, uint16 of the frame's shape, C-contiguous, in other memory; a new array if None.
        rows: write rows from the first up to, without, the second; all if None.

    Returns:
        `out`. A frame without pixels gives an array without pixels.

    Raises:
        ValueError: a shape, type or range is not as stated.
    """
    check_grey(pixels)
    out = room(out, pixels.shape, np.uint16, pixels)
    start, stop = row_range(rows, len(pixels))
    if pixels.size and stop > start:
        _native.sobel(with_whole_rows(pixels), out, start, stop)
    return out
