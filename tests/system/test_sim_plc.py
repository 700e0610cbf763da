"""The PLC's Modbus face, with a real client on a real socket."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusIOException

from cellctl.clock import NS_PER_MS
from cellsim.plc import Inputs, PlcFault, PlcFaults, PlcProgram, PlcServer, ScriptedPlc
from cellsim.plc import registers as reg

PLANT = Inputs(1_000_000, 70_000, 2000, 2000, 5000, 20_000, 0)


class Rig:
    """Server and client in one event loop; scans are made by hand, time stands still between them."""

    def __init__(self, faults: tuple[PlcFault, ...]) -> None:
        self.t_ns = 0
        self.program = PlcProgram(0)
        self.faults = PlcFaults(faults)
        self.scripted = ScriptedPlc(self.program, self.faults)
        self.server = PlcServer(self.program, self.faults, lambda: self.t_ns / 1e9)
        self.client: Any = None

    def scan(self) -> None:
        self.t_ns += 10 * NS_PER_MS
        self.scripted.scan(self.t_ns, self.t_ns / 1e9, PLANT)

    async def write(self, start: int, *values: int) -> None:
        answer = await self.client.write_registers(start, list(values), device_id=1)
        assert not answer.isError()

    async def inputs(self, start: int, count: int = 1) -> list[int]:
        answer = await self.client.read_input_registers(start, count=count, device_id=1)
        assert not answer.isError()
        return list(answer.registers)


@asynccontextmanager
async def rig(*faults: PlcFault) -> AsyncIterator[Rig]:
    """A rig on a free port."""
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    bench = Rig(faults)
    port = await bench.server.start("127.0.0.1", 0)
    bench.client = AsyncModbusTcpClient("127.0.0.1", port=port, timeout=0.2, retries=0, reconnect_delay=0)
    try:
        assert await bench.client.connect()
        yield bench
    finally:
        bench.client.close()
        await bench.server.stop()


def on_rig(*faults: PlcFault) -> Callable[[Callable[[Rig], Awaitable[None]]], Callable[[], None]]:
    """Run an asynchronous test on a rig."""

    def wrap(test: Callable[[Rig], Awaitable[None]]) -> Callable[[], None]:
        def run() -> None:
            async def body() -> None:
                async with rig(*faults) as bench:
                    await test(bench)

            asyncio.run(body())

        run.__name__, run.__doc__ = test.__name__, test.__doc__
        return run

    return wrap


@on_rig()
async def test_one_request_writes_a_block_that_the_next_scan_takes(bench: Rig) -> None:
    """Heartbeat, cmd_seq and values in one FC16: before the scan nothing, after it echo and in-force."""
    await bench.write(0, 1, 1, 2040, 1990)
    assert await bench.inputs(reg.IR_SEQ_ECHO) == [0]
    bench.scan()
    assert await bench.inputs(reg.IR_SEQ_ECHO) == [1]
    assert await bench.inputs(reg.IR_ACCEPT, 4) == [0, 0, 0, 2040]
    assert await bench.inputs(reg.IR_IN_FORCE + reg.HR_LOAD_RIGHT) == [1990]


@on_rig()
async def test_refusal_can_be_read(bench: Rig) -> None:
    """A value outside of the clamp table: echoed with code 2, in force unchanged."""
    await bench.write(0, 1, 7, 2600)
    bench.scan()
    assert await bench.inputs(reg.IR_SEQ_ECHO) == [7]
    assert await bench.inputs(reg.IR_ACCEPT) == [2]
    assert await bench.inputs(reg.IR_IN_FORCE + reg.HR_LOAD_LEFT) == [2000]


@on_rig()
async def test_holding_registers_read_back_what_was_written(bench: Rig) -> None:
    """Reading back a holding register is an echo only: it shows a value that is not in force."""
    await bench.write(reg.HR_LOAD_LEFT, 2600)
    answer = await bench.client.read_holding_registers(reg.HR_LOAD_LEFT, count=1, device_id=1)
    assert answer.registers == [2600]
    assert await bench.inputs(reg.IR_IN_FORCE + reg.HR_LOAD_LEFT) == [2000]


@on_rig()
async def test_single_register_write_works(bench: Rig) -> None:
    """FC6 reaches the heartbeat register."""
    answer = await bench.client.write_register(reg.HR_HEARTBEAT, 99, device_id=1)
    assert not answer.isError()
    assert bench.program.holding[reg.HR_HEARTBEAT] == 99


@on_rig()
async def test_whole_image_is_readable_and_nothing_behind_it(bench: Rig) -> None:
    """Input registers 0…129 answer; beyond them the PLC says illegal data address."""
    bench.scan()
    assert (await bench.inputs(12, 2)) == [1, 70_000 - 65_536]
    assert len(await bench.inputs(0, 124)) == 124
    beyond = await bench.client.read_input_registers(reg.INPUTS, count=2, device_id=1)
    assert beyond.exception_code == 2


@on_rig(PlcFault("silent", 0.005, 1.0))
async def test_silent_plc_does_not_answer_and_takes_nothing(bench: Rig) -> None:
    """During the silence a write runs into its time-out and has no effect; afterwards the PLC answers again."""
    bench.scan()
    with pytest.raises(ModbusIOException):
        await bench.client.write_registers(reg.HR_LOAD_LEFT, [2040], device_id=1)
    assert bench.program.holding[reg.HR_LOAD_LEFT] == 2000
    bench.t_ns = 2_000 * NS_PER_MS
    bench.client.close()
    assert await bench.client.connect()
    assert len(await bench.inputs(0)) == 1


@on_rig(PlcFault("exception", 0.005, 1.0))
async def test_exception_fault_answers_device_failure(bench: Rig) -> None:
    """During the fault every request is answered with exception 4 and has no effect."""
    bench.scan()
    answer = await bench.client.write_registers(reg.HR_LOAD_LEFT, [2040], device_id=1)
    assert answer.exception_code == 4
    assert bench.program.holding[reg.HR_LOAD_LEFT] == 2000


@on_rig(PlcFault("late", 0.005, 1.0, delay_s=0.1))
async def test_late_plc_answers_after_its_delay(bench: Rig) -> None:
    """A late answer comes, but not before its delay."""
    bench.scan()
    loop = asyncio.get_running_loop()
    asked = loop.time()
    await bench.inputs(0)
    assert loop.time() - asked >= 0.1


@on_rig(PlcFault("exception", 0.005, 1.0, code=6))
async def test_the_exception_code_can_be_chosen(bench: Rig) -> None:
    """Device busy instead of device failure."""
    bench.scan()
    answer = await bench.client.read_input_registers(0, count=1, device_id=1)
    assert answer.exception_code == 6


@on_rig(PlcFault("dropped", 0.005, 1.0, every=3))
async def test_every_third_answer_is_lost_and_its_write_is_not(bench: Rig) -> None:
    """Two requests are answered; the third one has its effect and no answer."""
    bench.scan()
    assert len(await bench.inputs(0)) == len(await bench.inputs(0)) == 1
    with pytest.raises(ModbusIOException):
        await bench.client.write_registers(reg.HR_LOAD_LEFT, [2040], device_id=1)
    assert bench.program.holding[reg.HR_LOAD_LEFT] == 2040


@on_rig()
async def test_healthy_plc_shows_none_of_the_faults(bench: Rig) -> None:
    """The negative control: the same requests without a scripted fault are answered and taken."""
    bench.scan()
    await bench.write(reg.HR_LOAD_LEFT, 2040)
    assert bench.program.holding[reg.HR_LOAD_LEFT] == 2040


@on_rig(PlcFault("held", 0.0, 1.0))
async def test_held_machine_shows_its_state_and_refuses(bench: Rig) -> None:
    """PackML state Held stands in the register and commands are refused with code 3."""
    await bench.write(0, 1, 1, 2010)
    bench.scan()
    assert await bench.inputs(reg.IR_STATE) == [11]
    assert await bench.inputs(reg.IR_ACCEPT) == [3]
