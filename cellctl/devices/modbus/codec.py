"""Between registers and engineering values; big-endian, high word first (Modbus application protocol 1.1b3, 4.2)."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence

from cellctl.devices.tags import Tag, WireType
from cellctl.errors import PlantError

_FORMATS = {
    WireType.BOOL: ">H",
    WireType.INT16: ">h",
    WireType.UINT16: ">H",
    WireType.INT32: ">i",
    WireType.UINT32: ">I",
    WireType.FLOAT32: ">f",
}
_DUST = 9
"""Decimals kept after scaling: 2004 counts of 0.01 are 20.04, not 20.040000000000003."""


def decode(tag: Tag, words: Sequence[int]) -> float:
    """The engineering value that lies in `words` (0…65535 each); bool gives 0.0 or 1.0."""
    data = struct.pack(f">{len(words)}H", *words)
    raw = struct.unpack(_FORMATS[tag.type], data)[0]
    if tag.type is WireType.BOOL:
        return float(raw != 0)
    return float(round(raw * tag.scale, _DUST))


def encode(tag: Tag, value: float) -> list[int]:
    """The registers of an engineering value, rounded to the nearest count.

    Raises PlantError (CELL-2001) when it does not fit the tag's type: a value is never wrapped or clipped.
    """
    try:
        raw = value / tag.scale if tag.type is WireType.FLOAT32 else _counts(tag, value)
        data = struct.pack(_FORMATS[tag.type], raw)
    except (struct.error, OverflowError, ValueError) as error:
        what = "{name}: {value!r} does not fit {type}"
        raise PlantError(
            "CELL-2001", what, do="correct the tag table", name=tag.name, value=value, type=tag.type
        ) from error
    return list(struct.unpack(f">{tag.type.words}H", data))


def _counts(tag: Tag, value: float) -> int:
    raw = round(value / tag.scale)
    if tag.type is WireType.BOOL and raw not in {0, 1}:
        raise ValueError(value)
    return raw


def same(tag: Tag, one: float, other: float) -> bool:
    """Whether two values are equal within half a count of the wire; NaN equals nothing."""
    return math.isfinite(one) and abs(one - other) <= tag.resolution / 2
