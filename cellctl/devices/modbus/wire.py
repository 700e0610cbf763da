"""The transports: how a connection is opened, and how its frames look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from pymodbus.client import AsyncModbusTcpClient

from cellctl.devices.modbus.answers import Framing, TcpFraming
from cellctl.devices.modbus.settings import ModbusTcpSettings

Trace = Callable[[bool, bytes], bytes]
Notice = Callable[[bool], None]


class Wire(Protocol):
    """One transport.

    Attributes:
        peer: for people.
        timeout_s: for one answer.
        framing: of its frames.
    """

    peer: str
    timeout_s: float
    framing: Framing

    def client(self, trace: Trace, notice: Notice) -> Any:
        """A client of pymodbus that is not connected yet; it never tries again by itself."""
        ...


class TcpWire:
    """Modbus TCP."""

    def __init__(self, settings: ModbusTcpSettings) -> None:
        self._settings = settings
        self.peer = f"{settings.host}:{settings.port}"
        self.timeout_s = settings.timeout
        self.framing: Framing = TcpFraming()

    def client(self, trace: Trace, notice: Notice) -> Any:
        """See `Wire`."""
        settings = self._settings
        return AsyncModbusTcpClient(
            settings.host, port=settings.port, timeout=settings.timeout, retries=0, reconnect_delay=0,
            trace_packet=trace, trace_connect=notice,
        )  # fmt: skip


def wire_of(settings: ModbusTcpSettings) -> Wire:
    """The transport that a device's settings ask for."""
    return TcpWire(settings)
