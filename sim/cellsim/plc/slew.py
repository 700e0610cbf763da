"""A limit on how far a value may move within any one second."""

from __future__ import annotations

from collections import deque

from cellctl.clock import NS_PER_S


class SlewWindow:
    """Remembers what a value was during the last second.

    Args:
        value: what it is now.
        t_ns: now.
    """

    def __init__(self, value: float, t_ns: int) -> None:
        self._history: deque[tuple[int, float]] = deque([(t_ns, value)])

    @property
    def value(self) -> float:
        """The latest value."""
        return self._history[-1][1]

    def record(self, t_ns: int, value: float) -> None:
        """The value changed at `t_ns`."""
        self._forget(t_ns - NS_PER_S)
        if value != self.value:
            self._history.append((t_ns, value))

    def allows(self, t_ns: int, value: float, limit: float) -> bool:
        """Whether `value` at `t_ns` lies within `limit` of everything it was over the second before."""
        self._forget(t_ns - NS_PER_S)
        return all(abs(value - past) <= limit for _, past in self._history)

    def _forget(self, before_ns: int) -> None:
        """Drop entries that were over before the window began; the one that reaches into it stays."""
        while len(self._history) > 1 and self._history[1][0] <= before_ns:
            self._history.popleft()
