"""The live host of one plugin: its handlers run one after the other in the main thread of a process."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cellctl.clock import NS_PER_MS, NS_PER_S, MonotonicClock
from cellctl.model import SAMPLE_BYTES, Frame, Pooled, Waveform
from cellctl.pipes import Delivery, FramePool, Ports
from cellctl.runtime.histogram import Histogram
from cellctl.runtime.worker.beat import Pulse
from cellctl.sdk.plugin import Keeping, Pixels, Samples
from cellctl.sdk.ports import Sender
from cellctl.sdk.registry import find_plugin

if TYPE_CHECKING:
    from cellctl.runtime.station import Station
    from cellctl.runtime.topology import WorkerSpec
    from cellctl.runtime.worker.channel import Channel

QUIET_MS = 60
"""Inputs that stay empty this long after the upstream workers ended are drained."""


class _Timer:
    """One `@every` method; a late call is not made up for."""

    def __init__(self, period_s: float, call: Callable[[], None], now_ns: int) -> None:
        self.due_ns = now_ns
        self._period_ns = round(period_s * NS_PER_S)
        self._call = call

    def keep(self, now_ns: int) -> None:
        """Call when it is time."""
        if now_ns >= self.due_ns:
            self.due_ns = max(self.due_ns + self._period_ns, now_ns)
            self._call()


class PluginHost:
    """Implements `sdk.Context` over the links of this process."""

    def __init__(self, station: Station, worker: WorkerSpec, channel: Channel) -> None:
        entry = next(entry for entry in station.cell.plugins if entry.name == worker.name)
        self.name = worker.name
        self.clock = MonotonicClock()
        self.rng = random.Random(f"{station.cell.seed}/{worker.name}")
        self.cell = station.cell
        self.run_dir = Path(station.run_dir)
        self.keeping = Keeping.DISK
        self._channel = channel
        plugin_type = find_plugin(entry.use)
        self._pool_paths = station.topology.pools
        self._pools: dict[str, FramePool] = {}
        self._ports = Ports(worker.name, station.topology.links, self.clock, {}, tuple(plugin_type.outputs()))
        self._ports.watch(channel.socket)
        self._plugin = plugin_type(plugin_type.Settings.model_validate(entry.settings), self)
        self._handlers = self._plugin.handlers()
        self._timers = [_Timer(period, call, self.clock.now_ns()) for period, call in self._plugin.timers()]
        self._stages = {name: Histogram() for name in self._handlers}
        for name, port in plugin_type.inputs().items():
            if issubclass(port.message, Pooled):  # from exposure until handled: the figure that no link can thin out
                self._stages[f"{name}.age"] = Histogram()
        self._pulse = Pulse(channel, self._ports, self._stages)
        self._upstream = {name for spec in station.topology.workers if spec.rank < worker.rank for name in spec.names}

    def sender(self, port: str) -> Sender[Any]:
        """The sender behind an output."""
        return self._ports.sender(port)

    def pixels(self, frame: Frame) -> AbstractContextManager[Pixels]:
        """Borrow the pixels of a frame of the device it came from."""
        return self._pool(frame).borrow(frame.slot, frame.rows, frame.columns)

    @contextmanager
    def samples(self, waveform: Waveform) -> Iterator[Samples]:
        """Borrow the samples of a window of the device it came from."""
        with self._pool(waveform).borrow(waveform.slot, waveform.samples, SAMPLE_BYTES) as stored:
            samples = stored.reshape(-1).view(np.float32)
            samples.flags.writeable = False
            yield samples

    def _pool(self, message: Pooled) -> FramePool:
        """The pool of the message's device, mapped with its first message (the device makes it when it opens)."""
        if message.source not in self._pools:
            self._pools[message.source] = FramePool.attach(Path(self._pool_paths[message.source]))
        return self._pools[message.source]

    def run(self) -> None:
        """Dispatch until told to stop, then drain."""
        self._plugin.start()
        self._channel.hello()
        stop = None
        while stop is None:
            if not self._round():
                self._ports.wait(self._sleep_ms())
            stop = self._channel.stop_asked()
        drained = self._drain(stop.timeout_s)
        self._plugin.stop()
        drained = self._ports.flush(stop.timeout_s) and drained
        self._channel.done(self._pulse.now(), drained=drained)
        self._ports.close()

    def _round(self) -> list[Delivery]:
        """Handle at most one message per link and whatever timer is due; returns what was handled."""
        deliveries = self._ports.receive()
        for delivery in deliveries:
            self._dispatch(delivery)
        now = self.clock.now_ns()
        for timer in self._timers:
            timer.keep(now)
        self._pulse.keep(now)
        return deliveries

    def _dispatch(self, delivery: Delivery) -> None:
        start = self.clock.now_ns()
        message = delivery.message
        try:
            self._handlers[delivery.input](message)
        finally:
            if isinstance(message, Pooled):
                self._pool(message).release(message.slot.index, delivery.link.spec.holder)
            self._ports.consumed(delivery)
        end = self.clock.now_ns()
        self._stages[delivery.input].add(end - start)
        if isinstance(message, Pooled):
            self._stages[f"{delivery.input}.age"].add(end - message.stamp.t_ns)

    def _sleep_ms(self) -> int:
        due_ns = min([self._pulse.due_ns, *(timer.due_ns for timer in self._timers)])
        return max(0, (due_ns - self.clock.now_ns()) // NS_PER_MS)

    def _drain(self, timeout_s: float) -> bool:
        """Handle what is still on its way; True when everything upstream (it has ended) fell silent in time."""
        end = self.clock.now_ns() + round(timeout_s * NS_PER_S)
        quiet_since = self.clock.now_ns()
        while self.clock.now_ns() < end:
            if any(delivery.link.spec.source in self._upstream for delivery in self._round()):
                quiet_since = self.clock.now_ns()
            elif not self._ports.ready:
                quiet_since = self.clock.now_ns()  # not silence: nothing may be read before there is credit again
                self._ports.wait(5)
            elif self.clock.now_ns() - quiet_since > QUIET_MS * NS_PER_MS:
                return True
            else:
                self._ports.wait(5)
        return False
