"""Patches of a fixed physical size around regions, in one batch, as contrast against the column reference."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cellctl._native import crops as _native

_MOST_CELL = 256
"""Longest side of a cell in pixels; keeps the sum of a cell's column inside 32 bits by far."""


class Patch(NamedTuple):
    """Shape of a patch: `rows` by `columns` cells, each the mean of `cell_rows` by `cell_columns` pixels.

    Pixels need not be square on the web: a cell of 6 lines of 0.05 mm and one pixel of 0.3 mm is.
    """

    rows: int
    columns: int
    cell_rows: int
    cell_columns: int


def cut_patches(
    pixels: npt.NDArray[np.uint8],
    gain: npt.NDArray[np.float32],
    centres: npt.NDArray[np.float64],
    patch: Patch,
) -> npt.NDArray[np.float32]:
    """Contrast `p / reference - 1`, averaged over the cells of a patch around every centre.

    Args:
        pixels: the block, shape (rows, columns), uint8; copied first when it is not C-contiguous.
        gain: 1 / reference per column, shape (columns,), float32.
        centres: (y, x) of the centres in pixels, shape (n, 2).
        patch: shape of the patches.

    Returns:
        Shape (n, patch.rows, patch.columns), float32. A cell that the block's border cuts is the mean of what
        is left of it; a cell outside the block is 0, as if there were nothing to see.

    Raises:
        ValueError: a shape, type or size is not as stated.
    """
    _check(pixels, gain, centres, patch)
    out = np.zeros((centres.shape[0], patch.rows, patch.columns), np.float32)
    if out.size and pixels.size:
        size = (patch.rows * patch.cell_rows, patch.columns * patch.cell_columns)
        corners = np.floor(centres - np.divide(size, 2) + 0.5).astype(np.int32)
        _native.cut(np.ascontiguousarray(pixels), gain, corners, patch.cell_rows, patch.cell_columns, out)
    return out


def _check(
    pixels: npt.NDArray[np.uint8],
    gain: npt.NDArray[np.float32],
    centres: npt.NDArray[np.float64],
    patch: Patch,
) -> None:
    if pixels.ndim != 2 or pixels.dtype != np.uint8:
        raise ValueError(f"pixels: expected two-dimensional uint8, got {pixels.dtype} of shape {pixels.shape}")
    if gain.shape != pixels.shape[1:] or gain.dtype != np.float32 or not gain.flags.c_contiguous:
        raise ValueError(
            f"gain: expected contiguous float32 of shape ({pixels.shape[1]},), got {gain.dtype} of shape {gain.shape}"
        )
    if centres.ndim != 2 or centres.shape[1] != 2 or not np.all(np.abs(centres) < 2**30):
        raise ValueError(f"centres: expected finite (y, x) pairs, shape (n, 2), got shape {centres.shape}")
    if min(patch) < 1 or max(patch) > _MOST_CELL:
        raise ValueError(f"patch: expected sizes of 1 to {_MOST_CELL}, got {patch}")
