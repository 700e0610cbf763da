"""What the kernels that read whole frames share."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Frame: TypeAlias = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]


def with_whole_rows(pixels: Frame) -> Frame:
    """The frame, or a copy of it where the pixels of a row do not lie side by side."""
    step, size = pixels.strides, pixels.itemsize
    straight = step[1] == size and step[0] % size == 0 and pixels.flags.aligned
    return pixels if straight else pixels.copy()


def check_range(name: str, value: int, least: int, most: int) -> None:
    """Raise ValueError unless `value` is a whole number from `least` to `most`."""
    if not (isinstance(value, int | np.integer) and least <= value <= most):
        raise ValueError(f"{name}: expected a whole number from {least} to {most}, got {value}")
