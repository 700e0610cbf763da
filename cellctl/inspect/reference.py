"""The column reference: what a normal line looks like, learnt from the web itself and kept up to date.

Strategy. Vignetting, lamp, the pixels' own gain and the place of the coated edges all show as a profile over the
columns. It begins as the median over the first blocks, so a defect among them does not show; a streak that fills
its column is bridged from its neighbours. From then on every block moves it a little towards its own mean, from
pixels within bounds only and only in columns nearly all of whose pixels are within bounds: a defect cannot bend
the reference it is judged by. Columns at a coated edge follow faster, because edges wander faster than lamps age.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cellctl.inspect.rules import Pitch, Rules
from cellctl.kernels import Bounds, Found

Floats = npt.NDArray[np.float32]

_FOLLOW = 0.05
"""Share of a block's mean in the new reference: a time constant of 20 blocks, half a metre of web."""
_FOLLOW_EDGE = 0.4
"""The same near a coated edge: two blocks; an edge that wanders 0.3 mm per metre lags by 0.02 mm."""
_EDGE_COLUMNS = 6
"""How far from an edge the faster pace holds, columns on either side."""
_MOST_MOVE = 3.0
"""Columns by which an edge may have wandered unseen."""
_MOSTLY = 0.9
"""Share of a column's pixels that must be within bounds for the column to follow."""
_BRIDGE = 15
"""Half width of the median across columns that bridges a streak at start-up; less than the bare rim is wide."""
_FOIL_RATIO = 1.5
"""Bare foil is at least this much brighter than the median of the lane."""
_SAMPLE_EVERY = 8
"""A median looks at every so many lines or columns."""


class Edges(NamedTuple):
    """The coated edges in columns from the left rim of the field (a rim that is not in sight: 0 or the width)."""

    left: float
    right: float


class Reference:
    """The profile of one camera.

    Args:
        columns: pixels per line.
        pitch: scale of the pixels.
        rules: threshold, tolerance and length of the start-up.
    """

    def __init__(self, columns: int, pitch: Pitch, rules: Rules) -> None:
        self._rules = rules
        self._tolerance = pitch.columns(rules.edge_tolerance_mm) if rules.edge_tolerance_mm > 0 else 0
        self._first: list[Floats] = []
        self._profile: Floats = np.ones(columns, np.float32)
        self.edges = Edges(0.0, float(columns))
        self.settled = False

    @property
    def profile(self) -> Floats:
        """The normal grey value of every column, at least 1."""
        return self._profile

    @property
    def mean(self) -> float:
        """Mean grey value of a normal block."""
        return float(self._profile.mean())

    @property
    def learnt(self) -> int:
        """Blocks learnt so far."""
        return len(self._first)

    def learn(self, pixels: npt.NDArray[np.uint8]) -> None:
        """Take one block of the start-up; the last one settles the reference."""
        self._first.append(np.median(pixels[::_SAMPLE_EVERY], axis=0).astype(np.float32))
        if len(self._first) < self._rules.reference_blocks:
            return
        profile = np.median(self._first, axis=0).astype(np.float32)
        smooth = _median_across(profile, _BRIDGE)
        self._set(np.where(np.abs(profile - smooth) > self._threshold(smooth), smooth, profile))
        self.settled = True

    def update(self, found: Found) -> None:
        """Follow lamp and edges, from the sums of one plausible block."""
        follow = found.counts >= _MOSTLY * found.sampled_rows
        mean = found.sums / np.maximum(found.counts, 1)
        pace = np.full(mean.shape, _FOLLOW)
        for edge in self.edges:
            pace[_near(edge)] = _FOLLOW_EDGE
        self._set(self._profile + np.where(follow, pace * (mean - self._profile), 0.0).astype(np.float32))

    def realign(self, pixels: npt.NDArray[np.uint8]) -> None:
        """Find the coated edges again in a block that follows a stretch which was not seen.

        They may have wandered meanwhile. An edge that seems to have moved far is left alone: that is for the
        inspection to find, not for the reference to follow.
        """
        profile = self._profile.copy()
        for edge in self.edges:
            profile[_near(edge)] = np.median(pixels[::_SAMPLE_EVERY, _near(edge)], axis=0)
        moved = np.subtract(find_edges(profile), self.edges)
        if np.all(np.abs(moved) <= _MOST_MOVE):
            self._set(profile)

    def bounds(self) -> Bounds:
        """Lowest and highest normal pixel per column: threshold plus what the edge tolerance allows.

        With tolerance w the lower bound is the least profile of the columns x-w … x+w, less the threshold, the
        upper bound their largest, plus it: a step that moves by up to w columns stays within bounds.
        """
        padded = np.pad(self._profile, self._tolerance, mode="edge")
        near = np.lib.stride_tricks.sliding_window_view(padded, self._profile.size)
        least, most = near.min(axis=0), near.max(axis=0)
        low, high = np.ceil(least - self._threshold(least)), np.floor(most + self._threshold(most))
        return Bounds(
            np.clip(low, 0, 255).astype(np.uint8),
            np.clip(high, 0, 255).astype(np.uint8),
            (1.0 / self._profile).astype(np.float32),
        )

    def _threshold(self, profile: Floats) -> Floats:
        relative: Floats = profile * np.float32(self._rules.contrast)
        return np.maximum(relative, np.float32(self._rules.least_grey), dtype=np.float32)

    def _set(self, profile: Floats) -> None:
        self._profile = np.maximum(profile, np.float32(1.0))
        self.edges = find_edges(self._profile)


def find_edges(profile: Floats) -> Edges:
    """Where bare foil gives way to the coated lane on either side, to a fraction of a column."""
    level = _FOIL_RATIO * float(np.median(profile[::_SAMPLE_EVERY]))
    coated = np.flatnonzero(profile < level)
    if not coated.size:
        return Edges(0.0, float(profile.size))
    first, last = int(coated[0]), int(coated[-1])
    left = 0.0 if first == 0 else first + 0.5 - _beyond(profile, first, first - 1, level)
    is_open = last == profile.size - 1
    right = float(profile.size) if is_open else last + 0.5 + _beyond(profile, last, last + 1, level)
    return Edges(left, right)


def _near(edge: float) -> slice:
    """The columns around an edge."""
    return slice(max(0, round(edge) - _EDGE_COLUMNS), round(edge) + _EDGE_COLUMNS + 1)


def _beyond(profile: Floats, coat: int, foil: int, level: float) -> float:
    """How far from the centre of column `coat` to that of its neighbour `foil` the profile crosses `level`."""
    low, high = float(profile[coat]), float(profile[foil])
    return (level - low) / (high - low)


def _median_across(profile: Floats, half: int) -> Floats:
    window = np.lib.stride_tricks.sliding_window_view(np.pad(profile, half, mode="edge"), 2 * half + 1)
    return np.asarray(np.median(window, axis=1), dtype=np.float32)
