"""The edge of a web in every line against NumPy and OpenCV, on the columns around it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.peers.case import Case, Limit, Peer
from cellctl.kernels import edge_profile

ROWS, COLUMNS = 2048, 2560
EXPECTED, REACH, CONTRAST = 1280, 24, 30
SIDE, GAP = 4, 2
"""What our kernel takes the levels of the sides from; NumPy does the same."""


def web() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float64]]:
    """A frame whose edge wanders, sharp within its pixel, and where it is."""
    edges = EXPECTED + 15 * np.sin(np.arange(ROWS) / 150) + np.random.default_rng(5).uniform(-1, 1, ROWS)
    share = np.clip(np.arange(COLUMNS) + 1 - edges[:, None], 0, 1)
    return np.round(60 + 120 * share).astype(np.uint8), edges


class Lines:
    """Others' ways to the edges, on the columns that matter only."""

    def __init__(self, frame: npt.NDArray[np.uint8]) -> None:
        self.first = EXPECTED - REACH - SIDE - GAP
        self.window = frame[:, self.first : EXPECTED + REACH + SIDE + GAP]
        self.rows = np.arange(len(frame))
        self.slopes = np.empty(self.window.shape, np.float32)

    def numpy(self) -> Any:
        """What our kernel does, over all lines at once."""
        sums = np.cumsum(self.window, axis=1, dtype=np.int32)
        sums = np.pad(sums, ((0, 0), (1, 0)))
        sides = sums[:, SIDE:] - sums[:, :-SIDE]
        near = (sides[:, SIDE + GAP : -GAP] - sides[:, GAP : -SIDE - GAP]).argmax(axis=1) + SIDE + GAP
        low, high = sides[self.rows, near - SIDE - GAP], sides[self.rows, near + GAP]
        level = (low + high) / SIDE
        around = near[:, None] + np.arange(-GAP - 1, GAP + 2)
        twice = sums[self.rows[:, None], around + 1] - sums[self.rows[:, None], around - 1]
        n = np.maximum((twice >= level[:, None]).argmax(axis=1) - 1, 0)
        before, after = twice[self.rows, n], twice[self.rows, n + 1]
        edges = self.first + around[self.rows, n] + (level - before) / np.maximum(after - before, 1)
        return np.where(high - low >= CONTRAST * SIDE, edges, np.nan).astype(np.float32)

    def opencv(self) -> Any:
        """The steepest place along the line by a Sobel filter of one line's height, refined by a parabola."""
        slopes = cv2.Sobel(self.window, cv2.CV_32F, 1, 0, self.slopes, 1, 0.5, 0, cv2.BORDER_REPLICATE)
        n = slopes[:, 1:-1].argmax(axis=1) + 1
        left, middle, right = slopes[self.rows, n - 1], slopes[self.rows, n], slopes[self.rows, n + 1]
        return self.first + n + 0.5 + (left - right) / (2 * (left - 2 * middle + right))


def cases() -> list[Case]:
    """The rows of this concept."""
    cv2.setNumThreads(1)
    frame, edges = web()
    theirs, out = Lines(frame), np.empty(ROWS, np.float32)

    def ours() -> Any:
        return edge_profile(frame, EXPECTED, REACH, CONTRAST, rising=True, out=out)

    def error() -> float:
        np.testing.assert_allclose(theirs.numpy(), ours(), atol=1e-3)
        np.testing.assert_allclose(theirs.opencv(), edges, atol=0.5)
        return float(np.abs(ours() - edges).max())

    return [
        Case(
            f"edge of the web in {ROWS} lines, {2 * REACH} columns",
            ours,
            (Peer("NumPy, the same over all lines", theirs.numpy), Peer("cv2.Sobel, argmax, parabola", theirs.opencv)),
            Limit("read the columns", lambda: np.bitwise_or.reduce(theirs.window, axis=None)),
            error,
            "columns",
        )
    ]
