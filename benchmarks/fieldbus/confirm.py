"""A set-point written and confirmed in force, beside the same calls in plain pymodbus and in C over libmodbus.

All of them write the same block to the same controller over loopback, read the echo until it shows their sequence,
and then read what is in force. They take turns in random order; a ratio is taken within each round, so that a machine
whose pace changes does not change it. What else the bus process does around a write is in `write`.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pymodbus.client import AsyncModbusTcpClient

from benchmarks.fieldbus import plc, rig
from benchmarks.fieldbus.compiled import NOT_HERE, libmodbus
from benchmarks.fieldbus.figures import spread
from benchmarks.fieldbus.plc import Options
from benchmarks.fieldbus.process import PlcProcess
from benchmarks.fieldbus.row import Row
from benchmarks.peers.timing import ratio
from cellctl.clock import MonotonicClock
from cellctl.devices.modbus.connection import Connection
from cellctl.devices.modbus.line import Line
from cellctl.devices.modbus.settings import ModbusTcpSettings
from cellctl.devices.modbus.turns import Urgency
from cellctl.devices.modbus.wire import wire_of
from cellctl.devices.tags import read_tag_table
from cellctl.model.correction import Outcome
from cellctl.runtime.bus.handshake import Handshake
from cellctl.runtime.bus.plant import PlantImage

OURS, PYMODBUS, LIBMODBUS = "ours", "plain pymodbus", "C over libmodbus"
MOST = 1.3
"""Times as long as plain pymodbus."""
WRITES = 25
"""Of each side in a row, per round."""
LOOK_AGAIN_S = 0.001
ANSWER = 5
"""Registers from the accept code to the last set-point in force."""
LEFT_IN_FORCE = 3
CLIENT = "libmodbus_client"

Times = npt.NDArray[np.float64]
Side = Callable[[], Awaitable[list[float]]]
"""Performs `WRITES` writes; the time of each, ns."""


def rows(quick: bool) -> Iterator[Row]:
    """With a controller that judges at once, where the cost shows, and with one that scans every 10 ms."""
    rounds = 8 if quick else 40
    yield from _judged("PLC judges at once", asyncio.run(_measure(Options(at_once=True), rounds)))
    yield from _judged("PLC scans every 10 ms", asyncio.run(_measure(Options(scan_s=0.01), rounds)))


def _judged(what: str, taken: dict[str, Times]) -> Iterator[Row]:
    """The row beside pymodbus, and the row beside libmodbus."""
    ours = taken[OURS]
    for peer, most in ((PYMODBUS, MOST), (LIBMODBUS, 0.0)):
        figure, asked, held = spread(ours.ravel()), "told beside it", True
        if peer in taken:
            times = ratio(np.median(ours, axis=1), np.median(taken[peer], axis=1))
            figure = f"{times.median:.2f} × ({times.low:.2f}…{times.high:.2f}); {figure}"
            asked, held = (f"≤ {most} ×", times.median <= most) if most else (asked, held)
        yield Row(
            f"write and in-force confirmation, {what}", ours.size, held, figure, peer,
            spread(taken[peer].ravel()) if peer in taken else NOT_HERE, asked,
        )  # fmt: skip


async def _measure(options: Options, rounds: int) -> dict[str, Times]:
    """Times of every side by round, ns, shape (rounds, WRITES)."""
    async with AsyncExitStack() as stack:
        controller = stack.enter_context(PlcProcess(options))
        port = controller.ports[0]
        sides: dict[str, Side] = {
            OURS: await stack.enter_async_context(_ours(port)),
            PYMODBUS: await stack.enter_async_context(_pymodbus(port)),
        }
        program = stack.enter_context(libmodbus(CLIENT))
        if program is not None:
            sides[LIBMODBUS] = await stack.enter_async_context(_libmodbus(program, port))
        taken: dict[str, list[list[float]]] = {name: [] for name in sides}
        for _ in range(rounds):
            for name in random.sample(list(sides), len(sides)):
                taken[name].append(await sides[name]())
    return {name: np.array(times) for name, times in taken.items()}


@asynccontextmanager
async def _ours(port: int) -> AsyncIterator[Side]:
    """The handshake of the bus process on its connection."""
    with tempfile.TemporaryDirectory() as folder:
        device = rig.device(port, plc.table(Path(folder) / "tags.csv", 0))
        settings = ModbusTcpSettings.model_validate(device.settings)
        image = PlantImage("plc", settings, read_tag_table(settings.tags, settings.poll), rig.RULES, rig.WEB)
        assert image.handshake is not None
        connection, clock = Connection(Line(wire_of(settings)), settings.unit), MonotonicClock()
        handshake = Handshake(connection, image, image.handshake, settings.confirm, clock)

        async def writes() -> list[float]:
            await handshake.resynchronise()
            return [await _timed(write(number)) for number in range(WRITES)]

        async def write(number: int) -> None:
            found = await handshake.write_verified({rig.LEFT: rig.RECIPE + number % 2 * rig.RESOLUTION})
            assert found.outcome is Outcome.CONFIRMED, found.reason

        await connection.connect()
        for block in image.readback:
            image.take(block, await connection.read(block, Urgency.POLL), clock.now_ns())
        yield writes
        connection.close()


@asynccontextmanager
async def _pymodbus(port: int) -> AsyncIterator[Side]:
    """The same calls as a user of pymodbus would write them."""
    client = AsyncModbusTcpClient("127.0.0.1", port=port, timeout=0.2, retries=0)
    assert await client.connect()

    async def writes() -> list[float]:
        sequence = (await client.read_input_registers(plc.ECHO, count=1, device_id=1)).registers[0]
        return [await _timed(write(sequence + 1 + number, number)) for number in range(WRITES)]

    async def write(sequence: int, number: int) -> None:
        block = [sequence & 0xFFFF, plc.RECIPE + number % 2, plc.RECIPE]
        assert not (await client.write_registers(plc.SEQUENCE, block, device_id=1)).isError()
        while (await client.read_input_registers(plc.ECHO, count=1, device_id=1)).registers[0] != block[0]:
            await asyncio.sleep(LOOK_AGAIN_S)
        answer = (await client.read_input_registers(plc.ACCEPT, count=ANSWER, device_id=1)).registers
        assert answer[0] == 0
        assert answer[LEFT_IN_FORCE] == block[1]

    yield writes
    client.close()


@asynccontextmanager
async def _libmodbus(program: Path, port: int) -> AsyncIterator[Side]:
    """The same calls in C."""
    pipe = asyncio.subprocess.PIPE
    client = await asyncio.create_subprocess_exec(str(program), str(port), stdin=pipe, stdout=pipe)
    assert client.stdin is not None
    assert client.stdout is not None
    orders, answers = client.stdin, client.stdout

    async def writes() -> list[float]:
        orders.write(f"{WRITES}\n".encode())
        return [float(await answers.readline()) for _ in range(WRITES)]

    yield writes
    orders.close()
    await client.wait()


async def _timed(write: Awaitable[None]) -> float:
    start_ns = time.perf_counter_ns()
    await write
    return float(time.perf_counter_ns() - start_ns)
