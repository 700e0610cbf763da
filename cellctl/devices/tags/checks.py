"""What only several columns of a row together show."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from cellctl.devices.tags.address import LAST_REGISTER, Address
from cellctl.devices.tags.tag import FINEST, Tag
from cellctl.devices.tags.wire import COUNTS, Order, WireType
from cellctl.errors import Text, text

_SMALLEST, _LARGEST = 1e-30, 1e30
"""Scales and offsets beyond these are slips of the pen, and counts times scale would not fit a number."""

EXACT = 2**53
"""Counts up to here are 64-bit floats to the digit: a written value beyond would change on its way through the cell."""
WIDE = frozenset({WireType.INT64, WireType.UINT64})


class Mistake(NamedTuple):
    """One cell that is wrong: what was expected in it, and the remedy."""

    code: str
    column: str
    expected: Text
    do_text: Text


def mistakes(tag: Tag) -> Iterator[Mistake]:
    """Everything that is wrong with a tag whose cells are right one by one."""
    yield from _numbers(tag)
    yield from _places(tag)
    yield from _order(tag)
    if tag.type in {WireType.BOOL, WireType.STRING}:
        yield from _no_number(tag)
    if tag.writable:
        yield from _written(tag)
    elif tag.in_force is not None:
        yield Mistake(
            "CELL-1034", "in_force", text("nothing: the tag is not written"), text("empty it or use access rw")
        )


def _wrong(column: str, expected: str, do: str, **values: object) -> Mistake:
    return Mistake("CELL-1032", column, text(expected, **values), text(do))


def _numbers(tag: Tag) -> Iterator[Mistake]:
    if tag.scale <= 0:
        yield _wrong("scale", "a number above 0", "write engineering units per count")
    elif not _SMALLEST <= tag.scale <= _LARGEST:
        yield _wrong("scale", "a number from 1e-30 to 1e30", "write engineering units per count")
    if abs(tag.offset) > _LARGEST:
        yield _wrong("offset", "a number up to 1e30", "write the value at count 0")
    if not tag.minimum < tag.maximum:
        yield _wrong("maximum", "more than the minimum {minimum:g}", "swap or correct the two", minimum=tag.minimum)
    if tag.deadband < 0:
        yield _wrong("deadband", "0 or more", "write the smallest change that is worth showing")
    elif tag.deadband and tag.writable:
        yield _wrong("deadband", "nothing: what is written is judged to the count", "empty it")


def _places(tag: Tag) -> Iterator[Mistake]:
    for column, address in (("address", tag.address), ("in_force", tag.in_force)):
        if address is None:
            continue
        if address.register + tag.words - 1 > LAST_REGISTER:
            yield _wrong(column, "a register up to {last}", "correct the address", last=LAST_REGISTER)
        elif _is_bit(address) and tag.type is not WireType.BOOL:
            yield _wrong(column, "a register: a single bit holds no {type}", "use type bool, or correct the address",
                         type=tag.type.value)  # fmt: skip


def _is_bit(address: Address) -> bool:
    return address.bank.is_bits or address.is_bit_of_word


def _order(tag: Tag) -> Iterator[Mistake]:
    if tag.order is not Order.ABCD and tag.address.bank.is_bits:
        yield _wrong("order", "nothing: a single bit has no bytes", "empty it")
    elif tag.order.swaps_words and tag.type is WireType.STRING:
        yield _wrong("order", "ABCD or BADC for a string", "use BADC when each two characters are exchanged")


def _no_number(tag: Tag) -> Iterator[Mistake]:
    """A truth or a text is no number of units."""
    for column, value, plain in (("scale", tag.scale, 1.0), ("offset", tag.offset, 0.0), ("deadband", tag.deadband, 0)):
        if value != plain:
            yield _wrong(column, "nothing: a {type} has no number of units", "empty it", type=tag.type.value)
    if tag.type is WireType.STRING:
        for column, limit in (("minimum", tag.minimum), ("maximum", tag.maximum)):
            if math.isfinite(limit):
                yield _wrong(column, "nothing: a {type} has no number of units", "empty it", type=tag.type.value)
        if tag.unit:
            yield _wrong("unit", "nothing: a {type} has no number of units", "empty it", type=tag.type.value)


def _written(tag: Tag) -> Iterator[Mistake]:
    """What the cell writes can be written, alone, and every step of it has a count on the wire."""
    if not tag.address.bank.is_writable:
        yield _unwritable("r: {address} cannot be written", "use a holding register or a coil", tag)
    elif tag.address.is_bit_of_word:
        yield _unwritable("r: writing {address} would write the other bits of its register too",
                          "use a coil, or a register of its own", tag)  # fmt: skip
    elif tag.type is WireType.STRING:
        yield _unwritable("r: a string is only read", "use access r", tag)
    yield from _range(tag)
    if (tag.type.is_float or tag.type in WIDE) and not (math.isfinite(tag.minimum) and math.isfinite(tag.maximum)):
        column = "maximum" if math.isfinite(tag.minimum) else "minimum"
        yield _wrong(column, "a number: what is written as {type} needs a range", "write the range of the value",
                     type=tag.type.value)  # fmt: skip
    elif 0 < tag.resolution < FINEST:
        yield _wrong("scale", "1e-9 or more for what is written", "use a smaller unit")
    if tag.offset and not _is_multiple(tag):
        yield _wrong("offset", "a multiple of the scale for what is written", "correct the offset or the scale")


def _is_multiple(tag: Tag) -> bool:
    """Whether 0 is a count of the wire, as the guard takes for granted; a float has no counts."""
    return tag.type.is_float or tag.scale <= 0 or not Fraction(repr(tag.offset)) % Fraction(repr(tag.scale))


def _unwritable(expected: str, do: str, tag: Tag) -> Mistake:
    return Mistake("CELL-1034", "access", text(expected, address=str(tag.address)), text(do))


def _range(tag: Tag) -> Iterator[Mistake]:
    """Every value that may be written has a count on the wire."""
    counts = COUNTS.get(tag.type)
    if counts is None or tag.scale <= 0 or not tag.minimum < tag.maximum:
        return
    low, high = (min(max(count, -EXACT), EXACT) * tag.scale + tag.offset for count in counts)
    for column, value in (("minimum", tag.minimum), ("maximum", tag.maximum)):
        if math.isfinite(value) and not low - tag.scale / 2 <= value <= high + tag.scale / 2:
            yield _wrong(column, "{low:g} to {high:g}, what {type} holds at this scale",
                         "correct the scale, the type or the range",
                         low=low, high=high, type=tag.type.value)  # fmt: skip
