"""Modbus over TLS and over a serial line, with real servers and peers that do not behave."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from pymodbus.constants import ExcCodes
from pymodbus.framer import FramerRTU, FramerType
from pymodbus.server import ModbusSerialServer, ModbusTlsServer
from pymodbus.simulator import DataType, SimData, SimDevice

from cellctl.devices.modbus.blocks import Block
from cellctl.devices.modbus.connection import Connection
from cellctl.devices.modbus.faults import ExceptionAnswerError, LinkLostError
from cellctl.devices.modbus.line import Line
from cellctl.devices.modbus.settings import ModbusRtuSettings, ModbusTcpSettings, ModbusTlsSettings
from cellctl.devices.modbus.tls import CertificateError
from cellctl.devices.modbus.turns import Urgency
from cellctl.devices.modbus.wire import wire_of
from cellctl.devices.tags import Address, Bank
from cellctl.errors import PlantError
from tests.system.certificates import Authority, Pair
from tests.system.serial_pair import serial_end, serial_pair

THREE = Block(Address(Bank.HOLDING, 4), 3, ())
Settings = ModbusTcpSettings | ModbusRtuSettings


def device(unit: int = 1) -> SimDevice:
    """Ten registers that hold their own numbers."""
    return SimDevice(id=unit, simdata=[SimData(0, values=list(range(10)), datatype=DataType.REGISTERS)])


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[Connection]:
    """A connection to one unit."""
    line = Line(wire_of(settings))
    connection = Connection(line, settings.unit)
    try:
        await connection.connect()
        yield connection
    finally:
        line.close()
        await asyncio.sleep(0)


# TLS


@pytest.fixture(scope="module")
def plant(tmp_path_factory: Any) -> dict[str, Any]:
    """Two authorities, and what they have signed."""
    ours, other = Authority(tmp_path_factory.mktemp("ours"), "plant"), Authority(tmp_path_factory.mktemp("o"), "other")
    return {
        "ca": ours.own.certificate, "wrong ca": other.own.certificate, "cell": ours.sign("cell", "cell"),
        "stranger": other.sign("stranger", "cell"), "plc": ours.sign("plc", "127.0.0.1"),
        "elsewhere": ours.sign("elsewhere", "10.9.9.9"), "expired": ours.sign("expired", "127.0.0.1", days="-1"),
    }  # fmt: skip


def server_context(pair: Pair, ca: Path) -> ssl.SSLContext:
    """Shows a certificate and asks for one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    context.load_verify_locations(ca)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


@asynccontextmanager
async def secure_server(pair: Pair, ca: Path) -> AsyncIterator[int]:
    """A Modbus server that does so."""
    context = server_context(pair, ca)
    server = ModbusTlsServer(device(), address=("127.0.0.1", 0), sslctx=context, framer=FramerType.TLS)
    assert await server.listen()
    try:
        yield cast("asyncio.Server", server.transport).sockets[0].getsockname()[1]
    finally:
        await server.shutdown()


def secure(port: int, plant: dict[str, Any], **changes: Any) -> ModbusTlsSettings:
    """Settings of a cell that knows the plant."""
    cell: Pair = plant["cell"]
    said = {"host": "127.0.0.1", "port": port, "tags": "t.csv", "timeout": "1 s", "ca": plant["ca"],
            "certificate": cell.certificate, "key": cell.key}  # fmt: skip
    return ModbusTlsSettings.model_validate(said | changes)


def test_registers_are_read_over_tls(plant: dict[str, Any]) -> None:
    """Both sides show a certificate of the plant."""

    async def scene() -> None:
        async with secure_server(plant["plc"], plant["ca"]) as port, connected(secure(port, plant)) as connection:
            assert await connection.read(THREE, Urgency.POLL) == [4, 5, 6]

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("shown", "changes", "problem"),
    [
        ("plc", {"ca": "wrong ca"}, "self-signed certificate in certificate chain"),
        ("expired", {}, "certificate has expired"),
        ("elsewhere", {}, "IP address mismatch"),
    ],
)
def test_a_device_that_is_not_who_it_should_be_is_not_asked(
    plant: dict[str, Any], shown: str, changes: dict[str, str], problem: str
) -> None:
    """An authority that is not ours, a certificate that has expired, one for another host: named, with the peer."""

    async def scene() -> None:
        said = {key: plant[name] for key, name in changes.items()}
        async with secure_server(plant[shown], plant["ca"]) as port:
            with pytest.raises(CertificateError, match=f"CELL-2017: 127.0.0.1:{port}: .*{problem}"):
                async with connected(secure(port, plant, **said)):
                    pass

    asyncio.run(scene())


