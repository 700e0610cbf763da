"""A clock that moves only when told to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cellctl.clock import NS_PER_S

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class VirtualClock:
    """Virtual time for tests and lockstep; wall time starts at 2000-01-01 UTC."""

    def __init__(self, start_ns: int = 0) -> None:
        self._now_ns = start_ns

    def now_ns(self) -> int:
        """Virtual monotonic time, ns."""
        return self._now_ns

    def wall(self) -> datetime:
        """Virtual wall time, UTC."""
        return EPOCH + timedelta(microseconds=self._now_ns / 1000)

    def advance(self, seconds: float) -> None:
        """Move time forward."""
        self._now_ns += round(seconds * NS_PER_S)
