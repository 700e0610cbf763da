"""A small PLC on a loopback port: scans, judges command blocks by the coater's handshake, and fails on order."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import cast

from pymodbus.constants import ExcCodes
from pymodbus.exceptions import NoSuchIdException
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

SCAN_S = 0.01
RECIPE = 2000
LOADS = (2, 3)
HEARTBEAT, SEQUENCE, ECHO, SPEED, ENCODER, ACCEPT, IN_FORCE = 0, 1, 1, 10, 12, 99, 100


@dataclass
class Faults:
    """What goes wrong; tests set and clear these while the PLC runs."""

    refuse_code: int = 0
    """Judge every block with this accept code."""
    ignore_blocks: bool = False
    """Never judge a block: answers, but no echo."""
    echo_delay_s: float = 0.0
    """Judge blocks this much later."""
    silent: bool = False
    """Answer nothing at all."""
    silent_on_write: bool = False
    """Take a block and never answer it."""
    exception_on_write: bool = False
    """Answer FC16 with an exception."""
    in_force_offset: int = 0
    """Show this much more in force than was asked."""
    cut_after_blocks: int | None = None
    """Close all connections when this many blocks have been written."""
    frozen: bool = False
    """Answer, but do not scan."""


@dataclass
class PlcDouble:
    """Two blade loads in HR2 and HR3, as 0.01 kPa; everything else of the map reads as zero.

    `log` holds (loop time, left, right) of every change in force; `blocks` every command block that came in.
    """

    faults: Faults = field(default_factory=Faults)
    holding: list[int] = field(default_factory=lambda: [0, 0, RECIPE, RECIPE, *([0] * 30)])
    inputs: list[int] = field(default_factory=lambda: [0] * 140)
    log: list[tuple[float, int, int]] = field(default_factory=list)
    blocks: list[tuple[float, tuple[int, ...]]] = field(default_factory=list)
    beats: list[float] = field(default_factory=list)
    port: int = 0
    _judged: int = 0
    _pending_since: float | None = None
    _server: ModbusTcpServer | None = None
    _scanner: asyncio.Task[None] | None = None

    async def start(self, port: int = 0) -> None:
        """Listen and scan."""
        self.inputs[SPEED : SPEED + 2] = divmod(1_000_000, 65536)
        self.inputs[ENCODER : ENCODER + 2] = divmod(123_000, 65536)
        self._show()
        server = ModbusTcpServer(self._device(), address=("127.0.0.1", port), ignore_missing_devices=True)
        assert await server.listen()
        self._server = server
        self.port = cast("asyncio.Server", server.transport).sockets[0].getsockname()[1]
        self._scanner = asyncio.create_task(self._scan())

    async def stop(self) -> None:
        """Close everything."""
        if self._scanner is not None:
            self._scanner.cancel()
            await asyncio.gather(self._scanner, return_exceptions=True)
        await self.cut()

    async def cut(self) -> None:
        """Close the listener and all connections."""
        if self._server is not None:
            await self._server.shutdown()
            self._server = None

    def in_force(self, register: int) -> int:
        """The value in force of a holding register."""
        return self.inputs[IN_FORCE + register]

    async def _scan(self) -> None:
        while True:
            if not self.faults.frozen:
                self.inputs[0] = (self.inputs[0] + 1) & 0xFFFF
                self._judge(asyncio.get_running_loop().time())
            await asyncio.sleep(SCAN_S)

    def _judge(self, now_s: float) -> None:
        if self.holding[SEQUENCE] == self._judged or self.faults.ignore_blocks:
            return
        self._pending_since = now_s if self._pending_since is None else self._pending_since
        if now_s - self._pending_since < self.faults.echo_delay_s:
            return
        self._pending_since = None
        self._judged = self.holding[SEQUENCE]
        if self.faults.refuse_code == 0:
            self._show()
            self.log.append((now_s, self.in_force(2), self.in_force(3)))
        self.inputs[ACCEPT] = self.faults.refuse_code
        self.inputs[ECHO] = self._judged

    def _show(self) -> None:
        for register in LOADS:
            self.inputs[IN_FORCE + register] = self.holding[register] + self.faults.in_force_offset

    def _device(self) -> SimDevice:
        bits = [SimData(0, values=[False] * 16, datatype=DataType.BITS)]
        holding = [SimData(0, count=len(self.holding), values=0, datatype=DataType.REGISTERS)]
        inputs = [SimData(0, count=len(self.inputs), values=0, datatype=DataType.REGISTERS, readonly=True)]
        return SimDevice(id=1, simdata=(bits, list(bits), holding, inputs), action=self._access)

    async def _access(self, function_code, _start, address, _count, registers, values):
        if self.faults.silent:
            raise NoSuchIdException("silent")
        now_s = asyncio.get_running_loop().time()
        if function_code == 16:
            if self.faults.exception_on_write:
                return ExcCodes.DEVICE_FAILURE
            self.blocks.append((now_s, tuple(int(value) for value in values)))
        if function_code == 6:
            self.beats.append(now_s)
        if values:
            self.holding[address : address + len(values)] = [int(value) for value in values]
        if function_code == 4:
            registers[: len(self.inputs)] = self.inputs
        else:
            registers[: len(self.holding)] = self.holding
        if function_code == 16 and self.faults.silent_on_write:
            raise NoSuchIdException("silent")
        if function_code == 16 and self.faults.cut_after_blocks == len(self.blocks):
            await self.cut()
        return None
