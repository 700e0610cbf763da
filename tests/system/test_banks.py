"""All four tables of a device are read over a real socket, by the worked examples of the Modbus specification."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from cellctl.devices.modbus.blocks import Block
from cellctl.devices.modbus.connection import Connection
from cellctl.devices.modbus.line import Line
from cellctl.devices.modbus.settings import ModbusTcpSettings
from cellctl.devices.modbus.turns import Urgency
from cellctl.devices.modbus.wire import wire_of
from cellctl.devices.tags import Address, Bank

EXAMPLES = {
    "01 00 13 00 13": "01 03 CD 6B 05",
    "02 00 C4 00 16": "02 03 AC DB 35",
    "03 00 6B 00 03": "03 06 02 2B 00 00 00 64",
    "04 00 08 00 01": "04 02 00 0A",
}
"""Request → answer (application protocol 1.1b3, 6.1 to 6.4)."""
MBAP_BYTES = 7


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Repeat the head of each request in front of the specification's answer."""
    while head := await reader.read(MBAP_BYTES):
        asked = await reader.readexactly(int.from_bytes(head[4:6], "big") - 1)
        said = bytes.fromhex(EXAMPLES[asked.hex(" ").upper()])
        writer.write(head[:4] + (len(said) + 1).to_bytes(2, "big") + head[6:] + said)


@asynccontextmanager
async def _device() -> AsyncIterator[Connection]:
    """A connection to a device that knows the examples."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _answer(reader, writer)
        writer.close()
        await writer.wait_closed()
        over.set()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        said = {"host": "127.0.0.1", "port": port, "tags": "tags.csv", "timeout": "2 s"}
        settings = ModbusTcpSettings.model_validate(said)
        connection = Connection(Line(wire_of(settings)), settings.unit)
        await connection.connect()
        yield connection
        connection.close()
        await over.wait()


@pytest.mark.parametrize(
    ("start", "size", "items"),
    [
        (Address(Bank.COIL, 19), 19, [1, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1]),
        (Address(Bank.DISCRETE, 196), 22, [0, 0, 1, 1, 0, 1, 0, 1, 1, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 1]),
        (Address(Bank.HOLDING, 107), 3, [0x022B, 0, 0x0064]),
        (Address(Bank.INPUT, 8), 1, [0x000A]),
    ],
)
def test_each_table_is_read_by_its_own_function(start: Address, size: int, items: list[int]) -> None:
    """Bits come as 0 and 1, the first one first, and without the padding of the last byte."""

    async def scene() -> None:
        async with _device() as connection:
            assert await connection.read(Block(start, size, ()), Urgency.POLL) == items

    asyncio.run(scene())
