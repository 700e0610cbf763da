"""What was true when a piece of web was made: values by material position, never by time."""

from __future__ import annotations

from collections import deque

MOST_CHANGES = 100_000
"""Bound of one history: a set-point that changes at every poll of 20 Hz for more than an hour of one oven length."""


class ByMetre:
    """A value along the web, constant between its changes; asked for positions that only go up.

    Args:
        step: changes smaller than this are not kept.
    """

    def __init__(self, step: float = 0.0) -> None:
        self._step = step
        self._changes: deque[tuple[float, float]] = deque(maxlen=MOST_CHANGES)
        self._end_mm = float("-inf")

    def record(self, s_mm: float, value: float) -> None:
        """From material position `s_mm` on, `value` holds; a position that went back (a new encoder) begins anew."""
        if s_mm < self._end_mm:
            self._changes.clear()
        self._end_mm = s_mm
        if not self._changes or abs(value - self._changes[-1][1]) > self._step:
            self._changes.append((s_mm, value))

    def at(self, s_mm: float) -> float | None:
        """The value at a position; None where nothing is known. What lies before it is forgotten."""
        changes = self._changes
        while len(changes) > 1 and changes[1][0] <= s_mm:
            changes.popleft()
        return changes[0][1] if changes and changes[0][0] <= s_mm <= self._end_mm else None
