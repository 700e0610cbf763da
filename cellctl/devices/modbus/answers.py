"""Whether bytes that came in are the answer to the request that is out: bytes in, a problem or nothing out.

An answer is taken only when everything in it that repeats the request does so: transaction, protocol, unit, function
code, number of registers, address of a write. What is not whole yet is no problem; what is too long is one.
"""

from __future__ import annotations

import struct
from typing import Protocol

from cellctl.errors import Text, text

MBAP = struct.Struct(">HHHB")
"""Transaction, protocol, length (of unit and protocol data unit), unit (Modbus messaging guide 1.0b, 3.1.3)."""
MBAP_LENGTH_FROM = 6
"""Bytes in front of what the length counts."""
LONGEST_PDU = 253
CRC_BYTES = 2
EXCEPTION = 0x80
EXCEPTION_BYTES = 2
BITS = frozenset({1, 2})
REGISTERS = frozenset({3, 4})
ONE = frozenset({5, 6})
"""Writes of one bit or register: the answer repeats the whole request."""
SEVERAL = frozenset({15, 16})
"""Writes of several: the answer repeats address and count."""
COUNT_AT = 2
"""Place of an answer's count of bytes in a frame of a serial line."""
PLACE_BYTES = 5
"""Function code, address, and value or count."""


class Framing(Protocol):
    """How a protocol data unit is wrapped on a transport."""

    def pdu(self, frame: bytes) -> bytes:
        """The protocol data unit of a frame that we made."""
        ...

    def problem(self, request: bytes, received: bytes) -> Text | None:
        """Why what came in is not the answer to a request; None while nothing speaks against it."""
        ...


class TcpFraming:
    """A header with transaction, length and unit."""

    def pdu(self, frame: bytes) -> bytes:
        """See `Framing`."""
        return frame[MBAP.size :]

    def problem(self, request: bytes, received: bytes) -> Text | None:
        """See `Framing`."""
        if len(received) <= MBAP.size:
            return None
        transaction, protocol, length, unit = MBAP.unpack_from(received)
        asked_transaction, _, _, asked_unit = MBAP.unpack_from(request)
        if transaction != asked_transaction:
            return text("answered transaction {found} instead of {asked}", found=transaction, asked=asked_transaction)
        if protocol != 0 or not EXCEPTION_BYTES < length <= LONGEST_PDU + 1:
            return text("answered protocol {protocol} with {length} bytes", protocol=protocol, length=length)
        if unit != asked_unit:
            return _another_unit(unit, asked_unit)
        return _body_problem(request[MBAP.size :], received[MBAP.size :], length - 1, 0)


class RtuFraming:
    """The unit in front, a checksum behind; the length follows from the function code."""

    def pdu(self, frame: bytes) -> bytes:
        """See `Framing`."""
        return frame[1:-CRC_BYTES]

    def problem(self, request: bytes, received: bytes) -> Text | None:
        """See `Framing`; the checksum is the library's to look at.

        The library believes the answer's own count: one that is not what was asked is refused as soon as it is there.
        """
        if len(received) <= 1:
            return None
        if received[0] != request[0]:
            return _another_unit(received[0], request[0])
        asked = self.pdu(request)
        is_read = asked[0] in BITS | REGISTERS and received[1] == asked[0]
        if is_read and len(received) > COUNT_AT and received[COUNT_AT] != answer_bytes(asked) - 2:
            return _another_count(asked, received[COUNT_AT])
        size = EXCEPTION_BYTES if received[1] & EXCEPTION else answer_bytes(asked)
        return _body_problem(asked, received[1:], size, CRC_BYTES)


def _body_problem(request: bytes, received: bytes, size: int, tail: int) -> Text | None:
    """Why what came behind the head is no answer: a protocol data unit of `size` bytes, and `tail` bytes behind it."""
    if received[0] & ~EXCEPTION != request[0]:
        return _another_function(received[0], request[0])
    if len(received) < size + tail:
        return None
    if len(received) > size + tail:
        return _too_long(len(received), size + tail)
    return pdu_problem(request, received[:size])


def pdu_problem(request: bytes, answer: bytes) -> Text | None:
    """Why a protocol data unit is not the answer to that of a request; None when it is, which an exception may be."""
    if answer[0] == request[0] | EXCEPTION:
        return None if len(answer) == EXCEPTION_BYTES else _too_long(len(answer), EXCEPTION_BYTES)
    if answer[0] != request[0]:
        return _another_function(answer[0], request[0])
    wanted = answer_bytes(request)
    if request[0] in BITS | REGISTERS:
        if len(answer) != wanted or answer[1] != wanted - 2:
            return _another_count(request, max(len(answer) - 2, 0))
        return None
    if answer != request[:wanted]:
        return text("answered another address, count or value than was written")
    return None


def _another_count(request: bytes, found_bytes: int) -> Text:
    found = found_bytes // (1 if request[0] in BITS else 2)
    return text("answered {found} registers instead of {count}", found=found,
                count=int.from_bytes(request[3:5], "big"))  # fmt: skip


def answer_bytes(request: bytes) -> int:
    """How long the protocol data unit of the answer to a request is when it is no exception."""
    code, count = request[0], int.from_bytes(request[3:5], "big")
    if code in REGISTERS:
        return 2 + 2 * count
    return 2 + (count + 7) // 8 if code in BITS else PLACE_BYTES


def _another_unit(found: int, asked: int) -> Text:
    return text("unit {found} answered instead of {asked}", found=found, asked=asked)


def _another_function(found: int, asked: int) -> Text:
    return text("answered function code {found} instead of {asked}", found=found, asked=asked)


def _too_long(found: int, asked: int) -> Text:
    return text("answered {found} bytes instead of {asked}", found=found, asked=asked)
