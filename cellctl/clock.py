"""Time is injected: control uses monotonic nanoseconds, wall time is only for people."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
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


VIRTUAL_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class VirtualClock:
    """A clock that moves only when told to: for tests and lockstep; wall time starts at 2000-01-01 UTC.

    Attributes:
        t_ns: the time it shows; its owner sets it.
    """

    __slots__ = ("t_ns",)

    def __init__(self, start_ns: int = 0) -> None:
        self.t_ns = start_ns

    def now_ns(self) -> int:
        """Virtual monotonic time, ns."""
        return self.t_ns

    def wall(self) -> datetime:
        """Virtual wall time, UTC."""
        return VIRTUAL_EPOCH + timedelta(microseconds=self.t_ns / 1000)

    def advance(self, seconds: float) -> None:
        """Move time forward."""
        self.t_ns += round(seconds * NS_PER_S)
