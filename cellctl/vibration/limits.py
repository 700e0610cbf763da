"""What is too much: limits that an engineer states, and limits learnt from a machine that was known to be sound."""

from __future__ import annotations

import math
from collections.abc import Mapping

from cellctl.vibration.time_domain import FEATURES

LEARNT = ("rms", "kurtosis")
"""What a baseline looks at: how much a machine shakes, and how impulsive that is."""


class Limits:
    """Upper limits of features; `skewness` and `mean` count by their size.

    Args:
        limits: feature → the largest value that is right.
    """

    def __init__(self, limits: Mapping[str, float]) -> None:
        self._limits = {name: limits[name] for name in FEATURES if name in limits}

    def __bool__(self) -> bool:
        return bool(self._limits)

    def missing(self, values: Mapping[str, float]) -> list[str]:
        """Features that have a limit and no value."""
        return [name for name in self._limits if name not in values]

    def exceeded(self, values: Mapping[str, float]) -> dict[str, float]:
        """Features above their limit → that limit, the one that is furthest above first; a missing one is not above."""
        above = {name: most for name, most in self._limits.items() if name in values and abs(values[name]) > most}
        return dict(sorted(above.items(), key=lambda item: -abs(values[item[0]]) / max(item[1], 1e-300)))


class Baseline:
    """Learns from the first windows of a sound machine how much its features scatter.

    The limit of a feature is `mean + width · s` of its logarithm over the learnt windows, with their standard deviation
    s (n − 1) and `least` as its least value, so that very even windows do not make every later one look strange.

    Args:
        windows: how many are learnt from, at least 5.
        width: distance of the limit from the mean, in standard deviations.
        least: smallest standard deviation of the logarithm that is believed.
    """

    def __init__(self, windows: int, width: float = 6.0, least: float = 0.05) -> None:
        self._windows = windows
        self._width = width
        self._least = least
        self._seen: dict[str, list[float]] = {name: [] for name in LEARNT}

    @property
    def missing(self) -> int:
        """Windows that are still to be learnt from."""
        return self._windows - len(self._seen[LEARNT[0]])

    def learn(self, values: Mapping[str, float]) -> None:
        """Learn from one window."""
        for name, seen in self._seen.items():
            seen.append(math.log(values[name]))

    def limits(self) -> dict[str, float]:
        """Feature → limit; only when nothing is missing."""
        return {name: self._limit(seen) for name, seen in self._seen.items()}

    def _limit(self, seen: list[float]) -> float:
        mean = math.fsum(seen) / len(seen)
        variance = math.fsum((value - mean) ** 2 for value in seen) / (len(seen) - 1)
        return math.exp(mean + self._width * max(self._least, math.sqrt(variance)))
