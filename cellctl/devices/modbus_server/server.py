"""The sockets of the server, and what each client may use of it.

Nothing that a client does can hold up another one or grow without a bound: so many connections, so many requests per
second each, one unfinished frame, a few answers that were not taken yet. Who sends nothing whole for too long, or does
not take its answers, is cut.
"""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from contextlib import suppress
from typing import NamedTuple

from cellctl.config.source.text import reason
from cellctl.devices.modbus_server.requests import LARGEST_FRAME, Broken, Function, RequestReader
from cellctl.devices.modbus_server.tables import Tables, answer
from cellctl.errors import PlantError

KEPT_ANSWERS = 4 * LARGEST_FRAME
"""Bytes of answers that wait in this process for one client; the system keeps `SYSTEM_BYTES` more."""
SYSTEM_BYTES = 16 * 1024
BURST_S = 0.5
"""A client may have its requests of half a second at once, and then waits for its turn."""


class Limits(NamedTuple):
    """What clients may use.

    Attributes:
        connections: at the same time; one more is closed at once.
        idle_s: without a whole request, or with answers not taken, a connection is cut.
        rate_hz: requests per second of one connection; more wait.
    """

    connections: int
    idle_s: float
    rate_hz: float


class ModbusServer:
    """Answers reads until it is closed.

    Args:
        host: address of this machine.
        port: 0 for any that is free.
        allowed: function codes that are answered.
        limits: what clients may use.
        tables: where answers come from.

    Attributes:
        counts: `accepted`, `turned_away`, `answered`, `broken`, `idle`, `not_taken`: totals since its start.
    """

    def __init__(
        self, host: str, port: int, allowed: frozenset[Function], limits: Limits, tables: Tables
    ) -> None:  # fmt: skip
        self._host = host
        self._port = port
        self._allowed = allowed
        self._limits = limits
        self._tables = tables
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()
        self.counts: Counter[str] = Counter()

    async def open(self) -> int:
        """Listen; returns the port. PlantError CELL-2030 when the address cannot be had."""
        try:
            self._server = await asyncio.start_server(
                self._admit, self._host, self._port, limit=LARGEST_FRAME, family=socket.AF_UNSPEC
            )
        except OSError as error:
            raise PlantError("CELL-2030", "cannot listen on {host}:{port}: {reason}",
                             do="choose an address of this machine, and a port that is free and not below 1024",
                             host=self._host, port=self._port, reason=reason(error)) from error  # fmt: skip
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        """Stop listening and cut every client."""
        if self._server is not None:
            self._server.close()
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()  # from Python 3.12 on it waits for the clients too

    @property
    def connections(self) -> int:
        """Clients that are connected now."""
        return len(self._clients)

    def _admit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._clients) >= self._limits.connections:
            self.counts["turned_away"] += 1
            writer.transport.abort()
            return
        self.counts["accepted"] += 1
        client = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._clients.add(client)
        client.add_done_callback(self._clients.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client until it goes or is cut."""
        writer.transport.set_write_buffer_limits(high=KEPT_ANSWERS)
        try:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SYSTEM_BYTES)
            self.counts[await self._converse(reader, writer)] += 1
        except OSError:  # it reset the connection: that is its way to go
            self.counts["gone"] += 1
        finally:
            writer.transport.abort()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        """Answer request after request; returns what ended it, as `counts` calls it."""
        requests, turn = RequestReader(self._allowed), _Turn(self._limits.rate_hz)
        loop = asyncio.get_running_loop()
        heard_s = loop.time()
        while True:
            try:
                async with asyncio.timeout_at(heard_s + self._limits.idle_s):
                    data = await reader.read(LARGEST_FRAME)
            except TimeoutError:
                return "idle"
            if not data:
                return "gone"
            for event in requests.feed(data):
                if isinstance(event, Broken):
                    return "broken"
                await asyncio.sleep(turn.wait_s(loop.time()))
                writer.write(answer(event, self._tables))
                self.counts["answered"] += 1
                heard_s = loop.time()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._limits.idle_s):
                    await writer.drain()
                    continue
            return "not_taken"


class _Turn:
    """When the next request of one client may be answered."""

    def __init__(self, rate_hz: float) -> None:
        self._each_s = 1 / rate_hz
        self._due_s = 0.0

    def wait_s(self, now_s: float) -> float:
        """Seconds to wait; each call counts as one request."""
        self._due_s = max(self._due_s, now_s - BURST_S) + self._each_s
        return max(0.0, self._due_s - now_s)
