"""Time is injected: control uses monotonic nanoseconds, wall time is only for people."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000


class Clock(Protocol):
    """What a handler may know about time."""

    def now_ns(self) -> int:
        """Monotonic time, ns."""
        ...

    def wall(self) -> datetime:
        """Wall time in UTC, for people and file names only."""
        ...


class MonotonicClock:
    """The machine's own monotonic clock; every process of one cell shares its origin."""

    def now_ns(self) -> int:
        """Monotonic time, ns."""
        return time.monotonic_ns()

    def wall(self) -> datetime:
        """Wall time in UTC."""
        return datetime.now(UTC)
