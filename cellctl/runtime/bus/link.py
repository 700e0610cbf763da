"""The life of the field connection: connect, heartbeat, polls, and what happens when it is lost."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Callable
from itertools import chain

from cellctl.clock import NS_PER_S, Clock
from cellctl.devices.modbus.connection import Connection
from cellctl.devices.modbus.line import Line
from cellctl.devices.modbus.settings import ModbusSettings
from cellctl.errors import PlantError, Text
from cellctl.runtime.bus.handshake import Handshake
from cellctl.runtime.bus.plant import PlantImage
from cellctl.runtime.bus.polling import Polling

BEAT_S = 0.1
BACKOFF_S = (0.2, 5.0)


class Link:
    """Three loops around one connection; whoever finds it broken calls `lose`.

    Args:
        line: the wire, which other devices may share.
        settings: of the device.
        image: tags and values; its `alive` is set here only.
        clock: monotonic time.
        on_up: called when the link is up and every value was read anew.
        on_lost: called once per loss, with the reason.
        on_poll: called after every poll, and at the same period while the link is down.
        on_down: called when connecting failed, with the reason.
    """

    def __init__(
        self,
        line: Line,
        settings: ModbusSettings,
        image: PlantImage,
        clock: Clock,
        *,
        on_up: Callable[[], None],
        on_lost: Callable[[PlantError], None],
        on_poll: Callable[[], None],
        on_down: Callable[[PlantError], None],
    ) -> None:
        self._settings = settings
        self._image = image
        self._clock = clock
        self._on_up, self._on_lost, self._on_poll, self._on_down = on_up, on_lost, on_poll, on_down
        self.connection = Connection(line, settings.unit)
        tags = image.handshake
        self.handshake = Handshake(self.connection, image, tags, settings.confirm, clock) if tags else None
        self._plc_heartbeat = tags.plc_heartbeat if tags else None
        period_s = settings.poll.get(self._plc_heartbeat.poll, 0.0) if self._plc_heartbeat else 0.0
        self._scan_limit_ns = round((settings.confirm + period_s) * NS_PER_S)
        self.polling = Polling(self.connection, image, clock, self.lose)
        self._lost = asyncio.Event()
        self._scan = (math.nan, 0)

    def lose(self, error: PlantError) -> None:
        """The link is gone or cannot be trusted; only the first one to notice is heard."""
        if self._image.values.alive:
            self._image.values.alive = False
            self.connection.close()
            self._on_lost(error)
            self._lost.set()

    def check(self, reason: str | Text = "") -> None:
        """Notice a connection that was closed from the other side."""
        if not self.connection.connected:
            what = reason or "the connection was closed from the other side"
            self.lose(PlantError("CELL-2015", what, do="check cable, load and state of the PLC"))

    async def keep(self) -> None:
        """Connect, hold until lost, back off while the device cannot be reached."""
        backoff_s = BACKOFF_S[0]
        while True:
            try:
                await self._connect()
            except PlantError as error:
                self.connection.close()
                self._on_down(error)
                await asyncio.sleep(backoff_s)
                backoff_s = min(2 * backoff_s, BACKOFF_S[1])
                continue
            backoff_s = BACKOFF_S[0]
            await self._lost.wait()
            await asyncio.sleep(backoff_s)

    async def beat(self) -> None:
        """Count for the PLC's watchdog, whatever else goes on; without a handshake only look at the connection."""
        count, tags = 0, self._image.handshake
        register = tags.heartbeat.address.register if tags else None
        while True:
            self.check()
            if register is not None and self.connection.connected:
                count = (count + 1) & 0xFFFF
                try:
                    await self.connection.beat(register, count)
                except PlantError as error:
                    self.lose(error)
            await asyncio.sleep(BEAT_S)

    async def poll(self) -> None:
        """Read and publish at a steady period; while the link is down the last values go out, Bad."""
        await self.polling.keep(self._after)

    def _after(self) -> None:
        if self._image.values.alive:
            with contextlib.suppress(PlantError):
                self._check_scan()
        self._on_poll()

    async def _connect(self) -> None:
        """Connect and learn everything anew: nothing that was meant before a loss is written after it."""
        await self.connection.connect()
        if self.handshake is not None:
            await self.handshake.resynchronise()
        await self._await_scan()
        await self.polling.all()
        self._lost.clear()
        self._image.values.alive = True
        self._on_up()

    async def _await_scan(self) -> None:
        """A PLC that answers but does not scan is no PLC (only where it shows a heartbeat of its own)."""
        blocks = [it for it in chain.from_iterable(self._image.polls.parts) if self._plc_heartbeat in it.tags]
        self._scan = (math.nan, self._clock.now_ns())
        first = math.nan
        while blocks and (math.isnan(first) or self._scan[0] == first):
            await self.polling.read(blocks)
            self._check_scan()
            first = self._scan[0] if math.isnan(first) else first
            await asyncio.sleep(BEAT_S / 10)

    def _check_scan(self) -> None:
        """PlantError CELL-2014 when the PLC's heartbeat has stood still for the confirmation time and a poll."""
        now_ns = self._clock.now_ns()
        known = self._image.values.raw(self._plc_heartbeat.name) if self._plc_heartbeat else None
        if known is None:
            return
        count = known[0]
        if math.isfinite(count) and count != self._scan[0]:
            self._scan = (count, now_ns)
        elif now_ns - self._scan[1] > self._scan_limit_ns:
            error = PlantError("CELL-2014", "the PLC answers but its heartbeat stands still", do="start its program")
            self.lose(error)
            raise error
