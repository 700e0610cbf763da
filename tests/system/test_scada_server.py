"""The server for SCADA on real sockets: what it answers, and what no client may take from another."""

import asyncio
import shutil
import socket
import struct
import subprocess

import pytest

from cellctl.devices.modbus_server.requests import Fault, Function
from cellctl.devices.modbus_server.server import Limits, ModbusServer
from cellctl.errors import PlantError

LIMITS = Limits(connections=2, idle_s=30.0, rate_hz=1000.0)
READ = bytes.fromhex("000700000006010300000002")
ANSWER = bytes.fromhex("00070000000701030400000001")


class Counting:
    """Register n holds n; the first thousand are there."""

    def registers(self, _function, start, size):
        return list(range(start, start + size)) if start + size <= 1000 else Fault.ILLEGAL_ADDRESS

    def bits(self, _function, start, size):
        return [bool((start + place) % 2) for place in range(size)]


def serve(client, limits=LIMITS, allowed=frozenset(Function)):
    """Run `client(port)` beside an open server; returns what it returns and the server's counts."""

    async def run():
        server = ModbusServer("127.0.0.1", 0, allowed, limits, Counting())
        port = await server.open()
        try:
            return await client(port), server.counts
        finally:
            await server.close()

    return asyncio.run(run())


async def ask(port, data, size):
    """What the server answers on a connection of its own, up to `size` bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        return await reader.read(size)
    finally:
        writer.close()
        await writer.wait_closed()


async def ended(reader):
    """Whether the server has ended the connection, one way or the other."""
    try:
        return await reader.read(1) == b""
    except ConnectionResetError:
        return True


def test_a_read_is_answered():
    """Two registers, transaction and unit as they came."""
    answered, counts = serve(lambda port: ask(port, READ, 100))
    assert answered == ANSWER
    assert counts["answered"] == 1


def test_a_write_is_answered_with_a_no():
    """Function 6 is well-formed, and there is nothing that could carry it out."""
    answered, _ = serve(lambda port: ask(port, bytes.fromhex("000800000006010600000001"), 100))
    assert answered == bytes.fromhex("000800000003018601")


def test_who_does_not_speak_modbus_is_cut():
    """An HTTP request gets no answer, and the next client is served."""

    async def client(port):
        return await ask(port, b"GET / HTTP/1.1\r\n\r\n", 100), await ask(port, READ, 100)

    (web, modbus), counts = serve(client)
    assert (web, modbus) == (b"", ANSWER)
    assert counts["broken"] == 1


def test_one_connection_too_many_is_turned_away():
    """The third of two is closed at once; the two go on; when one has gone there is room again."""

    async def client(port):
        first = await asyncio.open_connection("127.0.0.1", port)
        second = await asyncio.open_connection("127.0.0.1", port)
        third = await asyncio.open_connection("127.0.0.1", port)
        turned_away = await ended(third[0])
        second[1].write(READ)
        answered = await second[0].readexactly(len(ANSWER))
        first[1].close()
        while True:  # the server hears of it a moment later
            try:
                again = await ask(port, READ, 100)
            except ConnectionResetError:
                continue
            if again:
                break
        for _, writer in (second, third):
            writer.close()
        return turned_away, answered, again

    (turned_away, answered, again), counts = serve(client)
    assert (turned_away, answered, again) == (True, ANSWER, ANSWER)
    assert counts["turned_away"] >= 1


def test_who_sends_nothing_whole_is_cut():
    """Half a request, however slowly it goes on, does not keep a connection."""

    async def client(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        gone = asyncio.get_running_loop().create_task(ended(reader))
        for byte in READ[:-1]:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.01)
        cut = await gone
        writer.close()
        return cut

    cut, counts = serve(client, Limits(2, 0.1, 1000.0))
    assert cut
    assert counts["idle"] == 1


def test_who_does_not_take_its_answers_is_cut():
    """It asks and never reads: the answers that wait for it are bounded, and it goes."""

    def hold(port):
        with socket.socket() as taker:
            taker.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            taker.settimeout(10)
            taker.connect(("127.0.0.1", port))
            longest = struct.pack(">HHHBBHH", 1, 0, 6, 1, 3, 0, 125)
            try:
                while True:
                    taker.sendall(longest * 20)
            except OSError:
                return True

    cut, counts = serve(lambda port: asyncio.to_thread(hold, port), Limits(2, 0.2, 1e6))
    assert cut
    assert counts["not_taken"] == 1
    assert counts["answered"] < 20_000


def test_too_many_requests_wait_for_their_turn():
    """A burst of half a second is answered at once, the rest at the rate; none is lost."""

    async def client(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        loop = asyncio.get_running_loop()
        start_s = loop.time()
        writer.write(READ * 150)
        for _ in range(150):
            assert await reader.readexactly(len(ANSWER)) == ANSWER
        writer.close()
        return loop.time() - start_s

    took_s, counts = serve(client, Limits(2, 30.0, 200.0))
    assert took_s > 0.2  # 100 at once, 50 at 200 per second
    assert counts["answered"] == 150


def test_an_address_that_is_taken_is_one_clear_error():
    """Two servers cannot have one port."""

    async def client(port):
        with pytest.raises(PlantError) as raised:
            await ModbusServer("127.0.0.1", port, frozenset(Function), LIMITS, Counting()).open()
        return raised.value

    error, _ = serve(client)
    assert error.code == "CELL-2030"
    assert "127.0.0.1" in str(error)


@pytest.mark.skipif(shutil.which("mbpoll") is None, reason="mbpoll is not installed")
def test_mbpoll_reads_all_four_tables_and_cannot_write():
    """Another's client over libmodbus: what it reads is what there is, what it writes is refused."""

    def poll(port, *options, value=()):
        command = ["mbpoll", "-m", "tcp", "-p", str(port), "-0", "-1", *options, "127.0.0.1", *value]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def all_of_them(port):
        reads = [poll(port, "-t", table, "-r", "7", "-c", "3") for table in ("0", "1", "3", "4")]
        return reads, poll(port, "-t", "4", "-r", "7", value=("1",))

    (reads, write), _ = serve(lambda port: asyncio.to_thread(all_of_them, port))
    assert [it.returncode for it in reads] == [0, 0, 0, 0]
    shown = [[line.split()[-1] for line in it.stdout.splitlines() if line.startswith("[")] for it in reads]
    assert shown == [["1", "0", "1"]] * 2 + [["7", "8", "9"]] * 2
    assert "Illegal function" in write.stderr + write.stdout
