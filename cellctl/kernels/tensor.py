"""Frame to model tensor in one pass: flat field, mean over the area of each output cell, normalisation."""

from __future__ import annotations

from operator import index
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cellctl._native import tensor as _native
from cellctl.kernels.frames import Frame, check_normalisation, room, row_range, with_whole_rows

_JOINED = (1, 2, 4)
"""Whole ratios whose loops the compiler turns into vector code; others go by tables of weights."""

_SMALLEST = 1e-37
"""Largest gain that a scale is still made for; below, everything is as good as 0."""


class TensorMaker:
    """Turns frames of one camera into the input of a model: `((p - dark) · gain, mean over the cell, - mean) / std`.

    The frame is divided into `size` cells of equal area, which need not be whole pixels: a pixel that an edge cuts
    counts with the part of it that lies in the cell. That holds for shrinking and for enlarging alike. Nothing is
    clamped or rounded in between.

    The gain is kept in 16 bits, as multiples of its largest value / 65535: a gain g is wrong by at most
    `gain.max() / 131070`. Dark, mean and std are exact to float32, whatever the gain.

    Args:
        gain: flat-field gain, finite and at least 0, shape (rows, columns), or (columns,) where all rows share it.
        size: rows and columns of the tensor.
        rows: rows of a frame; only needed when `gain` is by column.
        dark: what a pixel shows without light, in grey values: one number, by column or by pixel.
        mean: mean of the corrected grey values that the model was trained on.
        std: their standard deviation, above 0.

    Raises:
        ValueError: a shape, type or size is not as stated.
    """

    def __init__(
        self,
        gain: npt.NDArray[np.float32],
        size: tuple[int, int],
        *,
        rows: int = 0,
        dark: float | npt.NDArray[np.float32] = 0.0,
        mean: float = 0.0,
        std: float = 1.0,
    ) -> None:
        shape = _frame_shape(gain, rows)
        _check_gain_and_dark(gain, dark, shape)
        _check_target(size, mean, std)
        size = index(size[0]), index(size[1])  # products of NumPy numbers of few bits would wrap
        self.shape, self.size = shape, size
        step = max(float(gain.max()), _SMALLEST) / 65535
        counts = np.rint(np.asarray(gain, np.float64) / step).astype(np.uint16)
        self._gain = np.broadcast_to(np.ascontiguousarray(counts), shape)
        area = shape[0] * shape[1] / (size[0] * size[1])
        self._scale = step / area / std
        dark_part = area_mean(np.broadcast_to(np.multiply(dark, counts * step), shape), size)
        self._shift = np.ascontiguousarray((dark_part + mean) / std, np.float32)
        self._rows, self._columns = _row_table(shape[0], size[0]), _column_table(shape[1], size[1])

    def make(
        self,
        pixels: Frame,
        out: npt.NDArray[np.float32] | None = None,
        rows: tuple[int, int] | None = None,
    ) -> npt.NDArray[np.float32]:
        """Make the tensor of a frame, or some rows of it.

        Different rows may be made in different threads at a time: the lock of the interpreter is released, and every
        split gives the same bits.

        Args:
            pixels: the frame, shape `self.shape`, uint8 or uint16; copied first when a row of it is not contiguous.
            out: where to write the whole tensor, float32 of shape `self.size`, C-contiguous; a new array if None.
                A model's input of shape (1, 1, rows, columns) is given as `input[0, 0]`.
            rows: write output rows from the first up to, without, the second; all if None.

        Returns:
            `out`, in units of `std`.

        Raises:
            ValueError: a shape, type or size is not as stated.
        """
        start, stop = row_range(rows, self.size[0])
        self._check(pixels)
        out = room(out, self.size, np.float32, pixels)
        if stop > start:
            first, weights, ratio = self._columns
            sums, whole_sums = np.empty(self.shape[1], np.float32), np.empty(self.shape[1], np.uint32)
            _native.make(
                with_whole_rows(pixels), self._gain, *self._rows, first, weights, ratio, self._scale, self._shift,
                sums, whole_sums, out[start:stop], start,
            )  # fmt: skip
        return out

    def _check(self, pixels: Frame) -> None:
        if pixels.shape != self.shape or pixels.dtype not in (np.uint8, np.uint16):
            raise ValueError(
                f"pixels: expected uint8 or uint16 of shape {self.shape}, got {pixels.dtype} of shape {pixels.shape}"
            )


