"""The tables that the server reads from: each row of the SCADA table is a value, asked for when somebody reads it.

A value that is not Good is never served as a number. In registers its place holds what no value of its type means
there: NaN for floats, the lowest number of a signed type, all ones of an unsigned one, zeros for a text. A single bit
has no such number, so that a request for it gets exception 4.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from cellctl.devices.modbus.codec import encode
from cellctl.devices.modbus_server.requests import Fault, Function
from cellctl.devices.tags import Bank, Tag, WireType
from cellctl.errors import PlantError
from cellctl.model.quality import Quality

BANKS = {
    Function.COILS: Bank.COIL, Function.DISCRETE_INPUTS: Bank.DISCRETE,
    Function.HOLDING_REGISTERS: Bank.HOLDING, Function.INPUT_REGISTERS: Bank.INPUT,
}  # fmt: skip
"""Which table a function reads."""
BAD = {
    WireType.BOOL: (0xFFFF,), WireType.INT16: (0x8000,), WireType.UINT16: (0xFFFF,), WireType.INT32: (0x8000, 0),
    WireType.UINT32: (0xFFFF,) * 2, WireType.INT64: (0x8000, 0, 0, 0), WireType.UINT64: (0xFFFF,) * 4,
    WireType.FLOAT32: (0x7FC0, 0), WireType.FLOAT64: (0x7FF8, 0, 0, 0),
}  # fmt: skip
"""What stands in place of a value that is not Good, most significant register first; a text is all zeros."""


class Shown(NamedTuple):
    """A value and its quality; unless that is Good the value is not served."""

    value: float | str
    quality: Quality


class Point(NamedTuple):
    """One row: the name of what is served, and where and how it lies."""

    name: str
    tag: Tag


class Image:
    """Implements `Tables` over named values.

    Args:
        points: the rows; no two of them share a place.
        show: the value of a name at this moment.
    """

    def __init__(self, points: Iterable[Point], show: Callable[[str], Shown]) -> None:
        self._show = show
        self._at: dict[tuple[Bank, int], list[Point]] = {}
        for point in points:
            address = point.tag.address
            self._at.setdefault((address.bank, address.register), []).append(point)

    def registers(self, function: Function, start: int, size: int) -> Sequence[int] | Fault:
        """Whole values only: half of one could be of another moment than its other half."""
        words: list[int] = []
        while len(words) < size:
            points = self._at.get((BANKS[function], start + len(words)))
            if points is None:
                return Fault.ILLEGAL_ADDRESS
            found = self._words(points)
            if isinstance(found, Fault):
                return found
            words += found
        return words if len(words) == size else Fault.ILLEGAL_ADDRESS

    def bits(self, function: Function, start: int, size: int) -> Sequence[bool] | Fault:
        """Coils or discrete inputs; each of them is a row."""
        bits: list[bool] = []
        for place in range(start, start + size):
            points = self._at.get((BANKS[function], place))
            if points is None:
                return Fault.ILLEGAL_ADDRESS
            shown = self._show(points[0].name)
            if not _is_bit(shown):
                return Fault.DEVICE_FAILURE
            bits.append(bool(shown.value))
        return bits

    def _words(self, points: list[Point]) -> Sequence[int] | Fault:
        """The registers of a value, or the one register that several bits share."""
        if not points[0].tag.address.is_bit_of_word:
            return words_of(points[0].tag, self._show(points[0].name))
        word = 0
        for point in points:
            shown = self._show(point.name)
            if not _is_bit(shown):
                return Fault.DEVICE_FAILURE
            word |= int(bool(shown.value)) << point.tag.address.bit
        return (word,)


def words_of(tag: Tag, shown: Shown) -> Sequence[int]:
    """The registers of a value; of one that is not Good, that does not fit, or that would look as if it were not."""
    bad = _laid(tag, BAD.get(tag.type, (0,) * tag.words))
    if not shown.quality.is_good:
        return bad
    if isinstance(shown.value, str):
        return _text_words(tag, shown.value)
    try:
        return encode(tag, shown.value)
    except PlantError:  # never wrapped or clipped
        return bad


def _text_words(tag: Tag, value: str) -> Sequence[int]:
    """Two bytes of UTF-8 per register, filled with zeros; zeros alone for one that is too long."""
    data = value.encode()
    if len(data) > tag.characters:
        data = b""
    return _laid(tag, struct.unpack(f">{tag.words}H", data.ljust(2 * tag.words, b"\0")))


def _laid(tag: Tag, words: Sequence[int]) -> Sequence[int]:
    """Registers, most significant first, in the order of the tag."""
    if tag.order.swaps_words:
        words = words[::-1]
    return [(it & 0xFF) << 8 | it >> 8 for it in words] if tag.order.swaps_bytes else words


def _is_bit(shown: Shown) -> bool:
    return shown.quality.is_good and shown.value in {0.0, 1.0}
