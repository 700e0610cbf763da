"""The sender behind an output: a message is stamped and reaches each listener when its handler has ended."""

from __future__ import annotations

from typing import Any

import msgspec

from cellctl.model.message import Message
from cellctl.runtime.lockstep.schedule import Call, Schedule

_replace = msgspec.structs.replace


class Outbox:
    """Every message goes to each listener, in virtual time.

    Args:
        schedule: of the host.
        source: name of the sender.
        delay_ns: how long the sender's handlers take.

    Attributes:
        listeners: place and entrance of each.
        sequence: messages sent.
    """

    __slots__ = ("_delay_ns", "_schedule", "_source", "listeners", "sequence")

    def __init__(self, schedule: Schedule, source: str, delay_ns: int = 0) -> None:
        self._schedule, self._source, self._delay_ns = schedule, source, delay_ns
        self.listeners: list[tuple[int, Call]] = []
        self.sequence = 0

    def send(self, message: Message) -> None:
        """Send to every listener; never blocks."""
        self.sequence += 1
        if not self.listeners:
            return
        stamped: Any = _replace(message, source=self._source, sequence=self.sequence)
        schedule = self._schedule
        t_ns = schedule.clock.t_ns + self._delay_ns
        for place, call in self.listeners:
            schedule.at(t_ns, place, call, stamped)
