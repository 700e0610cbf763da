"""Dead time, then first order: exact for steps of any length in which the input is constant."""

from __future__ import annotations

import math
from collections import deque

_SETTLED = 1e-9
"""A value this near to its goal, relative, has arrived."""


class Lag:
    """One actuator or sensor.

    Args:
        value: where it stands at first.
        dead_s: nothing of a change shows for this long.
        tau_s: then it follows with this time constant.

    Attributes:
        value: where it stands now.
    """

    __slots__ = ("_asked", "_coming", "_dead_s", "_goal", "_now_s", "_tau_s", "value")

    def __init__(self, value: float, dead_s: float, tau_s: float) -> None:
        self.value = self._asked = self._goal = value
        self._dead_s, self._tau_s = dead_s, tau_s
        self._coming: deque[tuple[float, float]] = deque()
        self._now_s = 0.0

    def advance(self, seconds: float, asked: float) -> float:
        """Advance with the input at `asked`; returns the value at the end."""
        start_s = self._now_s
        end_s = self._now_s = start_s + seconds
        if asked != self._asked:
            self._asked = asked
            self._coming.append((start_s + self._dead_s, asked))
        elif self.value == self._goal and not self._coming:
            return self.value
        while self._coming and self._coming[0][0] < end_s - 1e-9:
            due_s, goal = self._coming.popleft()
            self._approach(due_s - start_s)
            start_s, self._goal = due_s, goal
        self._approach(end_s - start_s)
        return self.value

    def _approach(self, seconds: float) -> None:
        gap = (self.value - self._goal) * math.exp(-max(0.0, seconds) / self._tau_s)
        self.value = self._goal if abs(gap) <= _SETTLED * (1.0 + abs(self._goal)) else self._goal + gap
