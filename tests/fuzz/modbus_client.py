"""The way of a controller's answers into the cell, over a wire whose other end is hostile."""

from __future__ import annotations

import asyncio
import logging
import struct
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from pymodbus import FramerType
from pymodbus.client import AsyncModbusTcpClient

from cellctl.devices.modbus.answers import RtuFraming
from cellctl.devices.modbus.blocks import Block
from cellctl.devices.modbus.connection import Connection
from cellctl.devices.modbus.line import Line
from cellctl.devices.modbus.settings import Handshake, ModbusTcpSettings
from cellctl.devices.modbus.turns import Urgency
from cellctl.devices.modbus.wire import TcpWire
from cellctl.devices.tags import Address, Bank
from cellctl.errors import CellError
from tests.fuzz.frames import in_pieces, rtu_frame, spoilt, tcp_frame
from tests.fuzz.tally import Tally, Tracebacks
from tests.fuzz.wire import WireLoop

UNIT = 1


class Kind(NamedTuple):
    """How frames look on a transport; by an account of their own, not by that of the decoders under test.

    Attributes:
        wire: makes the transport.
        asked: the data unit in a request.
        frame: an answer to a request (first) with a data unit (second).
    """

    wire: Callable[[ModbusTcpSettings], Any]
    asked: Callable[[bytes], bytes]
    frame: Callable[[bytes, bytes], bytes]


class RtuOverWire(TcpWire):
    """Frames of a serial line, with the checks and the library that a serial line has."""

    def __init__(self, settings: ModbusTcpSettings) -> None:
        super().__init__(settings)
        self.framing = RtuFraming()

    def client(self, trace: Any, *notice: Any) -> Any:
        """As `RtuWire`, over the wire of the test."""
        given: dict[str, Any] = {"trace_connect": notice[0]} if notice else {}
        return AsyncModbusTcpClient("device", framer=FramerType.RTU, timeout=self.timeout_s, retries=0,
                                    reconnect_delay=0, trace_packet=trace, **given)  # fmt: skip


TCP = Kind(TcpWire, lambda it: it[7:], lambda it, pdu: tcp_frame(int.from_bytes(it[:2], "big"), it[6], pdu))
RTU = Kind(RtuOverWire, lambda it: it[1:-2], lambda it, pdu: rtu_frame(it[0], pdu))


def client_batch(random: Random, units: list[bytes], inputs: int, tally: Tally, kind: Kind = TCP) -> None:
    """Requests of a real connection, each answered by a hostile device."""
    with asyncio.Runner(loop_factory=WireLoop) as runner:
        runner.run(_Attack(random, units, tally, kind).run(inputs))


class _Attack:
    """Asks again and again; what the device said last is in `said`."""

    def __init__(self, random: Random, units: list[bytes], tally: Tally, kind: Kind) -> None:
        self._random = random
        self._units = units
        self._tally = tally
        self._kind = kind
        self._request = self._said = b""

    async def run(self, inputs: int) -> None:
        """So many requests."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, WireLoop)
        loop.answer = self._answer
        noticed = Tracebacks()
        logging.getLogger().addHandler(noticed)
        handshake = Handshake(heartbeat="h", sequence="s", echo="e", accept="a")
        settings = ModbusTcpSettings(host="127.0.0.1", unit=UNIT, tags=Path("tags.csv"), handshake=handshake)
        connection = Connection(Line(self._kind.wire(settings)), UNIT)
        try:
            for _ in range(inputs):
                start_s = time.perf_counter()
                self._said = b""
                await self._ask(connection)
                seen = noticed.take()
                if seen:
                    self._tally.fail("uncaught", self._said, seen)
                self._tally.close(start_s)
        finally:
            logging.getLogger().removeHandler(noticed)
            connection.close()

    def _answer(self, request: bytes) -> list[bytes]:
        """Something that is no answer, most of the time; half of it in frames that are sound around it."""
        self._request = request
        random, frame = self._random, self._kind.frame
        pdu, other = self._sound(self._kind.asked(request)), random.choice(self._units)
        spoils_inside = random.random() < 0.5
        self._said = frame(request, spoilt(random, pdu, other)) if spoils_inside else spoilt(
            random, frame(request, pdu), other)  # fmt: skip
        return in_pieces(random, self._said)

    def _sound(self, asked: bytes) -> bytes:
        """What a sound device would say, or now and then something else that is sound Modbus."""
        if self._random.random() < 0.3:
            return self._random.choice(self._units)
        if asked[0] in {3, 4}:
            size = 2 * int.from_bytes(asked[3:5], "big")
            return bytes((asked[0], size)) + self._random.randbytes(size)
        return asked[:5]

    async def _ask(self, connection: Connection) -> None:
        """One request of one of the kinds that the cell makes."""
        try:
            if not connection.connected:
                await connection.connect()
            right = await self._taken(connection)
        except CellError:
            return
        except Exception:  # noqa: BLE001  # that is what is looked for
            self._tally.fail("uncaught", self._said, traceback.format_exc())
            return
        self._tally.accepted += 1
        if not right:
            self._tally.fail("wrong", self._said, "taken for an answer")

    async def _taken(self, connection: Connection) -> bool:
        """Ask, and look for what was taken for the answer, frame and all, in what the device said."""
        size, kind = self._random.choice((1, 2, 5, 125)), self._random.randrange(4)
        if kind <= 1:
            bank = (Bank.HOLDING, Bank.INPUT)[kind]
            got = await connection.read(Block(Address(bank, self._random.randrange(1000)), size, ()), Urgency.POLL)
            answer = struct.pack(f">BB{len(got)}H", (3, 4)[kind], 2 * size, *got)
            return len(got) == size and self._said_to_be(answer)
        if kind == 2:
            await connection.write(100, list(range(size)), Urgency.WRITE)
            return self._said_to_be(b"\x10\x00\x64" + size.to_bytes(2, "big"))
        await connection.beat(7, 513)
        return self._said_to_be(b"\x06\x00\x07\x02\x01")

    def _said_to_be(self, pdu: bytes) -> bool:
        """A header must come first; on a serial line noise may lie before a frame whose checksum is right."""
        frame = self._kind.frame(self._request, pdu)
        return self._said.startswith(frame) or (self._kind is RTU and frame in self._said)
