"""Due times that lie a whole number of periods apart: a late poll shifts none of those that follow."""

from __future__ import annotations

import math


class Rhythm:
    """Says when the next round is due.

    Args:
        period_s: between two rounds.
        now_s: when the first one is due, on the clock that `after` is told.
    """

    def __init__(self, period_s: float, now_s: float) -> None:
        self._period_s = period_s
        self._due_s = now_s

    def after(self, now_s: float) -> tuple[float, int]:
        """Seconds until the round after this one, and how many due times have passed without a round."""
        self._due_s += self._period_s
        missed = max(math.floor((now_s - self._due_s) / self._period_s), 0)
        self._due_s += missed * self._period_s
        return max(self._due_s - now_s, 0.0), missed
