"""Sobel magnitude against OpenCV, in whole frames and in strips that stay in the cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.peers.case import Case, Limit, Peer
from cellctl.kernels import sobel_magnitude

ROWS, COLUMNS = 2048, 2560
STRIP = 64
"""Rows of a strip of the OpenCV path: its work arrays stay in the second-level cache."""


class Gradients:
    """OpenCV's way from a frame to `|gx| + |gy|` of 16 bits, with outputs that are allocated once."""

    def __init__(self, frame: npt.NDArray[np.uint8]) -> None:
        self.frame, self.out = frame, np.empty(frame.shape, np.int16)
        self._gx, self._gy = np.empty(frame.shape, np.int16), np.empty(frame.shape, np.int16)
        strip = (STRIP + 2, frame.shape[1])
        self._strip_x, self._strip_y = np.empty(strip, np.int16), np.empty(strip, np.int16)
        self._zero = np.zeros(frame.shape, np.int16)

    def whole(self) -> Any:
        """Each step over the whole frame."""
        cv2.spatialGradient(self.frame, self._gx, self._gy, 3, cv2.BORDER_REPLICATE)
        return self._add(self._gx, self._gy, self._zero, self.out)

    def strips(self) -> Any:
        """All steps over some rows (and one more above and below), then over the next."""
        for start in range(0, len(self.frame), STRIP):
            stop = min(start + STRIP, len(self.frame))
            top, end = max(start - 1, 0), min(stop + 1, len(self.frame))
            gx, gy = self._strip_x[: end - top], self._strip_y[: end - top]
            cv2.spatialGradient(self.frame[top:end], gx, gy, 3, cv2.BORDER_REPLICATE)
            inner = slice(start - top, stop - top)
            self._add(gx[inner], gy[inner], self._zero[: stop - start], self.out[start:stop])
        return self.out

    @staticmethod
    def _add(gx: Any, gy: Any, zero: Any, out: Any) -> Any:
        cv2.absdiff(gx, zero, gx)
        cv2.absdiff(gy, zero, gy)
        return cv2.add(gx, gy, out)


def cases() -> list[Case]:
    """The rows of this concept."""
    cv2.setNumThreads(1)
    frame = np.random.default_rng(3).integers(0, 256, (ROWS, COLUMNS), np.uint8)
    out = np.empty(frame.shape, np.uint16)
    theirs, words = Gradients(frame), frame.reshape(-1).view(np.uint64)

    def error() -> float:
        ours = sobel_magnitude(frame, out).astype(np.int64)
        return float(max(np.abs(ours - theirs.whole()).max(), np.abs(ours - theirs.strips()).max()))

    return [
        Case(
            "Sobel magnitude (L1), 2560×2048",
            lambda: sobel_magnitude(frame, out),
            (
                Peer("cv2.spatialGradient, absdiff, add", theirs.whole, 2.5),
                Peer(f"the same in strips of {STRIP} rows", theirs.strips, 2.5),
            ),
            Limit("read the frame", lambda: np.bitwise_or.reduce(words)),
            error,
            "grey values",
            frame.nbytes,
        )
    ]


def splittable() -> list[tuple[str, Callable[[int, int], None], int]]:
    """What may be split by output rows: its name, what makes rows from the first up to the second, how many."""
    frame = np.random.default_rng(3).integers(0, 256, (ROWS, COLUMNS), np.uint8)
    out = np.empty(frame.shape, np.uint16)

    def rows(start: int, stop: int) -> None:
        sobel_magnitude(frame, out, (start, stop))

    return [("Sobel magnitude (L1), 2560×2048", rows, ROWS)]
