"""The transports: how a connection is opened, how its frames look, and what a missed answer does to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.transport import CommParams, CommType

from cellctl.devices.modbus.answers import Framing, RtuFraming, TcpFraming
from cellctl.devices.modbus.blocks import MAX_GAP, MAX_REGISTERS
from cellctl.devices.modbus.settings import ModbusRtuSettings, ModbusTcpSettings, ModbusTlsSettings, Parity
from cellctl.devices.modbus.tls import tls_context

Trace = Callable[[bool, bytes], bytes]
LONGEST_FRAME = 256
"""Characters (Modbus over serial line 1.02, 2.5.1)."""
SILENT_CHARACTERS = 3.5
SHORTEST_SILENCE_S = 0.00175
"""Between two frames, whatever the speed (as above, 2.5.1.1)."""
DATA_AND_START_BITS = 9
SECURE_CONNECT_S = 5.0
"""A small controller computes for seconds on its part of a handshake."""


class Wire(Protocol):
    """One transport.

    Attributes:
        peer: for people.
        timeout_s: for one answer.
        connect_s: for connecting.
        framing: of its frames.
        is_closed_by_failure: whether a missed answer closes it; if not, it is left quiet.
        gap_s: silence in front of each request.
        quiet_s: silence after a missed answer, and after bytes that nobody asked for.
        most_at_once: registers that are read sooner in one request than in two.
    """

    peer: str
    timeout_s: float
    connect_s: float
    framing: Framing
    is_closed_by_failure: bool
    gap_s: float
    quiet_s: float
    most_at_once: int

    def client(self, trace: Trace) -> Any:
        """A client of pymodbus that is not connected yet and never tries again by itself. CertificateError."""
        ...


class TcpWire:
    """Modbus TCP: every request has a number, and a missed answer closes the connection."""

    def __init__(self, settings: ModbusTcpSettings) -> None:
        self._settings = settings
        self.peer = f"{settings.host}:{settings.port}"
        self.timeout_s = self.connect_s = settings.timeout
        self.framing: Framing = TcpFraming()
        self.is_closed_by_failure = True
        self.gap_s = self.quiet_s = 0.0
        self.most_at_once = MAX_REGISTERS

    def client(self, trace: Trace) -> Any:
        """See `Wire`."""
        settings = self._settings
        return AsyncModbusTcpClient(
            settings.host, port=settings.port, timeout=settings.timeout, retries=0, reconnect_delay=0,
            trace_packet=trace,
        )  # fmt: skip


class TlsWire(TcpWire):
    """Modbus TCP inside TLS."""

    def __init__(self, settings: ModbusTlsSettings) -> None:
        super().__init__(settings)
        self._secure = settings
        self.connect_s = SECURE_CONNECT_S

    def client(self, trace: Trace) -> Any:
        """See `Wire`."""
        return _TlsClient(self._secure, trace)


class _TlsClient(AsyncModbusTcpClient):
    """pymodbus's own TLS client takes every piece that arrives for a whole frame; this one frames as TCP does."""

    def __init__(self, settings: ModbusTlsSettings, trace: Trace) -> None:
        self.comm_params = CommParams(
            comm_type=CommType.TLS, host=settings.host, port=settings.port, sslctx=tls_context(settings),
            comm_name="comm", reconnect_delay=0, timeout_connect=settings.timeout,
        )  # fmt: skip
        super().__init__(settings.host, retries=0, trace_packet=trace)


class RtuWire:
    """A serial line with one or several units.

    An answer has no number here, only unit, function code and length. So after a missed answer nobody is asked
    anything until it cannot come any more: for the time-out once again and the time of the longest frame. Whatever
    comes meanwhile is thrown away and lets the silence begin anew. An answer later than twice the time-out is beyond
    this rule: `timeout` has to be longer than what the slowest unit needs.
    """

    def __init__(self, settings: ModbusRtuSettings) -> None:
        self._settings = settings
        self.peer = settings.device
        self.timeout_s = self.connect_s = settings.timeout
        self.framing: Framing = RtuFraming()
        self.is_closed_by_failure = False
        bits = DATA_AND_START_BITS + settings.stop_bits + (settings.parity is not Parity.NONE)
        self.gap_s = max(SILENT_CHARACTERS * bits / settings.baud, SHORTEST_SILENCE_S)
        self.most_at_once = MAX_GAP
        self.quiet_s = settings.timeout + LONGEST_FRAME * bits / settings.baud

    def client(self, trace: Trace) -> Any:
        """See `Wire`."""
        settings = self._settings
        return AsyncModbusSerialClient(
            settings.device, baudrate=settings.baud, parity=settings.parity.value[0].upper(),
            stopbits=settings.stop_bits, timeout=settings.timeout, retries=0, reconnect_delay=0, trace_packet=trace,
        )  # fmt: skip


def wire_of(settings: ModbusTcpSettings | ModbusRtuSettings) -> Wire:
    """The transport that a device's settings ask for."""
    if isinstance(settings, ModbusRtuSettings):
        return RtuWire(settings)
    return TlsWire(settings) if isinstance(settings, ModbusTlsSettings) else TcpWire(settings)
