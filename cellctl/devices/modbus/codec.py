"""Between registers and engineering values (Modbus application protocol 1.1b3, 4.2; IEEE 754 for floats).

Scale and offset are taken as the decimal numbers that they are in the table: 2004 counts of 0.01 are 20.04 and not
20.040000000000003, and a small scale loses no digit. An engineering value is a 64-bit float, so that counts beyond
2**53 are rounded to the nearest one that such a number holds.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from cellctl.devices.tags import Order, Tag, WireType
from cellctl.errors import PlantError

FORMATS = {
    WireType.BOOL: "H",
    WireType.INT16: "h",
    WireType.UINT16: "H",
    WireType.INT32: "i",
    WireType.UINT32: "I",
    WireType.INT64: "q",
    WireType.UINT64: "Q",
    WireType.FLOAT32: "f",
    WireType.FLOAT64: "d",
}
"""Letters of the struct module."""


class Ends(NamedTuple):
    """Byte order marks of the struct module.

    Attributes:
        lay: how registers are laid down as bytes.
        read: how the value is read from these bytes.
    """

    lay: str
    read: str


ENDS = {
    Order.ABCD: Ends(">", ">"),
    Order.CDAB: Ends("<", "<"),
    Order.BADC: Ends("<", ">"),
    Order.DCBA: Ends(">", "<"),
}
"""Registers laid down with their low byte first, and read from the low end, have their words exchanged; and so on."""

_OTHER_BYTE = 8
"""The bit of the other byte of a register: number exclusive-or 8."""


class Ratio(NamedTuple):
    """Engineering value of a count: `(count * factor + shift) / divisor`, in whole numbers, so that nothing is lost."""

    factor: int
    shift: int
    divisor: int


@lru_cache(maxsize=65536)
def ratio(scale: float, offset: float) -> Ratio:
    """Scale and offset as whole numbers over a common divisor."""
    factor, shift = Fraction(repr(scale)), Fraction(repr(offset))
    divisor = math.lcm(factor.denominator, shift.denominator)
    return Ratio(int(factor * divisor), int(shift * divisor), divisor)


def mask(tag: Tag) -> int:
    """The bits of its register that make a bool true: all, or the one that it is."""
    source = tag.source
    if not source.is_bit_of_word:
        return 0xFFFF
    return 1 << (source.bit ^ _OTHER_BYTE if tag.order.swaps_bytes else source.bit)


def decode(tag: Tag, words: Sequence[int]) -> float:
    """The engineering value that lies in `words` (0…65535 each); bool gives 0.0 or 1.0, and a string is no number."""
    if tag.type is WireType.STRING:
        return math.nan
    if tag.type is WireType.BOOL:
        return float(words[0] & mask(tag) != 0)
    ends = ENDS[tag.order]
    data = struct.pack(f"{ends.lay}{len(words)}H", *words)
    raw = struct.unpack(f"{ends.read}{FORMATS[tag.type]}", data)[0]
    if tag.type.is_float:
        return float(raw * tag.scale + tag.offset)
    factor, shift, divisor = ratio(tag.scale, tag.offset)
    return float((raw * factor + shift) / divisor)


def decode_text(tag: Tag, words: Sequence[int]) -> str | None:
    """The text that lies in `words`, up to its first zero and without blanks at its end; None when it is no UTF-8."""
    data = struct.pack(f"{ENDS[tag.order].lay}{len(words)}H", *words)[: tag.characters]
    try:
        found = data.split(b"\0", 1)[0].decode().rstrip()
    except UnicodeDecodeError:
        return None
    return found if found.isprintable() else None


def encode(tag: Tag, value: float) -> list[int]:
    """The registers of an engineering value, rounded to the nearest count.

    Raises PlantError (CELL-2001) when it does not fit the tag's type: a value is never wrapped or clipped.
    """
    ends = ENDS[tag.order]
    try:
        data = struct.pack(f"{ends.read}{FORMATS[tag.type]}", _raw(tag, value))
    except (struct.error, OverflowError, ValueError, KeyError) as error:
        what = "{name}: {value!r} does not fit {type}"
        raise PlantError(
            "CELL-2001", what, do="correct the tag table", name=tag.name, value=value, type=tag.type
        ) from error
    return list(struct.unpack(f"{ends.lay}{len(data) // 2}H", data))


def _raw(tag: Tag, value: float) -> float:
    """What is packed: a count, or a float; ValueError or OverflowError when it is none."""
    if tag.type.is_float:
        raw = (value - tag.offset) / tag.scale
        if not math.isfinite(raw):
            raise ValueError(value)
        return raw
    counts = _counts(tag, value)
    if tag.type is WireType.BOOL and (counts not in {0, 1} or tag.address.is_bit_of_word):
        raise ValueError(value)
    return counts


def _counts(tag: Tag, value: float) -> int:
    factor, shift, divisor = ratio(tag.scale, tag.offset)
    return round((value * divisor - shift) / factor)


def on_the_wire(tag: Tag, value: float) -> float:
    """The nearest value that the wire can carry; a float as it is."""
    if tag.type.is_float:
        return value
    factor, shift, divisor = ratio(tag.scale, tag.offset)
    return (_counts(tag, value) * factor + shift) / divisor


def same(tag: Tag, one: float, other: float) -> bool:
    """Whether two values are equal within half a step of the wire; NaN equals nothing."""
    return math.isfinite(one) and abs(one - other) <= tag.resolution / 2
