"""One unit on a line: reads and writes its registers, and is never trusted again after a missed answer."""

from __future__ import annotations

from collections.abc import Callable

from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.bit_message import ReadCoilsRequest, ReadDiscreteInputsRequest
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadInputRegistersRequest,
    WriteMultipleRegistersRequest,
    WriteSingleRegisterRequest,
)

from cellctl.devices.modbus.blocks import Block
from cellctl.devices.modbus.line import Line
from cellctl.devices.modbus.turns import Urgency
from cellctl.devices.tags import Bank

READS: dict[Bank, type[ModbusPDU]] = {
    Bank.COIL: ReadCoilsRequest,
    Bank.DISCRETE: ReadDiscreteInputsRequest,
    Bank.HOLDING: ReadHoldingRegistersRequest,
    Bank.INPUT: ReadInputRegistersRequest,
}
"""Function codes 1 to 4."""


class Connection:
    """Reads and writes registers of one unit.

    Args:
        line: the wire, which other units may share.
        unit: identifier.

    Attributes:
        last_write: the protocol data unit of the last FC16 request, as it went out, whatever was answered; empty while
            a request waits for its turn.
    """

    def __init__(self, line: Line, unit: int) -> None:
        self._line = line
        self._unit = unit
        self._session = object()
        self.last_write = b""

    @property
    def connected(self) -> bool:
        """Whether requests can be sent."""
        return self._line.has(self._session)

    @property
    def most_at_once(self) -> int:
        """Registers that are read sooner in one request than in two."""
        return self._line.most_at_once

    async def connect(self) -> None:
        """Connect anew; LinkLostError (CELL-2010) when the device cannot be reached within the time-out."""
        self.close()
        session = object()
        await self._line.open(session)
        self._session = session

    def close(self) -> None:
        """Disconnect; requests that wait are not sent, and the last unit of a line closes it."""
        self._line.leave(self._session)

    async def read(self, block: Block, urgency: Urgency) -> list[int]:
        """The registers of a block, or its bits as 0 and 1. LinkLostError or ExceptionAnswerError."""
        request = READS[block.bank](address=block.start.register, count=block.size, dev_id=self._unit)
        answer = await self._line.ask(self._session, urgency, request)
        if block.bank.is_bits:
            return [int(bit) for bit in answer.bits[: block.size]]
        registers: list[int] = answer.registers
        return registers

    async def write(
        self, start: int, registers: list[int], urgency: Urgency, on_sent: Callable[[], None] | None = None
    ) -> None:
        """Write contiguous holding registers: one FC16. LinkLostError or ExceptionAnswerError.

        After a LinkLostError nobody knows whether the device took it. `on_sent` is called when the request goes out,
        before anything is known of its answer; `last_write` has its bytes by then.
        """
        self.last_write = b""

        def sent(request: bytes) -> None:
            self.last_write = request
            if on_sent is not None:
                on_sent()

        request = WriteMultipleRegistersRequest(address=start, registers=registers, dev_id=self._unit)
        await self._line.ask(self._session, urgency, request, sent)

    async def beat(self, register: int, count: int) -> None:
        """Write the heartbeat: one FC6. LinkLostError or ExceptionAnswerError."""
        request = WriteSingleRegisterRequest(address=register, registers=[count], dev_id=self._unit)
        await self._line.ask(self._session, Urgency.HEARTBEAT, request)
