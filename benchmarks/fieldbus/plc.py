"""The controller on the other side of the wire: a process of its own, quick enough never to be what is measured.

    python -m benchmarks.fieldbus.plc '{"devices": 1, "scan_s": 0.01, "at_once": false, "log_reads": false}'

It says its ports in one line, obeys orders on its standard input (`panel CONTROLLER REGISTER VALUE`, `stop`), and ends
by printing its log. Unless it has a slew of its own it checks nothing: what arrives is in force after the scan, so that
a wrong register would show.
"""

from __future__ import annotations

import asyncio
import json
import struct
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

HEARTBEAT, SEQUENCE, FIRST_SETPOINT = 0, 1, 2
ECHO, STATE, MODE, ACCEPT, IN_FORCE = 1, 2, 3, 99, 100
FIRST_TAG = 1000
"""Input register of the first tag that is polled and nothing else."""
EXECUTE, PRODUCTION = 6, 1
TAKEN, SLEW = 0, 4
"""Accept codes."""
LAST = 100
"""Changes that a second can hold, and more."""
SETPOINTS = 8
"""Holding registers 2…9; input register 100 + k shows what is in force of holding register k."""
RECIPE = 2000
_BANKS = 65536
_MBAP = struct.Struct(">HHHB")
_READ_HOLDING, _READ_INPUTS, _WRITE_ONE, _WRITE_SOME = 3, 4, 6, 16


class Options(NamedTuple):
    """How a controller behaves.

    Attributes:
        devices: how many controllers this process holds, each on a port of its own.
        scan_s: period of a scan.
        at_once: blocks are judged as they arrive and not by the next scan.
        log_reads: keep the time of every read as well.
        slew: counts by which a block may change a set-point over any second, and one more, as the controller's own
            program has it; 0: any.
    """

    devices: int = 1
    scan_s: float = 0.01
    at_once: bool = False
    log_reads: bool = False
    slew: int = 0


class Controller:
    """Registers, scan and log of one controller; all times are monotonic ns.

    Attributes:
        blocks: (time, registers) of every command block, as it arrived.
        changes: (time, values of the set-points in force) whenever a block changed one of them.
        turns: the same, whenever somebody did so at the panel.
        reads: (time, first register, registers) of every read, where they are kept.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._holding, self._inputs = bytearray(2 * _BANKS), bytearray(2 * _BANKS)
        self._judged = self._beat = 0
        self.blocks: list[tuple[int, list[int]]] = []
        self.changes: list[tuple[int, list[int]]] = []
        self.turns: list[tuple[int, list[int]]] = []
        self.reads: list[tuple[int, int, int]] = []
        for register in range(FIRST_SETPOINT, FIRST_SETPOINT + SETPOINTS):
            self._put(self._holding, register, RECIPE)
        self._put(self._inputs, STATE, EXECUTE)
        self._put(self._inputs, MODE, PRODUCTION)
        self._show([])

    def scan(self) -> None:
        """Count, and judge the block that waits."""
        self._beat = (self._beat + 1) & 0xFFFF
        self._put(self._inputs, 0, self._beat)
        if self._get(self._holding, SEQUENCE) != self._judged:
            self._judged = self._get(self._holding, SEQUENCE)
            leaps = bool(self._options.slew) and self._leaps()
            self._put(self._inputs, ACCEPT, SLEW if leaps else TAKEN)
            if not leaps:
                self._show(self.changes)
            self._put(self._inputs, ECHO, self._judged)

    def turn(self, register: int, value: int) -> None:
        """Somebody turns a set-point at the panel."""
        self._put(self._holding, register, value)
        self._show(self.turns)

    def log(self) -> dict[str, Any]:
        """Everything that was noted."""
        return {"blocks": self.blocks, "changes": self.changes, "turns": self.turns, "reads": self.reads}

    def answer(self, request: bytes) -> bytes:
        """The protocol data unit that answers another; exception 1 for what no measurement needs."""
        code = request[0]
        if code in {_READ_HOLDING, _READ_INPUTS}:
            first, count = struct.unpack_from(">HH", request, 1)
            if self._options.log_reads:
                self.reads.append((time.monotonic_ns(), first, count))
            bank = self._inputs if code == _READ_INPUTS else self._holding
            return bytes((code, 2 * count)) + bank[2 * first : 2 * (first + count)]
        if code == _WRITE_ONE:
            first, value = struct.unpack_from(">HH", request, 1)
            self._put(self._holding, first, value)
            return request
        if code == _WRITE_SOME:
            first, count = struct.unpack_from(">HH", request, 1)
            self._take(first, request[6 : 6 + 2 * count])
            return request[:5]
        return bytes((code | 0x80, 1))

    def _take(self, first: int, data: bytes) -> None:
        self.blocks.append((time.monotonic_ns(), [first, *struct.unpack(f">{len(data) // 2}H", data)]))
        self._holding[2 * first : 2 * first + len(data)] = data
        if self._options.at_once:
            self.scan()

    def _leaps(self) -> bool:
        """Whether the block asks for a value that is too far from one of the last second."""
        since_ns = time.monotonic_ns() - 1_000_000_000
        recent = sorted([*self.changes[-LAST:], *self.turns[-LAST:]])
        within = [it for it in recent if it[0] >= since_ns]
        before = [it for it in recent if it[0] < since_ns][-1:] or [(0, [RECIPE] * SETPOINTS)]
        asked = self._shown(self._holding, FIRST_SETPOINT)
        return any(
            abs(value - was) > self._options.slew + 1
            for _, values in before + within
            for value, was in zip(asked, values, strict=True)
        )

    @staticmethod
    def _shown(bank: bytearray, first: int) -> list[int]:
        return list(struct.unpack_from(f">{SETPOINTS}H", bank, 2 * first))

    def _show(self, log: list[tuple[int, list[int]]]) -> None:
        """What lies in the holding registers is in force."""
        values = self._shown(self._holding, FIRST_SETPOINT)
        if values != self._shown(self._inputs, IN_FORCE + FIRST_SETPOINT):
            struct.pack_into(f">{SETPOINTS}H", self._inputs, 2 * (IN_FORCE + FIRST_SETPOINT), *values)
            log.append((time.monotonic_ns(), values))

    @staticmethod
    def _put(bank: bytearray, register: int, value: int) -> None:
        struct.pack_into(">H", bank, 2 * register, value)

    @staticmethod
    def _get(bank: bytearray, register: int) -> int:
        return int(struct.unpack_from(">H", bank, 2 * register)[0])


class Wire(asyncio.Protocol):
    """One connection: frames in, answers out."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self._answer = answer
        self._waiting = b""
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        """Keep the way back."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every frame that is complete."""
        self._waiting += data
        while len(self._waiting) > _MBAP.size:
            transaction, _, length, unit = _MBAP.unpack_from(self._waiting)
            if len(self._waiting) < 6 + length:
                return
            found = self._answer(self._waiting[_MBAP.size : 6 + length])
            self._waiting = self._waiting[6 + length :]
            self._transport.write(_MBAP.pack(transaction, 0, len(found) + 1, unit) + found)


