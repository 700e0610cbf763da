"""Defect rate and change detection: a Poisson CUSUM over continuous inspected metres.

Lucas, "Counted data CUSUMs", Technometrics 27 (1985). The statistic falls by `k` per inspected metre, never
below zero, and rises by one per object; it signals at the decision interval `h`. With
`k = (λ1 - λ0) / ln(λ1 / λ0)` it is the fastest detector of a change from λ0 to λ1 for a given false-alarm
length. For λ 0.02 → 0.2 /m and h = 3, updated once per metre: 20 020 m between false alarms, 25.6 m to a true
one. Counting every object where it is, as here, it signals a little sooner: 16 440 m and 24.4 m.
"""

from __future__ import annotations

import math
from collections import deque
from typing import NamedTuple

SHARE_OF_LAST = 20
"""Objects over which the share of low confidences is taken."""


class Run(NamedTuple):
    """What raised the statistic since it was zero: counted objects, and metres since the first."""

    objects: int
    metres: float


class PoissonCusum:
    """Detects that the rate of one class on one side rose from `normal_per_m` to `alarm_per_m`.

    Args:
        normal_per_m: rate in control λ0, events per metre, above 0.
        alarm_per_m: rate to be detected λ1, events per metre, above λ0.
        decision: decision interval h; higher means rarer false alarms and later true ones.
    """

    __slots__ = ("_metres", "_objects", "decision", "level", "reference_per_m")

    def __init__(self, normal_per_m: float, alarm_per_m: float, decision: float) -> None:
        self.reference_per_m = (alarm_per_m - normal_per_m) / math.log(alarm_per_m / normal_per_m)
        self.decision = decision
        self.restart()

    def restart(self) -> None:
        """Forget everything: the state after a verdict, and after a stop."""
        self.level = 0.0
        self._objects = 0
        self._metres = 0.0

    def advance(self, metres: float) -> None:
        """Account for inspected material."""
        if not self._objects:
            return
        self.level -= self.reference_per_m * metres
        self._metres += metres
        if self.level <= 0.0:
            self.restart()

    def count(self) -> bool:
        """Account for one object; True when the statistic stands at or above the decision interval."""
        self.level += 1.0
        self._objects += 1
        return self.level >= self.decision

    @property
    def run(self) -> Run:
        """The run that led to the present level."""
        return Run(self._objects, self._metres)


class ConfidenceShare:
    """Share of objects below the confidence limit among the last 20 of a class.

    Args:
        limit: an object below this confidence is unsure.
        most: with a higher share of unsure objects the classifier is not trusted to move a set-point.
    """

    __slots__ = ("_low", "_most", "limit")

    def __init__(self, limit: float, most: float = 0.30) -> None:
        self.limit = limit
        self._most = most
        self._low: deque[bool] = deque(maxlen=SHARE_OF_LAST)

    def see(self, confidence: float) -> bool:
        """Account for one object; True when it is confident enough to count."""
        counts = confidence >= self.limit
        self._low.append(not counts)
        return counts

    @property
    def share(self) -> float:
        """Share of low confidences among the last objects; 0 before the first."""
        return sum(self._low) / len(self._low) if self._low else 0.0

    @property
    def is_suspicious(self) -> bool:
        """Whether too many of the last 20 objects were below the limit (never before the twentieth)."""
        return len(self._low) == SHARE_OF_LAST and self.share > self._most
