"""Where a value lies in a Modbus device: one of its four tables, counted from zero as on the wire."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from cellctl.errors import Text, text

LAST_REGISTER = 65535
WORD_BITS = 16
_ADDRESS = re.compile(r"(HR|IR|CO|DI)([0-9]{1,5})")
_BIT = re.compile(r"(HR|IR)([0-9]{1,5})\.([0-9]{1,2})")
_MODICON = re.compile(r"([0134])([0-9]{4,5})")
_NO_BIT = -1


class Bank(StrEnum):
    """The four tables of a Modbus device (application protocol 1.1b3, 4.3)."""

    HOLDING = "HR"
    INPUT = "IR"
    COIL = "CO"
    DISCRETE = "DI"

    @property
    def is_bits(self) -> bool:
        """Whether its items are single bits and not registers."""
        return self in _BITS

    @property
    def is_writable(self) -> bool:
        """Whether a client may write into it."""
        return self in _WRITABLE


_BITS = frozenset({Bank.COIL, Bank.DISCRETE})
_WRITABLE = frozenset({Bank.HOLDING, Bank.COIL})
_DIGITS = {"0": Bank.COIL, "1": Bank.DISCRETE, "3": Bank.INPUT, "4": Bank.HOLDING}
"""First digit of a Modicon number → the table it means."""


class Address(NamedTuple):
    """A register, a bit of one, a coil or a discrete input.

    Attributes:
        bank: its table.
        register: number in that table, from 0.
        bit: of the register, 0 is the least significant; -1 when the whole register is meant.
    """

    bank: Bank
    register: int
    bit: int = _NO_BIT

    def __str__(self) -> str:
        return f"{self.bank}{self.register}{'' if self.bit == _NO_BIT else f'.{self.bit}'}"

    @property
    def is_bit_of_word(self) -> bool:
        """Whether it is one bit of a register."""
        return self.bit != _NO_BIT


def parse_address(written: str) -> Address | None:
    """An address as tag tables write it (`HR2`, `IR10.3`, `CO0`); None when it is none."""
    match = _ADDRESS.fullmatch(written)
    if match is not None:
        return Address(Bank(match[1]), int(match[2]))
    match = _BIT.fullmatch(written)
    if match is not None and int(match[3]) < WORD_BITS:
        return Address(Bank(match[1]), int(match[2]), int(match[3]))
    return None


def remedy(written: str) -> Text:
    """What to write in place of an address that is none; a Modicon number says which one is meant."""
    modicon = _MODICON.fullmatch(written)
    if modicon is None or int(modicon[2]) == 0:
        return text("write the table and the register, counted from 0")
    bank, register = _DIGITS[modicon[1]], int(modicon[2]) - 1
    return text("write {bank}{register}: registers count from 0", bank=bank.value, register=register)
