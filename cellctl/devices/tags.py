"""Tag tables: the CSV in which engineers export a controller's registers, read with every mistake placed."""

from __future__ import annotations

import math
import re
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from cellctl.devices.csv_source import Cell, read_rows
from cellctl.errors import ConfigError, ConfigErrors, Where
from cellctl.units import Quantity

COLUMNS = (
    "name", "address", "type", "scale", "unit", "minimum", "maximum", "access", "in_force", "poll", "description"
)  # fmt: skip
LAST_REGISTER = 65535

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_ADDRESS = re.compile(r"(HR|IR)(\d{1,5})")


class Bank(StrEnum):
    """Which of a Modbus device's two register tables."""

    HOLDING = "HR"
    INPUT = "IR"


class Address(NamedTuple):
    """A register, counted from zero as on the wire."""

    bank: Bank
    register: int

    def __str__(self) -> str:
        return f"{self.bank}{self.register}"


class WireType(StrEnum):
    """How a value lies in its registers; big-endian, high word first."""

    BOOL = "bool"
    INT16 = "int16"
    UINT16 = "uint16"
    INT32 = "int32"
    UINT32 = "uint32"
    FLOAT32 = "float32"

    @property
    def words(self) -> int:
        """Registers that one value takes."""
        return 2 if self in {WireType.INT32, WireType.UINT32, WireType.FLOAT32} else 1


class Poll(StrEnum):
    """How often a tag is read."""

    FAST = "fast"
    SLOW = "slow"
    NEVER = ""


class Tag(msgspec.Struct, frozen=True):
    """One row of a tag table.

    Attributes:
        name: unique within the device.
        address: its first register.
        type: how it lies in its registers.
        scale: engineering units per count of the wire.
        unit: engineering unit, empty for pure numbers.
        minimum: lowest value that makes sense, in `unit`.
        maximum: highest value that makes sense.
        writable: whether the cell may write it.
        in_force: first of the registers in which the controller shows what is in force, same type and scale.
        poll: how often it is read.
        description: for people.
    """

    name: str
    address: Address
    type: WireType
    scale: float
    unit: str
    minimum: float
    maximum: float
    writable: bool
    in_force: Address | None
    poll: Poll
    description: str

    @property
    def resolution(self) -> float:
        """Value of one count on the wire."""
        return self.scale

    @property
    def source(self) -> Address:
        """Where its value is read: in force if the controller shows that, else the register itself."""
        return self.in_force or self.address


class TagTable(msgspec.Struct, frozen=True):
    """All tags of one device."""

    tags: tuple[Tag, ...]

    def get(self, name: str) -> Tag | None:
        """The tag of that name, if there is one."""
        return next((tag for tag in self.tags if tag.name == name), None)


def read_tag_table(path: Path) -> TagTable:
    """Read a tag table; ConfigErrors (CELL-1030…1034) with every mistake in the file."""
    errors: list[ConfigError] = []
    rows = read_rows(path, COLUMNS)
    tags: list[Tag] = []
    for row in rows:
        reader = _Row(row, errors)
        tag = reader.tag()
        if tag is not None:
            reader.check_against(tag, tags)
            tags.append(tag)
    if not errors and not tags:
        errors.append(ConfigError("CELL-1031", "expected at least one tag, got none", where=Where(str(path), 2)))
    if errors:
        raise ConfigErrors(errors)
    return TagTable(tuple(tags))


class _Access(StrEnum):
    READ = "r"
    WRITE = "rw"


_Choice = TypeVar("_Choice", bound=StrEnum)


