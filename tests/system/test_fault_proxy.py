"""The fault proxy on real sockets, between a plain Modbus client and the simulated PLC."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusIOException

from cellsim.plc import PlcFaults, PlcProgram, PlcServer
from cellsim.plc import registers as reg
from cellsim.proxy import Fault, FaultProxy, Kind, Passed, Plan, Way

WRITE = 16


class Rig:
    """A PLC, the proxy in front of it, and where to connect."""

    def __init__(self) -> None:
        self.program = PlcProgram(0)
        self.plan = Plan()
        self.passed: list[Passed] = []
        self.port = 0

    async def client(self) -> Any:
        logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
        client = AsyncModbusTcpClient("127.0.0.1", port=self.port, timeout=0.2, retries=0, reconnect_delay=0)
        assert await client.connect()
        return client

    async def written(self) -> None:
        """Wait until the write has arrived."""
        while self.program.holding[reg.HR_LOAD_LEFT] != 2040:
            await asyncio.sleep(0.001)


@asynccontextmanager
async def rig() -> AsyncIterator[Rig]:
    bench = Rig()
    server = PlcServer(bench.program, PlcFaults(), lambda: 0.0)
    proxy = FaultProxy(bench.plan, "127.0.0.1", await server.start("127.0.0.1", 0), bench.passed.append)
    bench.port = await proxy.start()
    try:
        yield bench
    finally:
        await proxy.stop()
        await server.stop()


def on_rig(test: Callable[[Rig], Awaitable[None]]) -> Callable[[], None]:
    """Run an asynchronous test on a rig."""

    def run() -> None:
        async def body() -> None:
            async with rig() as bench:
                await test(bench)

        asyncio.run(body())

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


async def write(client: Any) -> Any:
    return await client.write_registers(reg.HR_LOAD_LEFT, [2040], device_id=1)


@on_rig
async def test_without_a_fault_a_write_is_answered(bench: Rig) -> None:
    """The control: the PLC has it, and both frames were heard."""
    client = await bench.client()
    assert not (await write(client)).isError()
    assert bench.program.holding[reg.HR_LOAD_LEFT] == 2040
    assert [(item.way, item.frame.function) for item in bench.passed] == [(Way.REQUEST, WRITE), (Way.ANSWER, WRITE)]
    client.close()


@on_rig
async def test_a_cut_request_never_reaches_the_plc(bench: Rig) -> None:
    """One byte is missing; the client's connection ends."""
    bench.plan.arm(Fault(Kind.CUT, Way.REQUEST, function=WRITE, byte=14))
    client = await bench.client()
    with pytest.raises(ModbusIOException):
        await write(client)
    assert bench.program.holding[reg.HR_LOAD_LEFT] == 2000
    client.close()


@on_rig
async def test_a_cut_answer_leaves_the_write_done(bench: Rig) -> None:
    """The PLC has it and the client cannot know."""
    bench.plan.arm(Fault(Kind.CUT, Way.ANSWER, function=WRITE, byte=0, reset=True))
    client = await bench.client()
    with pytest.raises(ModbusIOException):
        await write(client)
    assert bench.program.holding[reg.HR_LOAD_LEFT] == 2040
    client.close()


@on_rig
async def test_a_delayed_request_arrives_though_its_sender_has_left(bench: Rig) -> None:
    """What is on its way arrives: a network does not take back what it holds."""
    bench.plan.arm(Fault(Kind.DELAY, Way.REQUEST, function=WRITE, delay_s=0.3))
    client = await bench.client()
    with pytest.raises(ModbusIOException):
        await write(client)
    client.close()
    assert bench.program.holding[reg.HR_LOAD_LEFT] == 2000
    await asyncio.wait_for(bench.written(), 5)


@on_rig
async def test_half_open_means_one_connection_and_no_end(bench: Rig) -> None:
    """The stalled connection stays open; another one works."""
    bench.plan.arm(Fault(Kind.HALF_OPEN, Way.REQUEST, function=WRITE))
    stalled = await bench.client()
    with pytest.raises(ModbusIOException):
        await write(stalled)
    other = await bench.client()
    assert not (await write(other)).isError()
    stalled.close()
    other.close()


@on_rig
async def test_a_black_hole_accepts_and_answers_nothing(bench: Rig) -> None:
    """A new connection is made and its request is lost too."""
    bench.plan.arm(Fault(Kind.BLACK_HOLE, Way.REQUEST, for_s=60))
    for _ in range(2):
        client = await bench.client()
        with pytest.raises(ModbusIOException):
            await write(client)
        client.close()
    assert bench.program.holding[reg.HR_LOAD_LEFT] == 2000


@on_rig
async def test_a_plc_that_is_away_shows_as_a_closed_connection(bench: Rig) -> None:
    """After a cut new connections end at once for as long as was said."""
    bench.plan.arm(Fault(Kind.CUT, Way.REQUEST, function=WRITE, for_s=60))
    client = await bench.client()
    with pytest.raises(ModbusIOException):
        await write(client)
    reader, writer = await asyncio.open_connection("127.0.0.1", bench.port)
    assert await reader.read() == b""
    writer.close()
    client.close()


PROXY = """
from cellsim.commands.sim_proxy import sim_proxy
sim_proxy(to="127.0.0.1:{port}", listen=0, fault=["{{kind: exception, way: request, function: 3, nth: 2, code: 6}}"])
"""


@on_rig
async def test_the_command_stands_between_until_ctrl_c(bench: Rig) -> None:
    """It says where it listens and which fault struck; the second read meets exception 6, the first one none."""
    command = await asyncio.create_subprocess_exec(
        sys.executable, "-u", "-c", PROXY.format(port=bench.port), stdout=asyncio.subprocess.PIPE
    )
    assert command.stdout is not None
    first = (await command.stdout.readline()).decode()
    client = AsyncModbusTcpClient("127.0.0.1", port=int(first.split()[0].split(":")[1]), timeout=5, retries=0)
    assert await client.connect()
    answers = [await client.read_holding_registers(2, count=1, device_id=1) for _ in range(2)]
    client.close()
    command.send_signal(signal.SIGINT)
    said = (await command.stdout.read()).decode()
    assert await command.wait() == 0
    assert [answer.isError() for answer in answers] == [False, True]
    assert answers[1].exception_code == 6
    assert "exception meets the request of function 3, register 2" in said
