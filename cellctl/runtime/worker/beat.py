"""The heartbeat of a worker: it carries the worker's counts and stage times."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from cellctl.clock import NS_PER_MS
from cellctl.runtime import control
from cellctl.runtime.histogram import Histogram
from cellctl.runtime.worker.channel import Channel

PERIOD_NS = 100 * NS_PER_MS


class Counted(Protocol):
    """What is counted of links: `Ports`, or several of them."""

    def counts(self) -> dict[str, dict[str, int]]:
        """Link → what was sent, received and dropped."""
        ...


class Pulse:
    """Sends a beat every 100 ms from the worker's own loop, so that a worker that hangs falls silent."""

    def __init__(
        self,
        channel: Channel,
        ports: Counted,
        stages: dict[str, Histogram],
        notes: Callable[[], dict[str, float]] = dict,
    ) -> None:
        self._channel = channel
        self._ports = ports
        self._stages = stages
        self._notes = notes
        self.due_ns = time.monotonic_ns()

    def keep(self, now_ns: int) -> None:
        """Beat when it is time."""
        if now_ns >= self.due_ns:
            self.due_ns = now_ns + PERIOD_NS
            self._channel.beat(self.now())

    def now(self) -> control.Beat:
        """The totals at this moment."""
        notes = {"cpu_s": time.process_time(), **self._notes()}
        return control.Beat(self._ports.counts(), {n: h.summary() for n, h in self._stages.items() if h.n}, notes)
