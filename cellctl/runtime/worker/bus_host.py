"""The process of one field connection: the bus body and its guard, over the links of the cell."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cellctl.clock import Clock, MonotonicClock
from cellctl.devices.modbus.line import Line
from cellctl.devices.modbus.settings import settings_of
from cellctl.devices.modbus.wire import wire_of
from cellctl.evidence.journal import Journal
from cellctl.pipes import Ports
from cellctl.runtime.bus import BusProcess
from cellctl.runtime.bus.state import GuardState
from cellctl.runtime.histogram import Histogram
from cellctl.runtime.topology import BUS_OUTPUTS
from cellctl.runtime.worker.beat import Pulse
from cellctl.sdk.ports import Sender

if TYPE_CHECKING:
    from cellctl.runtime.control import Stop
    from cellctl.runtime.station import Station
    from cellctl.runtime.topology import WorkerSpec
    from cellctl.runtime.worker.channel import Channel

BEAT_S = 0.1
SWITCH_S = 0.0005
"""The journal's thread gets its turn so soon: by itself Python lets it wait 5 ms for a loop that is decoding a poll."""


class AsyncPorts:
    """The links as the bus body wants them: awaited, never blocking its event loop."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._wake = asyncio.Event()
        self.results: Sender[Any] = ports.sender("results")
        self.readings: Sender[Any] = ports.sender("readings")
        self.alarms: Sender[Any] = ports.sender("alarms")
        self._kept: list[Any] = []
        loop = asyncio.get_running_loop()
        for descriptor in ports.descriptors:
            loop.add_reader(descriptor, self._wake.set)

    def receive(self) -> list[Any]:
        """Everything that has come, without waiting."""
        found, self._kept = self._kept, []
        while deliveries := self._ports.receive():
            for delivery in deliveries:
                found.append(delivery.message)
                self._ports.consumed(delivery)
        return found

    async def wait(self, timeout_s: float) -> None:
        """Sleep until something arrives or the time is up.

        The sockets' descriptors are edge-triggered, so what is already there is looked for first.
        """
        self._wake.clear()
        self._kept = self.receive()
        if self._kept:
            return
        try:
            async with asyncio.timeout(timeout_s):
                await self._wake.wait()
        except TimeoutError:
            return

    def close(self) -> None:
        """Stop watching the sockets."""
        loop = asyncio.get_running_loop()
        for descriptor in self._ports.descriptors:
            loop.remove_reader(descriptor)


class BusDevice:
    """One device of the connection: its links, its guard's journal, and its body.

    Args:
        station: the cell's.
        name: of the device.
        clock: monotonic time.
        line: the connection.
    """

    def __init__(self, station: Station, name: str, clock: Clock, line: Line) -> None:
        self._station = station
        self._name = name
        self._clock = clock
        self._line = line
        self.links = Ports(name, station.topology.links, clock, {}, tuple(BUS_OUTPUTS))
        self._state = GuardState(Path(station.state_dir), name) if station.state_dir else None
        self._journal = self._open_journal(Path(station.run_dir) / f"journal-{name}.jsonl")
        self._body: BusProcess | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Serve the device until `stop` is set."""
        ports, cell = AsyncPorts(self.links), self._station.cell
        device = cell.device(self._name)
        self._body = BusProcess(device, cell.guard, cell.web, self._journal, ports, self._clock, self._line)
        await self._body.run(stop)
        ports.close()

    def settle(self) -> None:
        """Ended in good order, the guard's memory needs this run no more."""
        if self._state is not None:
            self._state.settle()

    def notes(self) -> dict[str, float]:
        """Counts of its polls."""
        return self._body.notes() if self._body is not None else {}

    def _open_journal(self, path: Path) -> Journal:
        """The run's journal; it begins with what the guard remembers of the runs before."""
        config = self._station.cell.hash
        return Journal(path, config=config) if self._state is None else self._state.begin(path, config)


class BusHost:
    """Runs a `BusProcess` for each device of one connection until the supervisor asks it to stop."""

    def __init__(self, station: Station, worker: WorkerSpec, channel: Channel) -> None:
        self._channel = channel
        self._clock = MonotonicClock()
        first = station.cell.device(worker.name)
        self._line = Line(wire_of(settings_of(first.driver, first.settings)))
        self._devices = [BusDevice(station, name, self._clock, self._line) for name in worker.names]
        self._stages: dict[str, Histogram] = {}
        self._pulse = Pulse(channel, self, self._stages, self._notes)

    def run(self) -> None:
        """Serve the connection."""
        sys.setswitchinterval(SWITCH_S)
        asyncio.run(self._run())
        for device in self._devices:
            device.settle()

    def counts(self) -> dict[str, dict[str, int]]:
        """Of all links."""
        return {name: count for device in self._devices for name, count in device.links.counts().items()}

    async def _run(self) -> None:
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for device in self._devices:
                group.create_task(device.run(stop))
            asked = await group.create_task(self._beat_until_stop())
            stop.set()
        self._line.close()
        drained = [device.links.flush(asked.timeout_s) for device in self._devices]
        self._channel.done(self._pulse.now(), drained=all(drained))
        for device in self._devices:
            device.links.close()

    def _notes(self) -> dict[str, float]:
        notes: dict[str, float] = {}
        for device in self._devices:
            for name, count in device.notes().items():
                notes[name] = notes.get(name, 0.0) + count
        return notes

    async def _beat_until_stop(self) -> Stop:
        self._channel.hello()
        while True:
            self._pulse.keep(self._clock.now_ns())
            asked = self._channel.stop_asked()
            if asked is not None:
                return asked
            await asyncio.sleep(BEAT_S / 2)
