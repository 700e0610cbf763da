"""How a value lies in its registers: type, and order of its bytes."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple


class WireType(StrEnum):
    """What the bits mean; a bool may be a coil, a discrete input, one bit of a register, or a whole register."""

    BOOL = "bool"
    INT16 = "int16"
    UINT16 = "uint16"
    INT32 = "int32"
    UINT32 = "uint32"
    INT64 = "int64"
    UINT64 = "uint64"
    FLOAT32 = "float32"
    FLOAT64 = "float64"
    STRING = "string"

    @property
    def is_float(self) -> bool:
        """Whether its values are floating point numbers (IEEE 754)."""
        return self in {WireType.FLOAT32, WireType.FLOAT64}


class Order(StrEnum):
    """Order in which the bytes come, as device manuals print it: A is the most significant byte, D the least.

    64-bit values take their four registers in the same manner, strings their two characters per register.
    """

    ABCD = "ABCD"
    CDAB = "CDAB"
    BADC = "BADC"
    DCBA = "DCBA"

    @property
    def swaps_bytes(self) -> bool:
        """Whether the two bytes of each register are exchanged."""
        return self in {Order.BADC, Order.DCBA}

    @property
    def swaps_words(self) -> bool:
        """Whether the register with the least significant bits comes first."""
        return self in {Order.CDAB, Order.DCBA}


class Form(NamedTuple):
    """A type as a tag table writes it.

    Attributes:
        type: what the bits mean.
        characters: of a string, 0 of all else.
    """

    type: WireType
    characters: int = 0


LONGEST_STRING = 246
"""Characters; one read carries 125 registers, and none of them is needed for more than this."""

COUNTS = {
    WireType.BOOL: (0, 1),
    WireType.INT16: (-(2**15), 2**15 - 1), WireType.UINT16: (0, 2**16 - 1),
    WireType.INT32: (-(2**31), 2**31 - 1), WireType.UINT32: (0, 2**32 - 1),
    WireType.INT64: (-(2**63), 2**63 - 1), WireType.UINT64: (0, 2**64 - 1),
}  # fmt: skip
"""Lowest and highest count of a type that counts."""

WORDS = {
    WireType.BOOL: 1, WireType.INT16: 1, WireType.UINT16: 1, WireType.INT32: 2, WireType.UINT32: 2,
    WireType.FLOAT32: 2, WireType.INT64: 4, WireType.UINT64: 4, WireType.FLOAT64: 4,
}  # fmt: skip
"""Registers that a value of a type takes; a string says itself how many."""

CHOICES = (*(it.value for it in WireType if it is not WireType.STRING), "string[16]")
"""What may stand in the column."""

_STRING = re.compile(r"string\[([0-9]{1,3})\]")
_IEC = {
    "bit": "bool", "word": "uint16", "int": "int16", "uint": "uint16", "dword": "uint32", "dint": "int32",
    "udint": "uint32", "lint": "int64", "ulint": "uint64", "lword": "uint64", "real": "float32", "float": "float32",
    "lreal": "float64", "double": "float64", "string": "string[16]", "short": "int16", "ushort": "uint16",
    "long": "int32", "ulong": "uint32",
}  # fmt: skip
"""Names of IEC 61131-3 and of other tools → ours, for the remedy."""


def parse_form(written: str) -> Form | None:
    """A type as tag tables write it (`int16`, `string[16]`); None when it is none."""
    match = _STRING.fullmatch(written)
    if match is not None:
        return Form(WireType.STRING, int(match[1])) if 0 < int(match[1]) <= LONGEST_STRING else None
    return Form(WireType(written)) if written in CHOICES else None


def meant(written: str) -> str:
    """Our name of a type that was written as IEC 61131-3 or another tool calls it; empty when nobody does."""
    return _IEC.get(written.lower(), "")
