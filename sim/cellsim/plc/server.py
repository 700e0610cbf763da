"""The PLC's Modbus TCP face: reads and writes go to the scan program's memory, through the scripted faults."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from pymodbus.constants import ExcCodes
from pymodbus.exceptions import NoSuchIdException
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from cellctl.errors import PlantError
from cellsim.plc import registers as reg
from cellsim.plc.faults import WIRE, PlcFaults
from cellsim.plc.program import PlcProgram

UNIT = 1
_READ_HOLDING, _READ_INPUTS, _WRITES = 3, 4, (6, 16)


class PlcServer:
    """Serves one `PlcProgram`.

    Args:
        program: its registers are served; a write of several registers lands at once, between two scans.
        faults: what goes wrong on the wire, and when.
        since_start_s: seconds since the line started, for the faults.
    """

    def __init__(self, program: PlcProgram, faults: PlcFaults, since_start_s: Callable[[], float]) -> None:
        self._program = program
        self._faults = faults
        self._since_start_s = since_start_s
        self._server: ModbusTcpServer | None = None
        self._requests = 0

    async def start(self, host: str, port: int) -> int:
        """Listen; returns the port (chosen when `port` is 0). PlantError CELL-2210 when it is taken."""
        server = ModbusTcpServer(self._device(), address=(host, port), ignore_missing_devices=True)
        if not await server.listen():
            raise PlantError(
                "CELL-2210",
                "cannot listen on {host}:{port} for Modbus",
                do="choose a free port (--plc-port)",
                host=host,
                port=port,
            )
        self._server = server
        listener: Any = server.transport  # an asyncio.Server once it listens
        chosen: int = listener.sockets[0].getsockname()[1]
        return chosen

    async def stop(self) -> None:
        """Close the socket and all connections."""
        if self._server is not None:
            await self._server.shutdown()  # type: ignore[no-untyped-call]  # pymodbus does not annotate it
            self._server = None

    def _device(self) -> SimDevice:
        nothing = [SimData(0, values=[False] * 16, datatype=DataType.BITS)]
        holding = [SimData(0, count=reg.HOLDING, values=0, datatype=DataType.REGISTERS)]
        inputs = [SimData(0, count=reg.INPUTS, values=0, datatype=DataType.REGISTERS, readonly=True)]
        return SimDevice(id=UNIT, simdata=(nothing, list(nothing), holding, inputs), action=self._access)

    async def _access(
        self,
        function_code: int,
        _start_address: int,
        address: int,
        _count: int,
        registers: list[int],
        values: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        """Called by the server before every access: show the image, take a write, or play a fault."""
        fault = self._faults.active(self._since_start_s(), *WIRE)
        kind = fault.kind if fault else ""
        if kind == "silent":
            raise _unanswered()
        if fault and kind == "exception":
            return ExcCodes(fault.code)
        if fault and kind == "late":
            await asyncio.sleep(fault.delay_s)
        if function_code in _WRITES and values:
            self._program.holding[address : address + len(values)] = [int(value) for value in values]
        if function_code in {_READ_HOLDING, *_WRITES}:
            registers[: reg.HOLDING] = self._program.holding
        elif function_code == _READ_INPUTS:
            registers[: reg.INPUTS] = self._program.inputs
        self._requests += 1
        if fault and kind == "dropped" and self._requests % fault.every == 0:
            raise _unanswered()
        return None


def _unanswered() -> NoSuchIdException:
    """The one way to leave a request without an answer (see `start`)."""
    return NoSuchIdException("unanswered")
