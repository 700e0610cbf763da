"""The slew limit: over any one second the value in force changes by no more than the configured slew.

The plant takes a value some time between its write and its confirmation. So a value counts as in force
until its *successor was confirmed*, and that one from when it was *asked for*: whatever the bus and the
PLC's scan add, the change over any second that the plant itself sees stays within the limit.
"""

from __future__ import annotations

import math
from collections import deque

from cellctl.clock import NS_PER_MS
from cellctl.config.resolved import Setpoint

TICK_NS = 100 * NS_PER_MS
WINDOW_NS = 1010 * NS_PER_MS  # one second, and 1 % for a PLC clock that runs fast
_EPSILON = 1e-9  # slack for quotients of decimal fractions


class Slew:
    """What one set-point was during the last second; all values count least significant bits."""

    def __init__(self, setpoint: Setpoint) -> None:
        self.resolution = setpoint.resolution
        self.lowest = math.ceil(setpoint.minimum / setpoint.resolution - _EPSILON)
        self.highest = math.floor(setpoint.maximum / setpoint.resolution + _EPSILON)
        self._span = math.floor(setpoint.slew_per_s / setpoint.resolution + _EPSILON)
        self._step = max(1, self._span // 10)
        self._seen: deque[tuple[int, int]] = deque()
        self._since_ns: int  # how long the values are known without a gap, once there is one

    def counts(self, value: float) -> int:
        """The nearest value that the wire can carry."""
        return round(value / self.resolution)

    def nearest(self, value: float) -> int:
        """The same, inside the range."""
        return max(self.lowest, min(self.highest, self.counts(value)))

    def value(self, counts: int) -> float:
        """The engineering value of a count, without binary dust (20.04, not 20.040000000000003)."""
        return round(counts * self.resolution, 9)

    def note(self, counts: int, now_ns: int) -> None:
        """The value is, or may be, in force now; the one before may have been until now."""
        if not self._seen or not 0 <= now_ns - self._seen[-1][0] <= WINDOW_NS:
            self._seen.clear()
            self._since_ns = now_ns
        else:
            self._seen[-1] = (now_ns, self._seen[-1][1])
        if not self._seen or self._seen[-1][1] != counts:
            self._seen.append((now_ns, counts))
        while self._seen[0][0] < now_ns - WINDOW_NS:
            self._seen.popleft()

    def forget(self) -> None:
        """Nobody watched for a while: what the value was is unknown."""
        self._seen.clear()

    def watched(self, now_ns: int) -> bool:
        """Whether the whole last second is known."""
        return bool(self._seen) and now_ns - self._since_ns >= WINDOW_NS

    def still(self, now_ns: int) -> bool:
        """Whether the value was the same for the whole last second."""
        return self.watched(now_ns) and len(self._seen) == 1

    def next(self, now_ns: int, current: int, target: int) -> int | None:
        """The next increment from `current` towards `target`; None while the limit allows none."""
        recent = [counts for until_ns, counts in self._seen if until_ns >= now_ns - WINDOW_NS]
        lowest = max(self.lowest, max([*recent, current]) - self._span)
        highest = min(self.highest, min([*recent, current]) + self._span)
        step = max(-self._step, min(self._step, target - current))
        following = max(lowest, min(highest, current + step))
        forward = (following - current) * step > 0 or following == current == target
        return following if forward and lowest <= highest and self.watched(now_ns) else None
