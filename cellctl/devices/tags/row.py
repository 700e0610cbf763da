"""Reads one row of a tag table; mistakes are collected, so that one reading of the file shows all of them."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Protocol, TypeVar

from cellctl.config.source.nearest import nearest, shown
from cellctl.devices.tags.address import Address, parse_address, remedy
from cellctl.devices.tags.checks import Mistake, mistakes
from cellctl.devices.tags.tag import Tag
from cellctl.devices.tags.wire import CHOICES, Form, Order, meant, parse_form
from cellctl.errors import ConfigError, Text, Where, text
from cellctl.units import USUAL_UNITS, is_unit

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")
_DECIMAL_COMMA = re.compile(r"[-+]?[0-9]+,[0-9]+")
_LONGEST_NUMBER = 40
_ONE_OF = "one of: {choices}"


class _Access(StrEnum):
    READ = "r"
    WRITE = "rw"


_Choice = TypeVar("_Choice", bound=StrEnum)


class Cells(Protocol):
    """One row, from whatever file: the text of each column and its place."""

    @property
    def line(self) -> int:
        """Its line in the file."""
        ...

    def all_texts(self) -> dict[str, str]:
        """Column → its cell, without surrounding blanks."""
        ...

    def where(self, column: str) -> Where:
        """Where that cell begins."""
        ...


class RowReader:
    """Turns the cells of one row into a tag.

    Args:
        cells: of the row.
        polls: poll classes of the device.
        errors: where every mistake goes.
    """

    def __init__(self, cells: Cells, polls: Collection[str], errors: list[ConfigError]) -> None:
        self._cells = cells
        self._texts = cells.all_texts()
        self._polls = polls
        self._errors = errors
        self._broken = False

    @property
    def name(self) -> str:
        """As it is written."""
        return self._text("name")

    @property
    def line(self) -> int:
        """Its line in the file."""
        return self._cells.line

    def where(self, column: str) -> Where:
        """Where that cell begins."""
        return self._cells.where(column)

    def tag(self) -> Tag | None:
        """The row as a tag; None when something in it is wrong."""
        name = self._name()
        address = self._address("address")
        form = self._form()
        scale = self._number("scale", default=1.0)
        unit = self._unit()
        low, high = self._number("minimum", default=-math.inf), self._number("maximum", default=math.inf)
        access = self._choice("access", _Access)
        in_force = self._address("in_force") if self._text("in_force") else None
        poll = self._poll()
        order = self._choice("order", Order) if self._text("order") else Order.ABCD
        offset, deadband = self._number("offset", default=0.0), self._number("deadband", default=0.0)
        if self._broken or address is None or form is None or order is None:
            return None
        tag = Tag(name, address, form.type, scale, unit, low, high, access is _Access.WRITE, in_force, poll,
                  self._text("description"), order, offset, deadband, form.characters)  # fmt: skip
        for mistake in mistakes(tag):
            self.report(mistake)
        return None if self._broken else tag

    def report(self, mistake: Mistake) -> None:
        """Report what is wrong with a cell of this row."""
        self._error(mistake.code, mistake.column, mistake.expected, mistake.do_text)

    def _error(self, code: str, column: str, expected: Text, do: str | Text, near: str = "") -> None:
        self._broken = True
        what = text("{column}: expected {expected}, got {got}", column=column, expected=expected,
                    got=shown(self._text(column)))  # fmt: skip
        self._errors.append(ConfigError(code, what, where=self._cells.where(column), do=do, nearest=near))

    def _wrong(self, column: str, expected: str, do: str | Text, near: str = "", **values: object) -> None:
        self._error("CELL-1032", column, text(expected, **values), do, near)

    def _text(self, column: str) -> str:
        return self._texts.get(column, "")

    def _name(self) -> str:
        name = self._text("name")
        if not _NAME.fullmatch(name):
            self._wrong("name", "up to 64 letters, digits and _ such as web_speed", "rename it")
        return name

    def _address(self, column: str) -> Address | None:
        written = self._text(column)
        address = parse_address(written)
        if address is None:
            self._wrong(column, "an address such as HR2, IR4.0 or CO7", remedy(written))
        return address

    def _form(self) -> Form | None:
        written = self._text("type")
        form = parse_form(written)
        if form is None:
            self._not_one_of("type", CHOICES, "use one of these words", meant(written))
        return form

    def _poll(self) -> str:
        written = self._text("poll")
        if written and written not in self._polls:
            self._not_one_of(
                "poll", (*self._polls, ""), "use one of these, or name the class under the device's `poll`"
            )
        return written

    def _choice(self, column: str, kind: type[_Choice]) -> _Choice | None:
        written = self._text(column)
        try:
            return kind(written)
        except ValueError:
            self._not_one_of(column, kind, "use one of these words")
            return None

    def _not_one_of(self, column: str, words: Iterable[str], do: str, near: str = "") -> None:
        known = [str(it) for it in words]
        self._wrong(column, _ONE_OF, do, near or nearest(self._text(column), filter(None, known)),
                    choices=", ".join(it or "nothing" for it in known))  # fmt: skip

    def _number(self, column: str, default: float) -> float:
        written = self._text(column)
        if not written:
            return default
        value = float(written) if _NUMBER.fullmatch(written) and len(written) <= _LONGEST_NUMBER else math.nan
        if math.isfinite(value):
            return value
        do: str | Text = "write it with a decimal point"
        if _DECIMAL_COMMA.fullmatch(written):
            do = text("write {number}, with a decimal point", number=written.replace(",", "."))
        self._wrong(column, "a number", do)
        return math.nan

    def _unit(self) -> str:
        unit = self._text("unit")
        if unit and not is_unit(unit):
            self._wrong("unit", "a unit such as kPa or g/m2", "spell it as SI does, or leave it empty",
                        nearest(unit, USUAL_UNITS))  # fmt: skip
        return unit