class _Rows(NamedTuple):
    """By output row: the first frame row and how many, and what the first and the last of them count."""

    rows: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float32]


class _Columns(NamedTuple):
    """By output column: the first frame column and the weights from it on; and the ratio where `_JOINED` has it."""

    first: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float32]
    ratio: int


def area_mean(values: npt.NDArray[np.float64], size: tuple[int, int]) -> npt.NDArray[np.float64]:
    """Mean of a picture over each of `size` equal cells, in float64: differences of its running sums."""
    for axis, cells in enumerate(size):
        length = values.shape[axis]
        running = np.insert(np.cumsum(values, axis), 0, 0.0, axis)
        edges = np.arange(cells + 1) * length
        whole, part = edges // cells, edges % cells / cells
        more = np.take(running, np.minimum(whole + 1, length), axis) - np.take(running, whole, axis)
        at_edges = np.take(running, whole, axis) + more * (part[:, None] if axis == 0 else part)
        values = np.diff(at_edges, axis=axis) * (cells / length)
    return values


def _row_table(length: int, cells: int) -> _Rows:
    index = np.arange(cells)
    first, last = index * length // cells, ((index + 1) * length - 1) // cells
    weights = np.stack([_overlap(index, first, length, cells), _overlap(index, last, length, cells)], axis=1)
    return _Rows(np.stack([first, last - first + 1], axis=1).astype(np.int32), weights.astype(np.float32))


def _column_table(length: int, cells: int) -> _Columns:
    index = np.arange(cells)
    begin, last = index * length // cells, ((index + 1) * length - 1) // cells
    taps = int((last - begin).max()) + 1
    first = np.minimum(begin, length - taps)
    weights = _overlap(index[:, None], first[:, None] + np.arange(taps), length, cells)
    ratio = length // cells if length % cells == 0 and length // cells in _JOINED else 0
    return _Columns(first.astype(np.int32), np.ascontiguousarray(weights, np.float32), ratio)


def _overlap(
    cell: npt.NDArray[np.int64], pixel: npt.NDArray[np.int64], length: int, cells: int
) -> npt.NDArray[np.float64]:
    """Part of a pixel that lies in a cell, from whole numbers: exactly 1 where it lies in it wholly."""
    common = np.minimum((cell + 1) * length, (pixel + 1) * cells) - np.maximum(cell * length, pixel * cells)
    part: npt.NDArray[np.float64] = np.maximum(common, 0) / cells
    return part


def _frame_shape(gain: npt.NDArray[np.float32], rows: int) -> tuple[int, int]:
    if gain.dtype != np.float32 or gain.ndim not in (1, 2) or not gain.size:
        raise ValueError(f"gain: expected float32, by pixel or by column, got {gain.dtype} of shape {gain.shape}")
    if (gain.ndim == 1) != (rows > 0) and rows != gain.shape[0]:
        raise ValueError(f"rows: expected the frame's rows with a gain by column, got {rows} with shape {gain.shape}")
    return (rows, gain.shape[0]) if gain.ndim == 1 else (gain.shape[0], gain.shape[1])


def _check_gain_and_dark(gain: npt.NDArray[np.float32], dark: Any, shape: tuple[int, int]) -> None:
    if not (np.isfinite(gain).all() and gain.min() >= 0):
        raise ValueError(f"gain: expected finite values of at least 0, got {gain.min()} to {gain.max()}")
    if np.shape(dark) not in ((), shape[1:], shape) or not np.isfinite(dark).all():
        raise ValueError(f"dark: expected finite values, one, by column or of shape {shape}, got {np.shape(dark)}")


def _check_target(size: tuple[int, int], mean: float, std: float) -> None:
    if len(size) != 2 or min(size) < 1:
        raise ValueError(f"size: expected rows and columns of at least 1, got {size}")
    check_normalisation(mean, std)
