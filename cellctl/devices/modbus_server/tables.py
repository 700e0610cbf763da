"""What the server asks for the contents of the four Modbus tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from cellctl.devices.modbus_server.answers import bits_answer, exception_answer, registers_answer
from cellctl.devices.modbus_server.requests import Fault, Function, Read, Refused


class Tables(Protocol):
    """Coils, discrete inputs, holding registers and input registers as they are at this moment."""

    def bits(self, function: Function, start: int, size: int) -> Sequence[bool] | Fault:
        """`size` bits from `start` on, or why there are none."""
        ...

    def registers(self, function: Function, start: int, size: int) -> Sequence[int] | Fault:
        """`size` registers from `start` on, 0…65535 each, or why there are none."""
        ...


def answer(request: Read | Refused, tables: Tables) -> bytes:
    """The bytes that answer a request."""
    if isinstance(request, Refused):
        return exception_answer(request, request.fault)
    asked = request.function, request.start, request.size
    if request.function.reads_bits:
        bits = tables.bits(*asked)
        return exception_answer(request, bits) if isinstance(bits, Fault) else bits_answer(request, bits)
    registers = tables.registers(*asked)
    return (
        exception_answer(request, registers) if isinstance(registers, Fault) else registers_answer(request, registers)
    )