def test_a_device_that_does_not_know_the_cell_says_so(plant: dict[str, Any]) -> None:
    """Its refusal comes with the first request; the message says what TLS said."""
    context = server_context(plant["plc"], plant["ca"])
    stranger: Pair = plant["stranger"]

    async def scene(port: int) -> None:
        settings = secure(port, plant, certificate=stranger.certificate, key=stranger.key)
        with pytest.raises(PlantError, match=r"CELL-2017.*unknown ca"):
            async with connected(settings) as connection:
                await connection.read(THREE, Urgency.POLL)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        refusing = threading.Thread(target=_shake_hands, args=(listener, context))
        refusing.start()
        asyncio.run(scene(listener.getsockname()[1]))
        refusing.join()


def _shake_hands(listener: socket.socket, context: ssl.SSLContext) -> None:
    """What a server in C does: the alert goes out before the connection is closed."""
    with listener.accept()[0] as plain, contextlib.suppress(ssl.SSLError):
        context.wrap_socket(plain, server_side=True).close()


def test_a_device_that_speaks_no_tls_is_named(plant: dict[str, Any]) -> None:
    """A plain port answers, but not in TLS."""

    async def scene() -> None:
        async def babble(_reader: Any, writer: asyncio.StreamWriter) -> None:
            writer.write(b"plain\r\n" * 4)
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(babble, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(CertificateError, match="no secure connection: wrong version number"):
            async with connected(secure(port, plant)):
                pass
        await _close(server)

    asyncio.run(scene())


def test_a_key_of_another_certificate_is_named_by_its_file(plant: dict[str, Any]) -> None:
    """Before anything is sent."""
    stranger: Pair = plant["stranger"]
    with pytest.raises(CertificateError, match=r"key: .*stranger\.key cannot be used: key values mismatch") as caught:
        wire_of(secure(1, plant, key=stranger.key)).client(lambda _sending, data: data)
    assert caught.value.key == "key"


# serial lines


def serial(port: str, **changes: Any) -> ModbusRtuSettings:
    """Settings of a fast serial line."""
    said = {"device": port, "tags": "t.csv", "baud": 115_200, "parity": "none", "timeout": "100 ms"}
    return ModbusRtuSettings.model_validate(said | changes)


def test_registers_are_read_and_written_over_a_serial_line() -> None:
    """A real server on the other end of two pseudo-terminals."""

    async def scene() -> None:
        with serial_pair() as (near, far):
            server = ModbusSerialServer(device(3), framer=FramerType.RTU, port=far, baudrate=115_200)
            assert await server.listen()
            async with connected(serial(near, unit=3)) as connection:
                assert await connection.read(THREE, Urgency.POLL) == [4, 5, 6]
                await connection.write(4, [40, 50], Urgency.WRITE)
                assert await connection.read(THREE, Urgency.POLL) == [40, 50, 6]
                with pytest.raises(ExceptionAnswerError) as caught:
                    await connection.read(Block(Address(Bank.HOLDING, 9), 3, ()), Urgency.POLL)
                assert caught.value.number == ExcCodes.ILLEGAL_ADDRESS
            await server.shutdown()

    asyncio.run(scene())


@pytest.mark.parametrize("babbles", [True, False])
def test_a_line_that_never_falls_quiet_is_lost(babbles: bool) -> None:
    """Noise that nobody asked for holds nobody for ever: the request fails, and the link with it."""

    async def scene() -> None:
        with serial_end() as (port, end):
            LatePeer(end, [])
            async with connected(serial(port)) as connection:
                assert await connection.read(THREE, Urgency.POLL) == [1, 1, 1]
                noise = asyncio.create_task(_babble(end)) if babbles else None
                await asyncio.sleep(0.02)
                asked = connection.read(THREE, Urgency.HEARTBEAT)
                if noise is None:
                    assert await asked == [2, 2, 2]
                else:
                    with pytest.raises(LinkLostError, match="CELL-2012"):
                        await asyncio.wait_for(asked, 10)
                    noise.cancel()
            asyncio.get_running_loop().remove_reader(end)

    asyncio.run(scene())


async def _babble(end: int) -> None:
    while True:
        os.write(end, b"\x55")
        await asyncio.sleep(0.05)


def test_a_port_that_does_not_take_its_settings_can_be_opened_later() -> None:
    """A pseudo-terminal knows no parity; after the refusal it is neither open nor locked."""

    async def scene() -> None:
        with serial_pair() as (near, _):
            with pytest.raises(LinkLostError, match="CELL-2010"):
                await Line(wire_of(serial(near, parity="even"))).open("unit")
            line = Line(wire_of(serial(near)))
            await line.open("unit")
            line.close()

    asyncio.run(scene())


class LatePeer:
    """A unit of a serial line that answers each read with the number of the request, some of them late.

    Args:
        end: its end of the line.
        delays_s: of the first answers; the others come at once.
    """

    def __init__(self, end: int, delays_s: list[float]) -> None:
        self._end = end
        self._delays_s = delays_s
        self.asked_s: list[float] = []
        self.answered_s: list[float] = []
        asyncio.get_running_loop().add_reader(end, self._asked)

    def _asked(self) -> None:
        loop = asyncio.get_running_loop()
        unit = os.read(self._end, 256)[0]
        self.asked_s.append(loop.time())
        delay_s = self._delays_s.pop(0) if self._delays_s else 0.0
        loop.call_later(delay_s, self._answer, unit, len(self.asked_s))

    def _answer(self, unit: int, number: int) -> None:
        self.answered_s.append(asyncio.get_running_loop().time())
        body = bytes([unit, 3, 6]) + number.to_bytes(2, "big") * 3
        os.write(self._end, body + FramerRTU.compute_CRC(body).to_bytes(2, "big"))


async def late_scene(look: Callable[[Connection, LatePeer], Awaitable[None]], delays_s: list[float]) -> None:
    """A connection to a peer that answers late."""
    with serial_end() as (port, end):
        peer = LatePeer(end, delays_s)
        async with connected(serial(port)) as connection:
            await look(connection, peer)
        asyncio.get_running_loop().remove_reader(end)


def test_a_late_answer_on_a_serial_line_is_never_that_of_the_next_request() -> None:
    """It comes while the line is left quiet and is thrown away; the next request waits for that, and gets its own."""

    async def look(connection: Connection, peer: LatePeer) -> None:
        with pytest.raises(LinkLostError, match="CELL-2011"):
            await connection.read(THREE, Urgency.POLL)
        await connection.connect()
        assert await connection.read(THREE, Urgency.POLL) == [2, 2, 2]
        assert peer.asked_s[1] > peer.answered_s[0]

    asyncio.run(late_scene(look, [0.15]))


def test_without_the_silence_the_late_answer_would_be_taken(monkeypatch: Any) -> None:
    """The rule above is what keeps it away."""

    async def none(_self: Line) -> None:
        return

    monkeypatch.setattr(Line, "_silence", none)

    async def look(connection: Connection, _peer: LatePeer) -> None:
        with pytest.raises(LinkLostError, match="CELL-2011"):
            await connection.read(THREE, Urgency.POLL)
        await connection.connect()
        assert await connection.read(THREE, Urgency.POLL) == [1, 1, 1]

    asyncio.run(late_scene(look, [0.15, 0.15]))


def test_a_request_that_waits_while_its_unit_is_lost_is_not_sent_later() -> None:
    """The line stays open for the others; the write that stood behind the missed answer is gone."""

    async def look(connection: Connection, peer: LatePeer) -> None:
        reading = asyncio.create_task(connection.read(THREE, Urgency.POLL))
        await asyncio.sleep(0.01)
        writing = asyncio.create_task(connection.write(4, [1], Urgency.WRITE))
        with pytest.raises(LinkLostError, match="CELL-2011"):
            await reading
        connection.close()
        await connection.connect()
        with pytest.raises(LinkLostError, match="CELL-2010"):
            await writing
        assert len(peer.asked_s) == 1
        assert connection.last_write == b""

    asyncio.run(late_scene(look, [0.3]))


def test_a_port_that_is_not_there_is_named() -> None:
    """With the system's reason."""

    async def scene() -> None:
        with pytest.raises(LinkLostError, match="CELL-2010: cannot connect to /dev/nowhere: "):
            async with connected(serial("/dev/nowhere")):
                pass

    asyncio.run(scene())


# TCP peers that do not behave


async def _close(server: asyncio.Server) -> None:
    """Close it, and let the transports of its connections end."""
    server.close()
    await server.wait_closed()
    await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("head", "problem"),
    [("0000 0000", "transaction 0"), ("0002 0000", "transaction 2"), ("0001 0001", "protocol 1")],
)
def test_an_answer_with_another_head_closes_the_connection(head: str, problem: str) -> None:
    """Pymodbus takes transaction 0 for any; here it is no answer, and nobody waits for the time-out."""

    async def scene() -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while await reader.read(64):
                writer.write(bytes.fromhex(f"{head} 0009 01 03 06 0001 0001 0001"))
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        settings = ModbusTcpSettings.model_validate({"host": "127.0.0.1", "port": port, "tags": "t", "timeout": "9 s"})
        async with connected(settings) as connection:
            with pytest.raises(LinkLostError, match=f"CELL-2012.*{problem}"):
                await connection.read(THREE, Urgency.POLL)
            assert not connection.connected
        await _close(server)

    asyncio.run(scene())


def test_a_connection_that_is_closed_ends_the_wait_at_once() -> None:
    """The time-out is ten times the test's patience."""

    async def scene() -> None:
        async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(64)
            writer.close()

        server = await asyncio.start_server(close, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        settings = ModbusTcpSettings.model_validate({"host": "127.0.0.1", "port": port, "tags": "t", "timeout": "10 s"})
        async with connected(settings) as connection, asyncio.timeout(5):
            with pytest.raises(LinkLostError, match="CELL-2015"):
                await connection.read(THREE, Urgency.POLL)
        await _close(server)

    asyncio.run(scene())
