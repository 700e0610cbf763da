"""Nobody holds a line for ever."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pymodbus.pdu.register_message import ReadHoldingRegistersRequest

from cellctl.devices.modbus.faults import LinkLostError
from cellctl.devices.modbus.line import Line
from cellctl.devices.modbus.settings import ModbusTcpSettings
from cellctl.devices.modbus.turns import Urgency
from cellctl.devices.modbus.wire import TcpWire


class SilentClient:
    """Connects, and drops every request before any byte of it goes out."""

    connected = True
    response_future: Any = None

    @property
    def ctx(self) -> SilentClient:
        return self

    async def call_create(self) -> tuple[object, object]:
        return object(), object()

    def getNextTID(self) -> int:  # noqa: N802  # the library's name
        return 1

    def pdu_send(self, _request: object) -> None:
        """Nothing goes out."""

    def close(self) -> None:
        """Nothing is open."""


class SilentWire(TcpWire):
    """Its client sends nothing."""

    def client(self, _trace: object) -> Any:
        return SilentClient()


def test_a_request_that_never_went_out_ends_with_its_time() -> None:
    """The outer bound only ends a test that would wait for ever."""
    settings = ModbusTcpSettings.model_validate({"host": "127.0.0.1", "tags": "tags.csv", "timeout": "10 ms"})

    async def ask() -> None:
        line, user = Line(SilentWire(settings)), object()
        await line.open(user)
        request = ReadHoldingRegistersRequest(address=1, count=1, dev_id=1)
        await asyncio.wait_for(line.ask(user, Urgency.CONFIRM, request), 5)

    with pytest.raises(LinkLostError, match="CELL-2011"):
        asyncio.run(ask())
