"""Protected classes: a correction that helps one class must not buy it with another.

Given the total count, the events after the move are binomial with the share of metres after it, if the rate
did not change (Przyborowski & Wilenski, Biometrika 31, 1940). The one-sided p-value is exact at any count.
Each class is tested at the full risk: a false objection costs one roll-back, a missed one costs product.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable

RISK = 0.05
"""Share of harmless corrections that each protected class may wrongly object to."""

HISTORY_M = 500.0
"""Inspected metres before the move that are compared with; older material tells of another day."""

MOST_OBJECTS = 4096
"""Bound on remembered positions; beyond it the class is so frequent that the oldest add nothing."""


def chance_of_at_least(events: int, trials: int, share: float) -> float:
    """P(X ≥ events) for X binomial(trials, share) with 0 < share < 1; in logarithms, so any count will do."""
    yes, no = math.log(share), math.log1p(-share)
    return math.fsum(math.exp(_log_comb(trials, k) + k * yes + (trials - k) * no) for k in range(events, trials + 1))


def _log_comb(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def got_worse(before: tuple[int, float], after: tuple[int, float], risk: float = RISK) -> bool:
    """Whether the rate after (events, metres) is higher than before, at the given one-sided risk."""
    (events_before, metres_before), (events_after, metres_after) = before, after
    if events_after == 0 or metres_before <= 0.0 or metres_after <= 0.0:
        return False
    share = metres_after / (metres_before + metres_after)
    return chance_of_at_least(events_after, events_before + events_after, share) <= risk


class ProtectedClasses:
    """Counts objects of the protected classes before a move, and after it in verified material."""

    def __init__(self, classes: Iterable[str]) -> None:
        self._inspected_m = 0.0
        self._seen: dict[str, deque[float]] = {name: deque(maxlen=MOST_OBJECTS) for name in classes}
        self._before: dict[str, tuple[int, float]] = {}
        self._after: dict[str, int] = {}
        self._after_m = 0.0

    def __bool__(self) -> bool:
        return bool(self._seen)

    def advance(self, metres: float) -> None:
        """Account for inspected material while no correction is under way."""
        self._inspected_m += metres

    def see(self, defect: str) -> None:
        """Account for an object while no correction is under way."""
        if defect in self._seen:
            self._seen[defect].append(self._inspected_m)

    def open(self) -> None:
        """A correction begins: freeze what was before."""
        start_m = max(0.0, self._inspected_m - HISTORY_M)
        length_m = self._inspected_m - start_m
        self._before = {name: (sum(at >= start_m for at in places), length_m) for name, places in self._seen.items()}
        self._after = dict.fromkeys(self._seen, 0)
        self._after_m = 0.0

    def add(self, metres: float, defects: Iterable[str]) -> None:
        """Account for verified material and the objects in it."""
        self._after_m += metres
        for defect in defects:
            if defect in self._after:
                self._after[defect] += 1

    def worse(self) -> tuple[str, ...]:
        """The classes whose rate rose."""
        return tuple(
            name for name, before in self._before.items() if got_worse(before, (self._after[name], self._after_m))
        )

    def counts(self) -> dict[str, tuple[int, float, int, float]]:
        """Class → events and metres before, events and metres after."""
        return {name: (*before, self._after[name], self._after_m) for name, before in self._before.items()}
