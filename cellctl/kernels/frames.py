"""What the kernels that read whole frames share."""

from __future__ import annotations

from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

Number = TypeVar("Number", bound=np.generic)
Frame: TypeAlias = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]


def with_whole_rows(pixels: Frame) -> Frame:
    """The frame, or a copy of it where the pixels of a row do not lie side by side."""
    step, size = pixels.strides, pixels.itemsize
    straight = step[1] == size and step[0] % size == 0 and pixels.flags.aligned
    return pixels if straight else pixels.copy()


def check_grey(pixels: Frame) -> None:
    """Refuse what is no frame of bytes."""
    if pixels.ndim != 2 or pixels.dtype != np.uint8:
        raise ValueError(f"pixels: expected 2-D uint8, got {pixels.ndim}-D {pixels.dtype}")


def row_range(rows: tuple[int, int] | None, height: int) -> tuple[int, int]:
    """The rows from the first up to, without, the second; all of `height` for None."""
    start, stop = (0, height) if rows is None else rows
    if not 0 <= start <= stop <= height:
        raise ValueError(f"rows: expected 0 <= from <= to <= {height}, got {start} to {stop}")
    return start, stop


def check_range(name: str, value: int, least: int, most: int) -> None:
    """Raise ValueError unless `value` is a whole number from `least` to `most`."""
    if not (isinstance(value, int | np.integer) and least <= value <= most):
        raise ValueError(f"{name}: expected a whole number from {least} to {most}, got {value}")


def room(
    out: npt.NDArray[Any] | None, shape: tuple[int, ...], dtype: type[Number], *inputs: npt.NDArray[Any]
) -> npt.NDArray[Number]:
    """`out`, or a new array if None; ValueError unless a result made of `inputs` can be written there."""
    if out is None:
        return np.empty(shape, dtype)
    if out.dtype != dtype or out.shape != shape or not out.flags.c_contiguous:
        raise ValueError(
            f"out: expected contiguous {np.dtype(dtype)} of shape {shape}, got {out.dtype} of shape {out.shape}"
        )
    if not out.flags.writeable or any(np.may_share_memory(out, part) for part in inputs):
        raise ValueError("out: expected writable memory apart from what is read, got read-only or shared memory")
    return out


def check_normalisation(mean: float, std: float) -> None:
    """Raise ValueError unless float32 holds both, and what both make of a pixel."""
    limits = np.finfo(np.float32)
    fits = float(limits.tiny) <= std <= float(limits.max) and abs(mean) <= float(limits.max) * min(1.0, float(std))
    if not fits:
        raise ValueError(f"mean, std: expected finite numbers within float32, std above 0, got {mean} and {std}")
