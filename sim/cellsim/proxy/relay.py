"""The proxy's sockets: one connection to the PLC for every one of the cell."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import time
from collections.abc import Callable
from typing import NamedTuple

from cellctl.errors import PlantError
from cellsim.proxy.fault import Way
from cellsim.proxy.frame import Frame, Framer
from cellsim.proxy.plan import Action, ConnectionPlan, Cut, Plan, Send

_CHUNK = 4096


class Passed(NamedTuple):
    """A frame that reached the proxy, and what it did with it.

    Attributes:
        t_ns: monotonic.
        connection: number of the cell's connection, from 1.
        way: request or answer.
        frame: as it came in.
        actions: what goes out instead.
    """

    t_ns: int
    connection: int
    way: Way
    frame: Frame
    actions: tuple[Action, ...]


class FaultProxy:
    """Listens for the cell, connects to the PLC, and lets the plan's faults strike at what passes.

    Args:
        plan: the faults; they may be replaced at any time.
        host: of the PLC.
        port: of the PLC.
        heard: called with every frame.
    """

    def __init__(
        self, plan: Plan, host: str, port: int, heard: Callable[[Passed], None] = lambda _passed: None
    ) -> None:
        self.plan = plan
        self.heard = heard
        self._peer = (host, port)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._connections = 0

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; returns the port. PlantError CELL-2210 when it is taken."""
        try:
            self._server = await asyncio.start_server(self._accept, host, port)
        except OSError as error:
            raise PlantError("CELL-2210", "cannot listen on {host}:{port} for Modbus", do="choose a free port",
                             host=host, port=port) from error  # fmt: skip
        chosen: int = self._server.sockets[0].getsockname()[1]
        return chosen

    async def stop(self) -> None:
        """Close the listener and every connection."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        task = asyncio.create_task(self._serve(self._connections, reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side or a fault ends it."""
        if time.monotonic() < self.plan.closed_until_s:
            await _close(writer)
            return
        try:
            plc_reader, plc_writer = await asyncio.open_connection(*self._peer)
        except OSError:
            await _close(writer)
            return
        pair = _Pair(self, number, writer, plc_writer)
        pumps = [
            asyncio.create_task(pair.pump(Way.REQUEST, reader)),
            asyncio.create_task(pair.pump(Way.ANSWER, plc_reader)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            await _close(writer)
            await _close(plc_writer)


class _Pair:
    """A connection of the cell and its own one to the PLC."""

    def __init__(self, proxy: FaultProxy, number: int, cell: asyncio.StreamWriter, plc: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._number = number
        self._writers = {Way.REQUEST: plc, Way.ANSWER: cell}
        self._plan = ConnectionPlan(proxy.plan)
        self._stalled = False

    async def pump(self, way: Way, reader: asyncio.StreamReader) -> None:
        """Frames of one way, in order: one that waits holds up those behind it."""
        framer = Framer()
        with contextlib.suppress(OSError):
            while data := await reader.read(_CHUNK):
                frames, rest = framer.feed(data)
                for frame in frames:
                    await self._pass(way, frame)
                if rest and not self._stalled:
                    self._writers[way].write(rest)
        if self._stalled:
            await asyncio.Event().wait()  # half-open: the other side does not learn that this one has gone

    async def _pass(self, way: Way, frame: Frame) -> None:
        if self._stalled:
            actions: list[Action] = []
        else:
            take = self._plan.request if way is Way.REQUEST else self._plan.answer
            actions = take(frame, time.monotonic())
        self._proxy.heard(Passed(time.monotonic_ns(), self._number, way, frame, tuple(actions)))
        for action in actions:
            await self._do(action)

    async def _do(self, action: Action) -> None:
        if isinstance(action, Send):
            if action.delay_s > 0:
                await asyncio.sleep(action.delay_s)
            self._writers[action.way].write(action.data)
        elif isinstance(action, Cut):
            for writer in self._writers.values():
                _end(writer, reset=action.reset)
        else:
            self._stalled = True


def _end(writer: asyncio.StreamWriter, *, reset: bool) -> None:
    """Close by an orderly end, or by a reset."""
    if reset:
        raw: socket.socket = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
    else:
        writer.close()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
