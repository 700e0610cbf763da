"""One Modbus TCP connection: serialised, bounded in time, and never trusted again after a missed answer.

A request that was not answered in time closes the connection, so that a late answer has nowhere to arrive.
Nothing is retried here: whether a write may be repeated is not for a transport to decide.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU

from cellctl.devices.modbus.blocks import Block, is_input
from cellctl.devices.modbus.settings import ModbusTcpSettings
from cellctl.devices.modbus.turns import Turns, Urgency
from cellctl.errors import PlantError, text

MBAP_BYTES = 7
"""Transaction, protocol, length and unit in front of the protocol data unit."""

WRITE_REGISTERS = 16
"""Function code 16, write multiple registers."""

UNKNOWN = 0
EXCEPTIONS = {
    UNKNOWN: "unknown",
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "device failure",
    5: "acknowledge",
    6: "device busy",
    10: "gateway path unavailable",
    11: "gateway target did not respond",
}
"""Exception codes of the Modbus application protocol 1.1b3, 7."""

# pymodbus logs every failed request as an error; here each of them is an exception with a code instead.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)


class LinkLostError(PlantError):
    """The connection is gone; what was under way on it is unknown (CELL-2010…2012)."""


class ExceptionAnswerError(PlantError):
    """The device answered that it will not do this (CELL-2013)."""


class Connection:
    """Reads and writes registers of one unit.

    Attributes:
        last_write: the protocol data unit of the last FC16 request, as it went out, whatever was answered; empty while
            a request waits for its turn.
    """

    def __init__(self, settings: ModbusTcpSettings) -> None:
        self._settings = settings
        self._turns = Turns()
        self._client: AsyncModbusTcpClient | None = None
        self._on_sent: Callable[[], None] | None = None
        self.last_write = b""

    @property
    def _peer(self) -> str:
        return f"{self._settings.host}:{self._settings.port}"

    @property
    def connected(self) -> bool:
        """Whether requests can be sent."""
        return self._client is not None and self._client.connected

    async def connect(self) -> None:
        """Connect anew; LinkLostError (CELL-2010) when the device cannot be reached within the time-out."""
        self.close()
        settings = self._settings
        client = AsyncModbusTcpClient(
            settings.host, port=settings.port, timeout=settings.timeout, retries=0, reconnect_delay=0,
            trace_packet=self._trace,
        )  # fmt: skip
        if not await client.connect():
            client.close()
            raise LinkLostError(
                "CELL-2010", "cannot connect to {peer}", do="check address, cable and PLC", peer=self._peer
            )
        self._client = client

    def close(self) -> None:
        """Disconnect; requests under way fail."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    async def read(self, block: Block, urgency: Urgency) -> list[int]:
        """The registers of a block. LinkLostError or ExceptionAnswerError."""
        start, count, unit = block.start.register, block.size, self._settings.unit
        async with self._turns.turn(urgency):
            client = self._connected()
            ask = client.read_input_registers if is_input(block) else client.read_holding_registers
            answer = await self._ask(client, partial(ask, start, count=count, device_id=unit))
        registers: list[int] = answer.registers
        if len(registers) != count:
            raise self._lost(
                "CELL-2012", "answered {found} registers instead of {count}", found=len(registers), count=count
            )
        return registers

    async def write(
        self, start: int, registers: list[int], urgency: Urgency, on_sent: Callable[[], None] | None = None
    ) -> None:
        """Write contiguous holding registers: one FC16. LinkLostError or ExceptionAnswerError.

        After a LinkLostError nobody knows whether the device took it. `on_sent` is called when the request goes out,
        before anything is known of its answer; `last_write` has its bytes by then.
        """
        self.last_write = b""
        async with self._turns.turn(urgency):
            client = self._connected()
            unit = self._settings.unit
            self._on_sent = on_sent
            await self._ask(client, partial(client.write_registers, start, registers, device_id=unit))

    async def beat(self, register: int, count: int) -> None:
        """Write the heartbeat: one FC6. LinkLostError or ExceptionAnswerError."""
        async with self._turns.turn(Urgency.HEARTBEAT):
            client = self._connected()
            unit = self._settings.unit
            await self._ask(client, partial(client.write_register, register, count, device_id=unit))

    def _connected(self) -> AsyncModbusTcpClient:
        if self._client is None:
            raise LinkLostError("CELL-2010", "not connected to {peer}", do="wait for the link", peer=self._peer)
        return self._client

    async def _ask(self, client: AsyncModbusTcpClient, request: Callable[[], Awaitable[ModbusPDU]]) -> Any:
        """One request and its answer; a second time-out stands behind the library's own."""
        try:
            async with asyncio.timeout(2 * self._settings.timeout):
                answer = await request()
        except (ModbusException, TimeoutError, OSError) as error:
            if client is self._client:
                self.close()
            raise self._lost("CELL-2011", "no answer within {timeout:g} s", timeout=self._settings.timeout) from error
        if answer.isError():
            code = answer.exception_code
            raise ExceptionAnswerError("CELL-2013", "{peer} answers exception {number} ({meaning})",
                                       do="compare the tag table with the PLC's register map", peer=self._peer,
                                       meaning=text(EXCEPTIONS[code if code in EXCEPTIONS else UNKNOWN]),
                                       number=code)  # fmt: skip
        return answer

    def _lost(self, code: str, what: str, **values: Any) -> LinkLostError:
        self.close()
        return LinkLostError(code, "{peer}: {problem}", do="check cable, load and state of the PLC", peer=self._peer,
                             problem=text(what, **values))  # fmt: skip

    def _trace(self, sending: bool, data: bytes) -> bytes:
        if sending and data[MBAP_BYTES] == WRITE_REGISTERS:
            self.last_write = data[MBAP_BYTES:]
            if self._on_sent is not None:
                self._on_sent()
        return data
