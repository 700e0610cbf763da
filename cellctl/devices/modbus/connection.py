"""One unit on a line: reads and writes its registers, and is never trusted again after a missed answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from pymodbus.pdu import ModbusPDU

from cellctl.devices.modbus.blocks import Block
from cellctl.devices.modbus.line import Line
from cellctl.devices.modbus.turns import Urgency
from cellctl.devices.tags import Bank

READS = {
    Bank.COIL: "read_coils",
    Bank.DISCRETE: "read_discrete_inputs",
    Bank.HOLDING: "read_holding_registers",
    Bank.INPUT: "read_input_registers",
}
"""Function codes 1 to 4, as the library calls them."""


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
        start, count, unit = block.start.register, block.size, self._unit

        def request(client: Any) -> Awaitable[ModbusPDU]:
            answer: Awaitable[ModbusPDU] = getattr(client, READS[block.bank])(start, count=count, device_id=unit)
            return answer

        answer = await self._line.ask(self._session, urgency, request)
        registers: list[int] = [int(bit) for bit in answer.bits[:count]] if block.bank.is_bits else answer.registers
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

        def request(client: Any) -> Awaitable[ModbusPDU]:
            answer: Awaitable[ModbusPDU] = client.write_registers(start, registers, device_id=self._unit)
            return answer

        await self._line.ask(self._session, urgency, request, sent)

    async def beat(self, register: int, count: int) -> None:
        """Write the heartbeat: one FC6. LinkLostError or ExceptionAnswerError."""

        def request(client: Any) -> Awaitable[ModbusPDU]:
            answer: Awaitable[ModbusPDU] = client.write_register(register, count, device_id=self._unit)
            return answer

        await self._line.ask(self._session, Urgency.HEARTBEAT, request)
