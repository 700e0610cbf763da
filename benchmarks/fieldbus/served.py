"""Clients of others against the server for SCADA: every type and order of bytes, and what the server must refuse."""

from __future__ import annotations

import asyncio
import math
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.fieldbus.compiled import NOT_HERE, libmodbus
from benchmarks.fieldbus.row import Row
from cellctl.devices.modbus_server.image import Image, Point, Shown
from cellctl.devices.modbus_server.requests import Function
from cellctl.devices.modbus_server.server import Limits, ModbusServer
from cellctl.devices.tags import Order, Tag, WireType
from cellctl.devices.tags.address import parse_address
from cellctl.model.quality import Quality

ROUNDS, QUICK = 5_000, 500
LIMITS = Limits(connections=4, idle_s=60.0, rate_hz=1e6)
READ = "every value read as it is served; writes, missing registers and half values refused"


class _Served(NamedTuple):
    """One value: where and how it lies, and how a client that has read it rightly prints it."""

    address: str
    type: WireType
    value: float | str
    printed: str
    order: Order = Order.ABCD
    characters: int = 0
    quality: Quality = Quality.GOOD


SERVED = (
    _Served("IR0", WireType.INT16, -2.0, "-2"),
    _Served("IR1", WireType.UINT16, 65534.0, "65534"),
    _Served("IR2", WireType.INT32, -70_000.0, "-70000"),
    _Served("IR4", WireType.UINT32, 4e9, "4000000000"),
    _Served("IR6", WireType.INT64, -(2.0**40), str(-(2**40))),
    _Served("IR10", WireType.FLOAT32, -118.625, "-118.625"),
    _Served("IR12", WireType.FLOAT32, 1.5, "1.5", Order.CDAB),
    _Served("IR14", WireType.FLOAT32, 2.25, "2.25", Order.BADC),
    _Served("IR16", WireType.FLOAT32, -0.125, "-0.125", Order.DCBA),
    _Served("IR18", WireType.FLOAT32, 20.0, "nan", quality=Quality.BAD_TIMEOUT),
    _Served("IR20", WireType.STRING, "LOT-0001", "LOT-0001", characters=8),
    _Served("HR5", WireType.UINT16, 6.0, "6"),
    *(_Served(f"CO{place}", WireType.BOOL, value, "") for place, value in enumerate((1.0, 0.0, 1.0))),
    *(_Served(f"DI{place + 8}", WireType.BOOL, value, "") for place, value in enumerate((0.0, 1.0, 1.0))),
)
LINES = [*(it.printed for it in SERVED if it.printed), "101", "011"]
REFUSED = ["illegal function", "illegal function", "illegal address", "illegal address"]


def _image() -> Image:
    shown = {it.address: Shown(it.value, it.quality) for it in SERVED}
    return Image((Point(it.address, _tag(it)) for it in SERVED), shown.__getitem__)


def _tag(it: _Served) -> Tag:
    address = parse_address(it.address)
    assert address is not None
    return Tag(it.address, address, it.type, 1.0, "", -math.inf, math.inf, False, None, "", "", it.order, 0.0, 0.0,
               it.characters)  # fmt: skip


def rows(quick: bool) -> Iterator[Row]:
    """One row per client."""
    yield from asyncio.run(_rows(QUICK if quick else ROUNDS))


async def _rows(rounds: int) -> list[Row]:
    server = ModbusServer("127.0.0.1", 0, frozenset(Function), LIMITS, _image())
    port = await server.open()
    try:
        with libmodbus("libmodbus_reader") as program:
            first = await asyncio.to_thread(_by_libmodbus, program, port, rounds)
        return [first, await asyncio.to_thread(_by_mbpoll, port)]
    finally:
        await server.close()


def _by_libmodbus(program: Path | None, port: int, rounds: int) -> Row:
    case = "a libmodbus program reads our server: 11 types and orders, four tables"
    if program is None:
        return Row(case, 0, False, "no compiler or no libmodbus here", "libmodbus", NOT_HERE, READ)
    said = subprocess.run([str(program), str(port), str(rounds)], capture_output=True, text=True, check=False)
    lines = said.stdout.splitlines()
    right = lines == [*LINES, f"rounds {rounds}", *REFUSED]
    figure = "every value and refusal right" if right else f"said {lines}"
    return Row(case, 4 * rounds, right, figure, "libmodbus", "the same values by its own decoders", READ)


def _by_mbpoll(port: int) -> Row:
    case = "mbpoll reads our server: int16, int32, float, coils, discrete inputs; a write"
    if shutil.which("mbpoll") is None:
        return Row(case, 0, False, "mbpoll is not installed", "mbpoll", NOT_HERE, READ)
    asked = [
        (("-t", "3", "-r", "0", "-c", "2"), ["65534", "65534"]), (("-t", "3:int", "-B", "-r", "2"), ["-70000"]),
        (("-t", "3:float", "-B", "-r", "10"), ["-118.625"]), (("-t", "4", "-r", "5"), ["6"]),
        (("-t", "0", "-r", "0", "-c", "3"), ["1", "0", "1"]), (("-t", "1", "-r", "8", "-c", "3"), ["0", "1", "1"]),
    ]  # fmt: skip
    wrong = [options for options, wanted in asked if _polled(port, *options) != wanted]
    write = _mbpoll(port, ("-t", "4", "-r", "5"), ("1",))
    right = not wrong and "Illegal function" in write
    figure = "every value and the refusal right" if right else f"wrong: {wrong}, the write: {write[-200:]}"
    return Row(case, len(asked) + 1, right, figure, "mbpoll", "the same values", READ)


def _polled(port: int, *options: str) -> list[str]:
    lines = _mbpoll(port, options, ()).splitlines()
    return [line.split("\t", 1)[1].split(" ")[0].strip() for line in lines if line.startswith("[")]


def _mbpoll(port: int, options: tuple[str, ...], value: tuple[str, ...]) -> str:
    command = ["mbpoll", "-m", "tcp", "-p", str(port), "-0", "-1", *options, "127.0.0.1", *value]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    return said.stdout + said.stderr
