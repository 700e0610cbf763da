"""Answers as bytes (Modbus application protocol 1.1b3, 6.1 to 6.4 and 7)."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from cellctl.devices.modbus_server.requests import HEADER, Fault, Read, Refused


def registers_answer(request: Read, registers: Sequence[int]) -> bytes:
    """The answer to a request for registers, 0…65535 each, high byte first."""
    return _frame(request, struct.pack(f">BB{len(registers)}H", request.function, 2 * len(registers), *registers))


def bits_answer(request: Read, bits: Sequence[bool]) -> bytes:
    """The answer to a request for bits: the first in the lowest bit of the first byte, the last byte filled with 0."""
    count = (len(bits) + 7) // 8
    packed = sum(1 << place for place, bit in enumerate(bits) if bit).to_bytes(count, "little")
    return _frame(request, bytes((request.function, count)) + packed)


def exception_answer(request: Read | Refused, fault: Fault) -> bytes:
    """The answer that says why there is no other."""
    return _frame(request, bytes((request.function | 0x80, fault)))


def _frame(request: Read | Refused, pdu: bytes) -> bytes:
    return HEADER.pack(request.transaction, 0, len(pdu) + 1, request.unit) + pdu
