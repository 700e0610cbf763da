"""Tag tables: the CSV in which engineers export a controller's registers, read with every mistake placed."""

from __future__ import annotations

import math
import re
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from cellctl.config.source.nearest import nearest, shown
from cellctl.devices.csv_source import MAX_MISTAKES, Row, read_rows
from cellctl.errors import ConfigError, ConfigErrors, Text, Where, text
from cellctl.units import USUAL_UNITS, is_unit

COLUMNS = (
    "name", "address", "type", "scale", "unit", "minimum", "maximum", "access", "in_force", "poll", "description"
)  # fmt: skip
FOR_PEOPLE = frozenset({"description"})
"""Columns that a table may do without."""
LAST_REGISTER = 65535

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_ADDRESS = re.compile(r"(HR|IR)([0-9]{1,5})")
_MODICON = re.compile(r"([34])([0-9]{4,5})")
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")
_DECIMAL_COMMA = re.compile(r"[-+]?[0-9]+,[0-9]+")


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


_COUNTS = {
    WireType.INT16: (-(2**15), 2**15 - 1), WireType.UINT16: (0, 2**16 - 1),
    WireType.INT32: (-(2**31), 2**31 - 1), WireType.UINT32: (0, 2**32 - 1),
}  # fmt: skip
"""Lowest and highest count of a type."""


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


class TagTableReading(NamedTuple):
    """What could be read of a tag table, and what could not.

    Attributes:
        table: the sound rows.
        errors: every mistake, with its place.
        broken: names of rows that are there, but not sound.
    """

    table: TagTable
    errors: list[ConfigError]
    broken: frozenset[str]


def read_tag_table(path: Path) -> TagTable:
    """Read a tag table; ConfigErrors (CELL-1030…1034) with every mistake in the file."""
    reading = scan_tag_table(path)
    if reading.errors:
        raise ConfigErrors(reading.errors)
    return reading.table


def scan_tag_table(path: Path) -> TagTableReading:
    """Read what is sound of a tag table; ConfigErrors when the file as a whole cannot be read."""
    rows, errors, broken = read_rows(path, COLUMNS, FOR_PEOPLE)
    if not rows and not errors:
        errors.append(ConfigError("CELL-1031", "expected at least one tag, got none", where=Where(str(path), 2, 1),
                                  do="add a row for each register that the cell reads or writes"))  # fmt: skip
    tags: list[Tag] = []
    neighbours = _Neighbours()
    for row in rows:
        reader = _Row(row, errors)
        tag = reader.tag()
        sound = neighbours.check(reader, tag) if tag is not None else False
        if tag is not None and sound:
            tags.append(tag)
        else:
            broken += [row.text("name"), re.sub(r"\W+", "_", row.text("name"))]  # with blanks or `-`: as it is meant
        if len(errors) >= MAX_MISTAKES:
            errors.append(ConfigError("CELL-1031", "expected fewer than {limit} mistakes in one table",
                                      where=row.where("name"), do="correct the first ones and check again",
                                      limit=MAX_MISTAKES))  # fmt: skip
            break
    return TagTableReading(TagTable(tuple(tags)), errors, frozenset(broken))


class _Access(StrEnum):
    READ = "r"
    WRITE = "rw"


_Choice = TypeVar("_Choice", bound=StrEnum)


