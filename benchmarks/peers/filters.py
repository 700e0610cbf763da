"""Sobel magnitude and local threshold against OpenCV, in whole frames and in strips that stay in the cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.peers.case import Case, Limit, Peer
from cellctl.kernels import local_threshold, sobel_magnitude

ROWS, COLUMNS = 2048, 2560
STRIP = 64
"""Rows of a strip of the OpenCV path: its work arrays stay in the second-level cache."""
WINDOW, OFFSET = 31, 8
"""Of the local threshold."""


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


class Surroundings:
    """OpenCV's ways from a frame to a mask of what is darker than the rounded mean around it."""

    def __init__(self, frame: npt.NDArray[np.uint8]) -> None:
        self.frame, self.mean, self.out = frame, np.empty_like(frame), np.empty_like(frame)

    def adaptive(self) -> Any:
        """The function made for it."""
        mean, inverted = cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV
        return cv2.adaptiveThreshold(self.frame, 255, mean, inverted, WINDOW, OFFSET, self.out)

    def blur(self) -> Any:
        """Out of its parts."""
        cv2.blur(self.frame, (WINDOW, WINDOW), self.mean, (-1, -1), cv2.BORDER_REPLICATE)
        cv2.subtract(self.mean, self.frame, self.mean)
        return cv2.threshold(self.mean, OFFSET, 255, cv2.THRESH_BINARY, self.out)[1]


def sobel_case(frame: npt.NDArray[np.uint8], read: Limit) -> Case:
    """The Sobel magnitude."""
    out, theirs = np.empty(frame.shape, np.uint16), Gradients(frame)

    def error() -> float:
        ours = sobel_magnitude(frame, out).astype(np.int64)
        return float(max(np.abs(ours - theirs.whole()).max(), np.abs(ours - theirs.strips()).max()))

    return Case(
        "Sobel magnitude (L1), 2560×2048",
        lambda: sobel_magnitude(frame, out),
        (
            Peer("cv2.spatialGradient, absdiff, add", theirs.whole, 2.5),
            Peer(f"the same in strips of {STRIP} rows", theirs.strips, 2.5),
        ),
        read,
        error,
        "grey values",
        frame.nbytes,
    )


def threshold_case(frame: npt.NDArray[np.uint8], read: Limit) -> Case:
    """The local threshold; theirs round the mean, so they are to agree where half a grey value does not decide."""
    out, theirs = np.empty_like(frame), Surroundings(frame)

    def error() -> float:
        sums = cv2.boxFilter(frame, cv2.CV_32S, (WINDOW, WINDOW), None, (-1, -1), False, cv2.BORDER_REPLICATE)
        above = sums / WINDOW**2 - frame - OFFSET
        ours, decided = local_threshold(frame, WINDOW, OFFSET, out), np.abs(above) > 0.5 + 1e-9
        for mask in (theirs.adaptive(), theirs.blur()):
            if not np.array_equal(mask[decided], ours[decided]):
                message = "OpenCV's mask differs where rounding the mean does not decide"
                raise ArithmeticError(message)
        return float(np.mean((ours > 0) != (above > 0)))

    return Case(
        f"local threshold {WINDOW}×{WINDOW}, 2560×2048",
        lambda: local_threshold(frame, WINDOW, OFFSET, out),
        (Peer("cv2.blur, subtract, threshold", theirs.blur), Peer("cv2.adaptiveThreshold", theirs.adaptive)),
        read,
        error,
        "share of pixels",
        frame.nbytes,
    )


def cases() -> list[Case]:
    """The rows of this concept."""
    cv2.setNumThreads(1)
    frame = np.random.default_rng(3).integers(0, 256, (ROWS, COLUMNS), np.uint8)
    words = frame.reshape(-1).view(np.uint64)
    read = Limit("read the frame", lambda: np.bitwise_or.reduce(words))
    return [sobel_case(frame, read), threshold_case(frame, read)]


def splittable() -> list[tuple[str, Callable[[int, int], None], int]]:
    """What may be split by output rows: its name, what makes rows from the first up to the second, how many."""
    frame = np.random.default_rng(3).integers(0, 256, (ROWS, COLUMNS), np.uint8)
    out, mask = np.empty(frame.shape, np.uint16), np.empty_like(frame)

    def sobel(start: int, stop: int) -> None:
        sobel_magnitude(frame, out, (start, stop))

    def threshold(start: int, stop: int) -> None:
        local_threshold(frame, WINDOW, OFFSET, mask, (start, stop))

    return [("Sobel magnitude (L1), 2560×2048", sobel, ROWS), ("local threshold, 2560×2048", threshold, ROWS)]
