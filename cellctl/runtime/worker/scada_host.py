"""The process by which other systems read the cell: it hears what the faces hear, and nobody waits for it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

from cellctl.clock import MonotonicClock
from cellctl.devices.modbus_server.image import Image
from cellctl.devices.modbus_server.points import read_points
from cellctl.devices.modbus_server.requests import Function
from cellctl.devices.modbus_server.server import Limits, ModbusServer
from cellctl.pipes import Ports
from cellctl.runtime.scada.picture import Picture
from cellctl.runtime.worker.beat import Pulse

if TYPE_CHECKING:
    from cellctl.runtime.station import Station
    from cellctl.runtime.topology import WorkerSpec
    from cellctl.runtime.worker.channel import Channel

NICE = 10
"""Whatever clients ask for, the processor is the line's first."""
LOOK_S = 0.02
"""How often it looks for news: a fifth of the fastest beat, and little enough work between two requests."""


class ScadaHost:
    """Runs a `ModbusServer` over the newest messages until the supervisor asks it to stop."""

    def __init__(self, station: Station, worker: WorkerSpec, channel: Channel) -> None:
        settings = station.cell.scada
        assert settings is not None  # a cell without the section has no such process
        self._channel = channel
        self._clock = clock = MonotonicClock()
        self._ports = Ports(worker.name, station.topology.links, clock, {}, ())
        self._picture = picture = Picture(station.cell, settings.stale_s)
        self._server = ModbusServer(
            settings.host, settings.port, frozenset(map(Function, settings.allow)),
            Limits(settings.connections, settings.idle_s, settings.rate_hz),
            Image(read_points(Path(settings.tags)), lambda name: picture.show(name, clock.now_ns())),
        )  # fmt: skip
        self._pulse = Pulse(channel, self._ports, {}, self._notes)

    def run(self) -> None:
        """Serve."""
        asyncio.run(self._run())

    async def _run(self) -> None:
        os.nice(NICE)
        await self._server.open()
        self._channel.hello()
        try:
            while self._channel.stop_asked() is None:
                self._hear()
                self._pulse.keep(self._clock.now_ns())
                await asyncio.sleep(LOOK_S)
        finally:
            await self._server.close()
        self._hear()
        self._channel.done(self._pulse.now(), drained=True)
        self._ports.close()

    def _hear(self) -> None:
        """Take in all that has come."""
        while deliveries := self._ports.receive():
            for delivery in deliveries:
                self._picture.take(delivery.message)
                self._ports.consumed(delivery)

    def _notes(self) -> dict[str, float]:
        return {"connections": float(self._server.connections), **{k: float(v) for k, v in self._server.counts.items()}}
