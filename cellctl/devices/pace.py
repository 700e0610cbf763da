"""How fast a device hands out what it reads: at a steady pace, or as fast as it is taken."""

from __future__ import annotations

import time

from cellctl.clock import NS_PER_S


class Pace:
    """Says when the next one is due. A late one is not made up for.

    Args:
        rate_hz: so many per second; None for as fast as they are taken.
    """

    def __init__(self, rate_hz: float | None) -> None:
        self._period_ns = 0 if rate_hz is None else round(NS_PER_S / rate_hz)
        self._due_ns = 0

    def wait(self, timeout_s: float) -> bool:
        """Sleep until the next one is due, at most `timeout_s`; whether it is due."""
        now = time.monotonic_ns()
        left_ns = self._due_ns - now
        if left_ns > 0:
            time.sleep(min(left_ns / NS_PER_S, timeout_s))
            now = time.monotonic_ns()
        if now < self._due_ns:
            return False
        self._due_ns = max(self._due_ns, now - self._period_ns) + self._period_ns
        return True
