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
