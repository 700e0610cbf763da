"""Reads the table that says where each value lies for SCADA: a tag table with only what a reader needs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from cellctl.devices.csv_source import MAX_MISTAKES, Row, read_rows
from cellctl.devices.modbus_server.image import Point
from cellctl.devices.tags import Bank, Tag
from cellctl.devices.tags.row import RowReader
from cellctl.errors import ConfigError, ConfigErrors, Where, text

COLUMNS = ("name", "address", "type", "scale", "offset", "order", "unit", "description")
NEEDED = frozenset({"name", "address", "type"})


class Served(NamedTuple):
    """A sound row, and where each of its cells stands."""

    point: Point
    where: Callable[[str], Where]


class PointsReading(NamedTuple):
    """What could be read of a table: the sound rows, and every mistake with its place."""

    served: tuple[Served, ...]
    errors: list[ConfigError]


class _Cells:
    """A row as the reader of tag tables wants it: only read, and named by its line, for a name may have dots here."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self.line = row.line

    def all_texts(self) -> dict[str, str]:
        return {**self._row.all_texts(), "name": f"line_{self.line}", "access": "r"}

    def where(self, column: str) -> Where:
        return self._row.where(column)


def read_points(path: Path) -> tuple[Point, ...]:
    """Read a table that was checked; ConfigErrors with every mistake in it."""
    reading = scan_points(path)
    if reading.errors:
        raise ConfigErrors(reading.errors)
    return tuple(it.point for it in reading.served)


def scan_points(path: Path) -> PointsReading:
    """Read what is sound; ConfigErrors (CELL-1030, CELL-1031) when the file as a whole cannot be read."""
    rows, errors, _ = read_rows(path, COLUMNS, frozenset(COLUMNS) - NEEDED)
    if not rows and not errors:
        errors.append(ConfigError("CELL-1031", "expected at least one tag, got none", where=Where(str(path), 2, 1),
                                  do="add a row for each value that others may read"))  # fmt: skip
    served: list[Served] = []
    places = _Places()
    for row in rows:
        tag = RowReader(_Cells(row), (), errors).tag()
        if tag is not None:
            served.append(Served(Point(row.text("name"), tag), row.where))
            owner = places.take(row.text("name"), tag)
            errors += [_shared(row, owner)] if owner else []
        if len(errors) >= MAX_MISTAKES:
            break
    return PointsReading(tuple(served), errors)


class _Places:
    """Which registers and bits the rows so far take; bits of one register may share it."""

    def __init__(self) -> None:
        self._taken: dict[tuple[Bank, int], dict[int, str]] = {}

    def take(self, name: str, tag: Tag) -> str:
        """Take the places of a row; returns the row that has one of them already, or nothing."""
        address, owner = tag.address, ""
        for word in range(tag.words):
            bits = self._taken.setdefault((address.bank, address.register + word), {})
            both = [other for bit, other in bits.items() if -1 in {bit, address.bit} or bit == address.bit]
            owner = owner or next(iter(both), "")
            bits.setdefault(address.bit, name)
        return owner


def _shared(row: Row, owner: str) -> ConfigError:
    expected = text("registers that {other} does not use", other=repr(owner))
    what = text("{column}: expected {expected}, got {got}", column="address", expected=expected,
                got=repr(row.text("address")))  # fmt: skip
    return ConfigError("CELL-1033", what, where=row.where("address"), do="correct one of the two")
