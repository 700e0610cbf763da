"""The PLC's serial port on a real pseudo-terminal."""

from __future__ import annotations

import asyncio
import os
import time

import pytest

from benchmarks.fieldbus.proxied.plc import LoggedPlc
from benchmarks.fieldbus.proxied.rig import HANDSHAKE, LEFT, TABLE, Rig, before_others, made
from benchmarks.fieldbus.proxied.scene import terminal
from cellctl.config.resolved import Device
from cellctl.errors import PlantError
from cellctl.model.packml import PackMLState
from cellsim.plc import PlcFault, PlcFaults, PlcProgram, PlcServer
from cellsim.plc import registers as reg
from cellsim.plc.rtu import wrapped
from cellsim.plc.serial_face import SerialFace
from cellsim.proxy import Plan

WRITE = wrapped(1, bytes.fromhex("100002000102") + (2040).to_bytes(2, "big"))
WRITTEN = wrapped(1, bytes.fromhex("1000020001"))


def exchanged(tmp_path, request, size, *faults):
    """What comes back within half a second, at most `size` bytes, and the left load's register after it."""

    async def scene():
        program = PlcProgram(0)
        server = PlcServer(program, PlcFaults(faults), lambda: 1.0)
        face = SerialFace("127.0.0.1", await server.start("127.0.0.1", 0))
        try:
            await face.start(tmp_path / "plc.tty")
            return await _answer(tmp_path / "plc.tty", request, size), program.holding[reg.HR_LOAD_LEFT]
        finally:
            await face.stop()
            await server.stop()

    return asyncio.run(scene())


async def _answer(path, request, size):
    port = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        os.write(port, request)
        return await _read(port, size)
    finally:
        os.close(port)


async def _read(port, size):
    arrived, found = asyncio.Event(), b""
    asyncio.get_running_loop().add_reader(port, arrived.set)
    try:
        while len(found) < size:
            await asyncio.wait_for(arrived.wait(), 0.5)
            arrived.clear()
            found += os.read(port, size)
    except TimeoutError:
        pass
    finally:
        asyncio.get_running_loop().remove_reader(port)
    return found


def test_a_write_is_answered_in_rtu(tmp_path):
    """The register has the value, the answer its checksum; the name is gone afterwards."""
    assert exchanged(tmp_path, WRITE, len(WRITTEN)) == (WRITTEN, 2040)
    assert not (tmp_path / "plc.tty").is_symlink()


def test_a_silent_plc_is_silent_here_too(tmp_path):
    """The scripted fault of the wire holds for both faces."""
    assert exchanged(tmp_path, WRITE, 1, PlcFault("silent", 0.0, 60.0)) == (b"", 2000)


def test_another_unit_does_not_answer(tmp_path):
    """Nobody else sits on this line."""
    assert exchanged(tmp_path, wrapped(2, WRITE[1:-2]), 1) == (b"", 2000)


def test_a_name_that_is_taken_is_left_alone(tmp_path):
    """A file of somebody else is no serial port."""
    (tmp_path / "plc.tty").write_text("mine", encoding="utf-8")
    with pytest.raises(PlantError, match="CELL-2214"):
        exchanged(tmp_path, WRITE, 1)
    assert (tmp_path / "plc.tty").read_text(encoding="utf-8") == "mine"


def test_a_bus_process_moves_a_set_point_over_the_serial_line(tmp_path):
    """CONFIRMED, and in force by the PLC's log."""

    async def scene():
        rig, link, stop = Rig(LoggedPlc(), Plan()), tmp_path / "plc.tty", asyncio.Event()
        face = SerialFace("127.0.0.1", await rig.plc.start())
        await face.start(link)
        settings = {"device": str(link), "parity": "none", "baud": 115200, "timeout": "1 s", "tags": str(TABLE),
                    "handshake": HANDSHAKE}  # fmt: skip
        journal, body = made(tmp_path, Device("plc", "modbus-rtu", settings), rig.ports)
        tasks = [asyncio.create_task(body.run(stop)), asyncio.create_task(rig.ports.keep_telling())]
        try:
            rig.ports.enter(PackMLState.EXECUTE, safe=False)
            await rig.until(lambda: rig.link_is_up, "the link")
            await asyncio.sleep(1.15)
            rig.propose(LEFT, 20.04)
            await rig.until(lambda: bool(terminal(rig.ports.kept)), "the last word")
            return [str(it.outcome) for it in rig.ports.kept], rig.plc.shown(reg.HR_LOAD_LEFT, time.monotonic_ns())
        finally:
            stop.set()
            tasks[1].cancel()
            await asyncio.wait_for(tasks[0], 10)
            await face.stop()
            await rig.plc.stop()
            journal.close()

    with before_others():
        found = asyncio.run(scene())
    assert found == (["CONFIRMED", "CONFIRMED", "CONFIRMED"], 2004)