class _Row:
    """Reads one row; mistakes are collected, so that one reading of the file shows all of them."""

    def __init__(self, cells: dict[str, Cell], errors: list[ConfigError]) -> None:
        self._cells = cells
        self._errors = errors
        self._broken = False

    def tag(self) -> Tag | None:
        """The row as a tag; None when something in it is wrong."""
        name = self._matching("name", _NAME, "lower-case letters, digits and _ such as web_speed")
        address = self._address("address")
        wire = self._choice("type", WireType)
        scale = self._number("scale", default=1.0)
        unit = self._unit()
        low, high = self._number("minimum", default=-math.inf), self._number("maximum", default=math.inf)
        writable = self._choice("access", _Access) is _Access.WRITE
        in_force = self._address("in_force") if self._text("in_force") else None
        poll = self._choice("poll", Poll)
        if self._broken or address is None or wire is None or poll is None:
            return None
        tag = Tag(name, address, wire, scale, unit, low, high, writable, in_force, poll, self._text("description"))
        self._check(tag)
        return None if self._broken else tag

    def check_against(self, tag: Tag, others: list[Tag]) -> None:
        """No name twice, and no register written under two names."""
        for other in others:
            if other.name == tag.name:
                self._error("CELL-1033", "name", "a name of its own", "rename one of the two")
            elif tag.writable and other.writable and _overlap(tag, other):
                free = f"registers that {other.name!r} does not use"
                self._error("CELL-1033", "address", free, "correct one of the two")

    def _check(self, tag: Tag) -> None:
        """What only several columns together show."""
        if tag.scale <= 0:
            self._error("CELL-1032", "scale", "a number above 0", "write engineering units per count")
        if not tag.minimum < tag.maximum:
            self._error("CELL-1032", "maximum", f"more than the minimum {tag.minimum:g}", "swap or correct the two")
        for column, address in (("address", tag.address), ("in_force", tag.in_force)):
            if address is not None and address.register + tag.type.words - 1 > LAST_REGISTER:
                self._error("CELL-1032", column, f"a register up to {LAST_REGISTER}", "correct the address")
        if tag.writable and tag.address.bank is not Bank.HOLDING:
            self._error("CELL-1034", "access", f"r: {tag.address} cannot be written", "use a holding register")
        if tag.in_force is not None and not tag.writable:
            self._error("CELL-1034", "in_force", "nothing: the tag is not written", "empty it or use access rw")

    def _text(self, column: str) -> str:
        return self._cells[column].text

    def _error(self, code: str, column: str, expected: str, do: str) -> None:
        self._broken = True
        cell = self._cells[column]
        self._errors.append(
            ConfigError(code, f"{column}: expected {expected}, got {cell.text!r}", where=cell.where, do=do)
        )

    def _matching(self, column: str, pattern: re.Pattern[str], expected: str) -> str:
        if not pattern.fullmatch(self._text(column)):
            self._error("CELL-1032", column, expected, "rename it")
        return self._text(column)

    def _address(self, column: str) -> Address | None:
        match = _ADDRESS.fullmatch(self._text(column))
        if match is None:
            self._error("CELL-1032", column, "a register such as HR2 or IR10", "count registers from 0")
            return None
        return Address(Bank(match[1]), int(match[2]))

    def _choice(self, column: str, kind: type[_Choice]) -> _Choice | None:
        try:
            return kind(self._text(column))
        except ValueError:
            choices = ", ".join(str(item) or "nothing" for item in kind)
            self._error("CELL-1032", column, f"one of: {choices}", "use one of these words")
            return None

    def _number(self, column: str, default: float) -> float:
        text = self._text(column)
        try:
            value = float(text) if text else default
        except ValueError:
            value = math.nan
        if math.isnan(value) or (text and math.isinf(value)):
            self._error("CELL-1032", column, "a number", "write it with a decimal point")
        return value

    def _unit(self) -> str:
        text = self._text("unit")
        try:
            if text:
                Quantity(1.0, text).to(text)
        except ValueError:
            self._error("CELL-1032", "unit", "a unit such as kPa or g/m2", "spell it as SI does, or leave it empty")
        return text


def _overlap(one: Tag, other: Tag) -> bool:
    if one.address.bank is not other.address.bank:
        return False
    first, second = sorted((one, other), key=lambda tag: tag.address.register)
    return second.address.register < first.address.register + first.type.words
