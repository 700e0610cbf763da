"""The way of a controller's answers into the cell, over a wire whose other end is hostile."""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from pathlib import Path
from random import Random

from cellctl.devices.modbus.blocks import Block
from cellctl.devices.modbus.connection import Connection
from cellctl.devices.modbus.line import Line
from cellctl.devices.modbus.settings import Handshake, ModbusTcpSettings
from cellctl.devices.modbus.turns import Urgency
from cellctl.devices.modbus.wire import TcpWire
from cellctl.devices.tags import Address, Bank
from cellctl.errors import CellError
from tests.fuzz.frames import in_pieces, spoilt, tcp_frame
from tests.fuzz.tally import Tally, Tracebacks
from tests.fuzz.wire import WireLoop

UNIT = 1


def client_batch(random: Random, units: list[bytes], inputs: int, tally: Tally) -> None:
    """Requests of a real connection, each answered by a hostile device."""
    with asyncio.Runner(loop_factory=WireLoop) as runner:
        runner.run(_ask_all(random, units, inputs, tally))


async def _ask_all(random: Random, units: list[bytes], inputs: int, tally: Tally) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, WireLoop)
    said: list[bytes] = []

    def hostile(request: bytes) -> list[bytes]:
        sound = tcp_frame(int.from_bytes(request[:2], "big"), request[6], _sound_answer(random, request[7:], units))
        said[:] = [spoilt(random, sound, random.choice(units))]
        return in_pieces(random, said[0])

    loop.answer = hostile
    noticed = Tracebacks()
    logging.getLogger().addHandler(noticed)
    connection = _connection()
    try:
        for _ in range(inputs):
            start_s = time.perf_counter()
            said[:] = [b""]
            await _ask(connection, random, said, tally)
            seen = noticed.take()
            if seen:
                tally.fail("uncaught", said[0], seen)
            tally.close(start_s)
    finally:
        logging.getLogger().removeHandler(noticed)
        connection.close()


def _connection() -> Connection:
    handshake = Handshake(heartbeat="h", sequence="s", echo="e", accept="a")
    settings = ModbusTcpSettings(host="127.0.0.1", unit=UNIT, tags=Path("tags.csv"), handshake=handshake)
    return Connection(Line(TcpWire(settings)), UNIT)


async def _ask(connection: Connection, random: Random, said: list[bytes], tally: Tally) -> None:
    """One request of one of the kinds that the cell makes."""
    try:
        if not connection.connected:
            await connection.connect()
        size = random.choice((1, 2, 5, 125))
        kind = random.randrange(4)
        if kind <= 1:
            bank = (Bank.HOLDING, Bank.INPUT)[kind]
            got = await connection.read(Block(Address(bank, random.randrange(1000)), size, ()), Urgency.POLL)
            right = _registers(said[0], (3, 4)[kind], size) == list(got)
        elif kind == 2:
            await connection.write(100, list(range(size)), Urgency.WRITE)
            right = said[0][7:12] == b"\x10\x00\x64" + size.to_bytes(2, "big")
        else:
            await connection.beat(7, 513)
            right = said[0][7:12] == b"\x06\x00\x07\x02\x01"
    except CellError:
        return
    except Exception:  # noqa: BLE001  # that is what is looked for
        tally.fail("uncaught", said[0], traceback.format_exc())
        return
    tally.accepted += 1
    if not right:
        tally.fail("wrong", said[0], f"taken for the answer to a request of kind {kind}, size {size}")


def _sound_answer(random: Random, request: bytes, units: list[bytes]) -> bytes:
    """What a sound device would say, or now and then something else that is sound Modbus."""
    if random.random() < 0.3:
        return random.choice(units)
    if request[0] in {3, 4}:
        size = 2 * int.from_bytes(request[3:5], "big")
        return bytes((request[0], size)) + random.randbytes(size)
    return request[:5]


def _registers(data: bytes, code: int, size: int) -> list[int] | None:
    """The registers in a frame that answers that question; by its own account, not by that of the decoder."""
    body = data[7:]
    if len(body) < 2 + 2 * size or body[0] != code or body[1] != 2 * size or data[2:4] != b"\0\0":
        return None
    return [int.from_bytes(body[at : at + 2], "big") for at in range(2, 2 + 2 * size, 2)]
