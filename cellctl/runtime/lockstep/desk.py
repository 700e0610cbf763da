"""A plugin whose handlers take time: what comes meanwhile waits, by the rules of the live cell's links."""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

from cellctl.runtime.lockstep.schedule import Call, Schedule

UNBOUNDED = 0
"""Depth of an input whose sender waits in the live cell: here nothing is lost either."""


class _Waiting(NamedTuple):
    entrance: str
    handler: Call
    message: Any


class Desk:
    """Handles one message at a time, each for the same duration.

    Args:
        schedule: of the host.
        place: of the plugin.
        duration_ns: of every handler.

    Attributes:
        dropped: entrance → messages lost because newer ones came.
    """

    def __init__(self, schedule: Schedule, place: int, duration_ns: int) -> None:
        self._schedule, self._place, self._duration_ns = schedule, place, duration_ns
        self._free_ns = 0
        self._waiting: deque[_Waiting] = deque()
        self.dropped: dict[str, int] = {}

    def entrance(self, name: str, handler: Call, depth: int) -> Call:
        """What a sender calls instead of the handler; of one entrance at most `depth` wait, the oldest go first."""
        if self._duration_ns == 0:
            return handler

        def arrive(message: Any) -> None:
            if not self._waiting and self._schedule.clock.t_ns >= self._free_ns:
                self._handle(handler, message)
                return
            if depth:
                self._make_room(name, depth)
            if not self._waiting:
                self._schedule.at(self._free_ns, self._place, self._next, self)
            self._waiting.append(_Waiting(name, handler, message))

        return arrive

    def _next(self, _: Any) -> None:
        if not self._waiting:
            return
        waiting = self._waiting.popleft()
        self._handle(waiting.handler, waiting.message)
        if self._waiting:
            self._schedule.at(self._free_ns, self._place, self._next, self)

    def _handle(self, handler: Call, message: Any) -> None:
        self._free_ns = self._schedule.clock.t_ns + self._duration_ns
        handler(message)

    def _make_room(self, name: str, depth: int) -> None:
        same = [place for place, waiting in enumerate(self._waiting) if waiting.entrance == name]
        if len(same) >= depth:
            del self._waiting[same[0]]
            self.dropped[name] = self.dropped.get(name, 0) + 1
