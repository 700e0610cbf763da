"""What happens next: events in the order of (time, place, number), on a clock that they move."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Any

from cellctl.clock import VirtualClock

Call = Callable[[Any], None]
Event = tuple[int, int, int, Call, Any]
"""Time, place of the one it happens to, number; what is called, and with which message (None for a timer)."""


class Schedule:
    """A heap of events; equal times are settled by place, then by the order in which they were scheduled.

    Attributes:
        clock: shows the time of the event that is happening.
        handled: events so far.
    """

    __slots__ = ("_heap", "_number", "clock", "handled")

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.handled = 0
        self._heap: list[Event] = []
        self._number = 0

    def at(self, t_ns: int, place: int, call: Call, message: Any = None) -> None:
        """Let `call(message)` happen at `t_ns`, or now if that has passed."""
        self._number = number = self._number + 1
        now_ns = self.clock.t_ns
        heappush(self._heap, (max(now_ns, t_ns), place, number, call, message))

    def run(self, until_ns: int) -> None:
        """Let everything happen that is due up to and including `until_ns`, and end there."""
        heap, clock, handled = self._heap, self.clock, 0
        try:
            while heap and heap[0][0] <= until_ns:
                t_ns, _, _, call, message = heappop(heap)
                clock.t_ns = t_ns
                handled += 1
                call(message)
        finally:
            self.handled += handled
        clock.t_ns = max(clock.t_ns, until_ns)

    def drop_timers(self) -> None:
        """Only messages under way are left."""
        self._heap = [event for event in self._heap if event[4] is not None]
        heapify(self._heap)

    def drain(self) -> None:
        """Let every message arrive that is under way, however long that takes.

        Timers that the messages set are dropped: a bus that tries to reach its safe state against a controller that
        refuses would set the next one for ever.
        """
        while self._heap:
            self.run(self._heap[0][0])
            self.drop_timers()


class Timer:
    """Calls periodically, beginning now.

    Args:
        schedule: of the host.
        place: of the one that is called.
        period_ns: distance of two calls.
        deliver: what is called, with None.
    """

    __slots__ = ("_deliver", "_due_ns", "_period_ns", "_place", "_schedule")

    def __init__(self, schedule: Schedule, place: int, period_ns: int, deliver: Call) -> None:
        self._schedule, self._place, self._period_ns = schedule, place, period_ns
        self._deliver = deliver
        self._due_ns = schedule.clock.t_ns
        schedule.at(self._due_ns, place, self.ring)

    def ring(self, _message: Any) -> None:
        """Call, and once more after the period."""
        self._due_ns += self._period_ns
        self._schedule.at(self._due_ns, self._place, self.ring)
        self._deliver(None)
