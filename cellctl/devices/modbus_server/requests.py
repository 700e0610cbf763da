"""What clients send, taken apart: bytes in, requests out (Modbus messaging on TCP/IP 1.0b, application protocol 1.1b3).

Nothing here reads a socket, a clock or a log. A frame whose header lies is not answered and not searched for a next
one: where the next frame begins is then a guess, so the connection ends.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import NamedTuple

HEADER = struct.Struct(">HHHB")
"""Transaction, protocol, length and unit in front of the protocol data unit; the length counts the unit too."""
SHORTEST, LONGEST = 2, 254
"""Length field: a unit and a function code at least, a unit and 253 bytes at most (application protocol, 4.1)."""
LARGEST_FRAME = 6 + LONGEST
"""Bytes of one frame; no more than this of an unfinished one is ever kept."""
_READ = struct.Struct(">BHH")


class Function(IntEnum):
    """The functions that read one of the four tables; there is none here that writes."""

    COILS = 1
    DISCRETE_INPUTS = 2
    HOLDING_REGISTERS = 3
    INPUT_REGISTERS = 4

    @property
    def most(self) -> int:
        """Most bits or registers that one request may ask for (application protocol, 6.1 to 6.4)."""
        return 2000 if self.reads_bits else 125

    @property
    def reads_bits(self) -> bool:
        """Whether the table holds bits; else it holds registers."""
        return self in {Function.COILS, Function.DISCRETE_INPUTS}


class Fault(IntEnum):
    """Exception codes that are answered (application protocol, 7)."""

    ILLEGAL_FUNCTION = 1
    ILLEGAL_ADDRESS = 2
    ILLEGAL_VALUE = 3
    DEVICE_FAILURE = 4


class Read(NamedTuple):
    """A request to read `size` bits or registers from `start` on, counted from 0."""

    transaction: int
    unit: int
    function: Function
    start: int
    size: int


class Refused(NamedTuple):
    """A request that is answered with an exception, whatever the tables hold; `function` is as it came."""

    transaction: int
    unit: int
    function: int
    fault: Fault


class Broken(NamedTuple):
    """Bytes that are no Modbus: the connection is to be closed. `reason` is for people."""

    reason: str


Event = Read | Refused | Broken


class RequestReader:
    """Takes the bytes of one connection apart.

    Args:
        allowed: function codes that are answered; each of the others gets exception 1.
    """

    def __init__(self, allowed: frozenset[Function]) -> None:
        self._allowed = allowed
        self._kept = b""
        self._broken = False

    @property
    def kept(self) -> int:
        """Bytes of an unfinished frame."""
        return len(self._kept)

    def feed(self, data: bytes) -> list[Event]:
        """The requests that are whole now, in order; after a `Broken` nothing is read any more."""
        if self._broken:
            return []
        data = self._kept + data
        events: list[Event] = []
        at = 0
        while not self._broken and len(data) - at >= HEADER.size:
            transaction, protocol, length, unit = HEADER.unpack_from(data, at)
            reason = _lie(protocol, length)
            end = at + 6 + length
            if not reason and len(data) < end:
                break
            events.append(Broken(reason) if reason else self._request(transaction, unit, data[at + 7 : end]))
            self._broken = isinstance(events[-1], Broken)
            at = end
        self._kept = b"" if self._broken else data[at:]
        return events

    def _request(self, transaction: int, unit: int, pdu: bytes) -> Event:
        code = pdu[0]
        if not 1 <= code <= 127:
            return Broken(f"function code {code} is none of a request")
        if code not in self._allowed:
            return Refused(transaction, unit, code, Fault.ILLEGAL_FUNCTION)
        function = Function(code)
        if len(pdu) != _READ.size:
            return Refused(transaction, unit, code, Fault.ILLEGAL_VALUE)
        _, start, count = _READ.unpack(pdu)
        if not 1 <= count <= function.most:
            return Refused(transaction, unit, code, Fault.ILLEGAL_VALUE)
        if start + count > 0x10000:
            return Refused(transaction, unit, code, Fault.ILLEGAL_ADDRESS)
        return Read(transaction, unit, function, start, count)


def _lie(protocol: int, length: int) -> str:
    """Why a header cannot be trusted; empty when it can."""
    if protocol != 0:
        return f"protocol {protocol} is not Modbus, which is 0"
    if not SHORTEST <= length <= LONGEST:
        return f"length {length} is none that a frame can have ({SHORTEST} to {LONGEST})"
    return ""