class _Row:
    """Reads one row; mistakes are collected, so that one reading of the file shows all of them."""

    def __init__(self, cells: Row, errors: list[ConfigError]) -> None:
        self._cells = cells
        self._texts = cells.all_texts()
        self._errors = errors
        self._broken = False

    def tag(self) -> Tag | None:
        """The row as a tag; None when something in it is wrong."""
        name = self._name()
        address = self._address("address")
        wire = self._choice("type", WireType)
        scale = self._number("scale", default=1.0)
        unit = self._unit()
        low, high = self._number("minimum", default=-math.inf), self._number("maximum", default=math.inf)
        access = self._choice("access", _Access)
        in_force = self._address("in_force") if self._text("in_force") else None
        poll = self._choice("poll", Poll)
        if self._broken or address is None or wire is None or poll is None:
            return None
        writable = access is _Access.WRITE
        tag = Tag(name, address, wire, scale, unit, low, high, writable, in_force, poll, self._text("description"))
        self._check(tag)
        return None if self._broken else tag

    @property
    def line(self) -> int:
        """Its line in the file."""
        return self._cells.line

    def error(
        self, code: str, column: str, expected: str, do: str | Text, *, near: str = "", **values: object
    ) -> None:  # fmt: skip
        """Report a cell of this row."""
        self._broken = True
        what = text("{column}: expected {expected}, got {got}", column=column, expected=text(expected, **values),
                    got=shown(self._text(column)))  # fmt: skip
        self._errors.append(ConfigError(code, what, where=self._cells.where(column), do=do, nearest=near))

    def _check(self, tag: Tag) -> None:
        """What only several columns together show."""
        if tag.scale <= 0:
            self.error("CELL-1032", "scale", "a number above 0", "write engineering units per count")
        if not tag.minimum < tag.maximum:
            self.error("CELL-1032", "maximum", "more than the minimum {minimum:g}", "swap or correct the two",
                       minimum=tag.minimum)  # fmt: skip
        self._check_range(tag)
        for column, address in (("address", tag.address), ("in_force", tag.in_force)):
            if address is not None and address.register + tag.type.words - 1 > LAST_REGISTER:
                self.error("CELL-1032", column, "a register up to {last}", "correct the address", last=LAST_REGISTER)
        if tag.writable and tag.address.bank is not Bank.HOLDING:
            self.error("CELL-1034", "access", "r: {address} cannot be written", "use a holding register",
                       address=str(tag.address))  # fmt: skip
        if tag.in_force is not None and not tag.writable:
            self.error("CELL-1034", "in_force", "nothing: the tag is not written", "empty it or use access rw")

    def _check_range(self, tag: Tag) -> None:
        """Every value that may be written has a count on the wire."""
        counts = _COUNTS.get(tag.type)
        if counts is None or not tag.writable or self._broken:
            return
        for column, value in (("minimum", tag.minimum), ("maximum", tag.maximum)):
            if math.isfinite(value) and not counts[0] - 0.5 <= value / tag.scale <= counts[1] + 0.5:
                self.error("CELL-1032", column, "{low:g} to {high:g}, what {type} holds at this scale",
                           "correct the scale, the type or the range", low=counts[0] * tag.scale,
                           high=counts[1] * tag.scale, type=tag.type.value)  # fmt: skip

    def _text(self, column: str) -> str:
        return self._texts.get(column, "")

    def _name(self) -> str:
        name = self._text("name")
        if not _NAME.fullmatch(name):
            self.error("CELL-1032", "name", "up to 64 letters, digits and _ such as web_speed", "rename it")
        return name

    def _address(self, column: str) -> Address | None:
        written = self._text(column)
        match = _ADDRESS.fullmatch(written)
        if match is not None:
            return Address(Bank(match[1]), int(match[2]))
        modicon = _MODICON.fullmatch(written)
        do: str | Text = "write the table and the register, counted from 0"
        if modicon is not None and int(modicon[2]) > 0:
            bank = Bank.HOLDING if modicon[1] == "4" else Bank.INPUT
            do = text("write {bank}{register}: registers count from 0", bank=bank.value, register=int(modicon[2]) - 1)
        self.error("CELL-1032", column, "a register such as HR2 or IR10", do)
        return None

    def _choice(self, column: str, kind: type[_Choice]) -> _Choice | None:
        written = self._text(column)
        try:
            return kind(written)
        except ValueError:
            choices = ", ".join(str(item) or "nothing" for item in kind)
            self.error("CELL-1032", column, "one of: {choices}", "use one of these words",
                       near=nearest(written, (str(item) for item in kind if item)), choices=choices)  # fmt: skip
            return None

    def _number(self, column: str, default: float) -> float:
        written = self._text(column)
        if not written:
            return default
        value = float(written) if _NUMBER.fullmatch(written) and len(written) <= 40 else math.nan
        if math.isfinite(value):
            return value
        do: str | Text = "write it with a decimal point"
        if _DECIMAL_COMMA.fullmatch(written):
            do = text("write {number}, with a decimal point", number=written.replace(",", "."))
        self.error("CELL-1032", column, "a number", do)
        return math.nan

    def _unit(self) -> str:
        unit = self._text("unit")
        if unit and not is_unit(unit):
            self.error("CELL-1032", "unit", "a unit such as kPa or g/m2", "spell it as SI does, or leave it empty",
                       near=nearest(unit, USUAL_UNITS))  # fmt: skip
        return unit


class _Neighbours:
    """Names and written registers of the rows so far: none may stand twice."""

    def __init__(self) -> None:
        self._names: dict[str, int] = {}
        self._written: dict[int, str] = {}
        self._shown: dict[int, str] = {}

    def check(self, reader: _Row, tag: Tag) -> bool:
        """Report a name or a register that an earlier row has; whether there is none."""
        first = self._names.get(tag.name, 0)
        if first:
            reader.error("CELL-1033", "name", "a name of its own: line {line} has it already", "rename one of the two",
                         line=first)  # fmt: skip
            return False
        self._names[tag.name] = reader.line
        if not tag.writable:
            return True
        registers = range(tag.address.register, tag.address.register + tag.type.words)
        owner = next((self._written[it] for it in registers if it in self._written), None)
        for register in registers:
            self._written.setdefault(register, tag.name)
        if owner is not None:
            reader.error("CELL-1033", "address", "registers that {other} does not use", "correct one of the two",
                         other=repr(owner))  # fmt: skip
        return owner is None and self._has_own_in_force(reader, tag)

    def _has_own_in_force(self, reader: _Row, tag: Tag) -> bool:
        """A value in force that is another tag's would confirm a move that the controller never took."""
        if tag.in_force is None:
            return True
        key = (tag.in_force.bank is Bank.HOLDING) * (LAST_REGISTER + 1) + tag.in_force.register
        registers = range(key, key + tag.type.words)
        owner = next((self._shown[it] for it in registers if it in self._shown), None)
        for register in registers:
            self._shown.setdefault(register, tag.name)
        if owner is not None:
            reader.error("CELL-1033", "in_force", "registers that {other} does not use", "correct one of the two",
                         other=repr(owner))  # fmt: skip
        return owner is None