async def serve(options: Options) -> None:
    """Say the ports, scan and obey until `stop`, print the log."""
    loop = asyncio.get_running_loop()
    controllers = [Controller(options) for _ in range(options.devices)]
    servers = [await loop.create_server(partial(Wire, it.answer), "127.0.0.1", 0) for it in controllers]
    _say({"ports": [server.sockets[0].getsockname()[1] for server in servers]})
    scanning = loop.create_task(_scan(controllers, options.scan_s))
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while (order := (await orders.readline()).decode().split()) and order[0] != "stop":
        controllers[int(order[1])].turn(int(order[2]), int(order[3]))
    scanning.cancel()
    for server in servers:
        server.close()
    _say({"logs": [it.log() for it in controllers]})


async def _scan(controllers: list[Controller], period_s: float) -> None:
    now_s = asyncio.get_running_loop().time
    due_s = now_s()
    while True:
        for controller in controllers:
            controller.scan()
        due_s = max(due_s + period_s, now_s())
        await asyncio.sleep(due_s - now_s())


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def table(path: Path, tags: int) -> Path:
    """Write the tag table of such a controller: handshake, two guarded loads, and so many tags that are polled."""
    rows = ["name,address,type,scale,unit,minimum,maximum,access,in_force,poll,description"]
    rows += [f"{name},HR{register},uint16,1,,0,65535,rw,,," for name, register in (("heartbeat", 0), ("cmd_seq", 1))]
    rows += [
        f"{name},HR{register},int16,0.01,kPa,15,25,rw,IR{IN_FORCE + register},fast,"
        for name, register in (("load_left", 2), ("load_right", 3))
    ]
    inputs = (("plc_heartbeat", 0), ("seq_echo", ECHO), ("accept_code", ACCEPT))
    rows += [f"{name},IR{register},uint16,1,,0,65535,r,,fast," for name, register in inputs]
    rows += [f"t{number},IR{FIRST_TAG + number},int16,0.1,degC,-300,3000,r,,fast," for number in range(tags)]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    asyncio.run(serve(Options(**json.loads(sys.argv[1]))))
