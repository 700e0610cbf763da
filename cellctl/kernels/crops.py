"""Regions of a frame, each averaged into the same number of cells, in one batch; and patches of a fixed size."""

from __future__ import annotations

from operator import index
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cellctl._native import crops as _native
from cellctl.kernels.frames import Frame, check_normalisation, room, with_whole_rows

_FAR = 2.0**30
"""Coordinates beyond are refused: they are mistakes, and nearer ones keep their fractions in float64."""
_LEAST = 1e-6
"""Cells that are smaller are mistakes, and rounding would leave nothing of them."""


class Patch(NamedTuple):
    """Shape of a patch: `rows` by `columns` cells, each the mean of `cell_rows` by `cell_columns` pixels.

    Pixels need not be square on the web: a cell of 6 lines of 0.05 mm and one pixel of 0.3 mm is.
    """

    rows: int
    columns: int
    cell_rows: int
    cell_columns: int


def crop_regions(
    pixels: Frame,
    gain: npt.NDArray[np.float32],
    boxes: npt.NDArray[np.floating],
    size: tuple[int, int],
    *,
    mean: float = 0.0,
    std: float = 1.0,
    out: npt.NDArray[np.float32] | None = None,
) -> npt.NDArray[np.float32]:
    """`(p · gain, mean over the cell, - mean) / std` for `size` equal cells of every box.

    An edge may lie anywhere within a pixel, which then counts with the part of it that lies in the cell. That holds
    for shrinking and for enlarging alike. Boxes may be split over threads: the lock of the interpreter is released.

    Args:
        pixels: the frame, shape (rows, columns), uint8 or uint16; copied first when its rows are not contiguous.
        gain: flat-field gain by column or by pixel, shape (columns,) or (rows, columns), float32, C-contiguous. Where
            it is not finite, the cells within reach of that pixel are not finite either.
        boxes: (y0, x0, y1, x1) of every region in pixels, shape (n, 4), y0 < y1, x0 < x1; pixel k reaches from k to
            k + 1. Its cells measure 1e-6 pixels or more.
        size: rows and columns of cells.
        mean: mean of the corrected grey values that the model was trained on.
        std: their standard deviation, above 0.
        out: where to write, float32 of shape (n, *size), C-contiguous; a new array if None.

    Returns:
        `out`. A cell that the frame's border cuts is the mean of what is left of it; a cell outside the frame is 0,
        as if there were nothing to see.

    Raises:
        ValueError: a shape, type or size is not as stated.
    """
    _check_frame(pixels, gain)
    _check_boxes(boxes, size, mean, std)
    size = index(size[0]), index(size[1])  # NumPy numbers of few bits would make the work space too small
    out = room(out, (len(boxes), *size), np.float32, pixels, gain, boxes)
    if not pixels.size or not len(boxes):
        out[...] = 0
        return out
    cells, columns = size[1], pixels.shape[1]
    corners = np.ascontiguousarray(boxes, np.float64)
    widest = (corners[:, 3] - corners[:, 1]).max() / cells
    taps = min(int(widest) + 3, columns)  # pixels that a cell can touch, and one for rounding
    _native.crop(
        with_whole_rows(pixels),
        np.broadcast_to(gain, pixels.shape),
        corners,
        mean,
        std,
        np.empty(cells, np.int32),
        np.empty(cells * taps, np.float32),
        np.empty(cells, np.float32),
        np.empty(columns, np.float32),
        out,
    )
    return out


def cut_patches(
    pixels: Frame,
    gain: npt.NDArray[np.float32],
    centres: npt.NDArray[np.float64],
    patch: Patch,
) -> npt.NDArray[np.float32]:
    """Contrast `p / reference - 1`, averaged over the cells of a patch around every centre.

    Args:
        pixels: the block, shape (rows, columns), as for `crop_regions`.
        gain: 1 / reference per column, shape (columns,), float32.
        centres: (y, x) of the centres in pixels, shape (n, 2); a patch begins at the whole pixel nearest to where it
            should.
        patch: shape of the patches.

    Returns:
        Shape (n, patch.rows, patch.columns), float32; at the block's border as `crop_regions`.

    Raises:
        ValueError: a shape, type or size is not as stated.
    """
    if centres.ndim != 2 or centres.shape[1] != 2 or not np.all(np.abs(centres) < _FAR / 2):
        raise ValueError(f"centres: expected finite (y, x) pairs, shape (n, 2), got shape {centres.shape}")
    if min(patch) < 1:
        raise ValueError(f"patch: expected sizes of at least 1, got {patch}")
    patch = Patch(*map(index, patch))
    extent = np.array([patch.rows * patch.cell_rows, patch.columns * patch.cell_columns])
    corners = np.floor(centres - extent / 2 + 0.5)
    boxes = np.concatenate([corners, corners + extent], axis=1)
    return crop_regions(pixels, gain, boxes, (patch.rows, patch.columns), mean=1.0)


def _check_frame(pixels: Frame, gain: npt.NDArray[np.float32]) -> None:
    if pixels.ndim != 2 or pixels.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"pixels: expected two-dimensional uint8 or uint16, got {pixels.dtype} of {pixels.shape}")
    fits = gain.shape in (pixels.shape, pixels.shape[1:])
    if not fits or gain.dtype != np.float32 or not gain.flags.c_contiguous:
        raise ValueError(
            f"gain: expected contiguous float32 of shape ({pixels.shape[1]},) or {pixels.shape}, "
            f"got {gain.dtype} of shape {gain.shape}"
        )


def _check_boxes(boxes: npt.NDArray[np.floating], size: tuple[int, int], mean: float, std: float) -> None:
    if boxes.ndim != 2 or boxes.shape[1] != 4 or boxes.dtype not in (np.float32, np.float64):
        raise ValueError(f"boxes: expected float (y0, x0, y1, x1), shape (n, 4), got {boxes.dtype} of {boxes.shape}")
    if not (np.all(np.abs(boxes) < _FAR) and np.all(boxes[:, :2] < boxes[:, 2:])):
        raise ValueError("boxes: expected finite coordinates with y0 < y1 and x0 < x1, got others")
    if len(size) != 2 or min(size) < 1:
        raise ValueError(f"size: expected rows and columns of at least 1, got {size}")
    if not np.all(boxes[:, 2:] - boxes[:, :2] >= np.multiply(size, _LEAST)):
        raise ValueError(f"boxes: expected cells of at least {_LEAST} pixels across, got smaller ones")
    check_normalisation(mean, std)
