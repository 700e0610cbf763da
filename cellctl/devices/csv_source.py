"""Reads a CSV file so that every cell knows its place in the file.

Commas, semicolons (as spreadsheets write where the comma is the decimal sign) and tabs separate cells; the first line
shows which. A quoted cell may have line breaks. Every line that can be read is read, and every other one is reported.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from cellctl.config.source.nearest import nearest, shown
from cellctl.config.source.text import decode, reason, refuse_foreign
from cellctl.errors import ConfigError, ConfigErrors, Text, Where

MAX_BYTES = 4 * 1024 * 1024
"""Ten thousand tags are under 1 MB; a larger file is not a tag table."""
MAX_MISTAKES = 1000
"""Of one table; more of them have one cause, and the first ones show it."""
SEPARATORS = ",;\t"
LONGEST_CELL = 1000
"""Characters; a description is a sentence."""
_QUOTED_LINES = 20
"""A quoted cell with more line breaks is a quote that somebody forgot to close."""
_SEPARATOR_LINE = re.compile(r"sep=.", re.IGNORECASE)


class Cell(NamedTuple):
    """The text of one cell, without surrounding blanks, and where it begins."""

    text: str
    where: Where


class Row:
    """One line of the table.

    Args:
        columns: column → its index.
        texts: the cells as they stand in the file, without quotes.
        starts: number → place at which that cell begins; asked for only when there is something to say about it.
        line: its number.
    """

    __slots__ = ("_columns", "_starts", "_texts", "line")

    def __init__(
        self, columns: Mapping[str, int], texts: list[str], starts: Callable[[int], Where], line: int
    ) -> None:  # fmt: skip
        self._columns = columns
        self._texts = texts
        self._starts = starts
        self.line = line

    def text(self, column: str) -> str:
        """The cell of a column, without surrounding blanks."""
        return self._texts[self._columns[column]].strip()

    def all_texts(self) -> dict[str, str]:
        """Column → its cell, without surrounding blanks."""
        texts = self._texts
        return {column: texts[index].strip() for column, index in self._columns.items()}

    def where(self, column: str) -> Where:
        """Where that cell begins; of a column that the table does without, where the row does."""
        return self.place(self._columns.get(column, 0))

    def place(self, index: int) -> Where:
        """Where the cell with this index begins."""
        return self._starts(index)


class Table(NamedTuple):
    """What could be read of a file, and what could not.

    Attributes:
        rows: every line that could be taken apart.
        errors: every mistake, with its place.
        broken: the first cells of the other lines, as far as they can be read.
    """

    rows: list[Row]
    errors: list[ConfigError]
    broken: list[str]


def read_rows(path: Path, columns: Sequence[str], optional: Collection[str] = ()) -> Table:
    """All rows below a header that names `columns`; empty lines and lines that begin with # are skipped.

    Columns that are `optional` may be missing.

    Raises ConfigErrors: CELL-1030 when the file cannot be read at all, CELL-1031 for a header that leaves the rows
    without a meaning. Mistakes in single rows, and misspelt columns, are in the table's errors.
    """
    return _Reader(str(path), read_table_text(path), optional).table(columns)


def read_table_text(path: Path) -> str:
    """Text of a table. Raises ConfigErrors CELL-1030 or CELL-1037 when it is none."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _one("CELL-1030", "cannot read the table: {reason}", Where(str(path)), "correct the path",
                   reason=reason(error)) from error  # fmt: skip
    if len(raw) > MAX_BYTES:
        raise _one("CELL-1030", "expected a text table of up to {limit} bytes", Where(str(path), 1, 1),
                   "check that it is the right file", limit=MAX_BYTES)  # fmt: skip
    try:
        text = decode(raw, str(path), "CELL-1030")
        refuse_foreign(text, str(path))
    except ConfigError as error:
        raise ConfigErrors([error]) from error
    return text


class _Split(NamedTuple):
    """One line of the table, taken apart; `next` is the number of the line after it."""

    texts: list[str]
    starts: Callable[[int], Where]
    next: int


class _Reader:
    def __init__(self, file: str, text: str, optional: Collection[str]) -> None:
        self._optional = optional
        self._file = file
        self._lines = text.splitlines()
        self._separator = ","
        self._errors: list[ConfigError] = []

    def table(self, columns: Sequence[str]) -> Table:
        number = self._header_line()
        header = self._header(number, columns)
        width = max(header.values()) + 1
        rows: list[Row] = []
        broken: list[str] = []
        number += 1
        while number < len(self._lines) and len(self._errors) < MAX_MISTAKES:
            line = self._lines[number]
            if not line.strip() or line[0] == "#":
                number += 1
                continue
            split = self._split(number)
            row = Row(header, split.texts, split.starts, number + 1)
            if split.texts and self._fits(row, split.texts, width):
                rows.append(row)
            else:
                broken.append(line.split(self._separator, 1)[0].strip())
            number = split.next
        return Table(rows, self._errors, broken)

    def _header_line(self) -> int:
        for number, line in enumerate(self._lines):
            if line.strip() and line[0] != "#" and not _SEPARATOR_LINE.fullmatch(line.strip()):
                return number
        raise _one("CELL-1031", "expected a table, got an empty file", Where(self._file, 1, 1),
                   "write the names of the columns into its first line")  # fmt: skip

    def _header(self, number: int, columns: Sequence[str]) -> dict[str, int]:
        """Column → index; a misspelt column is reported and taken for the one that is meant."""
        line = self._lines[number]
        self._separator = max(SEPARATORS, key=line.count)
        texts, starts, _ = self._split(number)
        row = Row({}, texts, starts, number + 1)
        names = [it.strip() for it in texts]
        while names and not names[-1]:
            names.pop()
        if not set(names) & set(columns):
            raise ConfigErrors([*self._errors, ConfigError(
                "CELL-1031", "expected the columns {columns}, got {got}", where=row.place(0),
                do="write the names of the columns into the first line of the table", columns=",".join(columns),
                got=shown(line))])  # fmt: skip
        header = self._columns(names, row, columns)
        missing = [it for it in columns if it not in header and it not in self._optional]
        self._errors += [
            ConfigError("CELL-1031", "the column {column} is missing", where=row.place(0),
                        do="add it to the first line of the table, and a cell to each row", column=it)
            for it in missing
        ]  # fmt: skip
        if missing:
            raise ConfigErrors(self._errors)
        return header

    def _columns(self, names: list[str], row: Row, columns: Sequence[str]) -> dict[str, int]:
        free = [it for it in columns if it not in names]
        header: dict[str, int] = {}
        for index, name in enumerate(names):
            meant = ""
            if name in header:
                what = "the column {column} stands twice"
                self._fail(row.place(index), what, "remove one of the two", column=shown(name))
            elif name not in columns:
                meant = nearest(name, free)
                self._fail(row.place(index), "expected one of the columns {columns}, got {got}",
                           "correct its name" if meant else "remove the column", nearest=meant,
                           columns=", ".join(columns), got=shown(name))  # fmt: skip
            if meant:
                free.remove(meant)
            if name in columns or meant:
                header.setdefault(meant or name, index)
        return header

    def _fits(self, row: Row, texts: list[str], width: int) -> bool:
        """Whether the row has as many cells as the header; empty ones behind the last do not count."""
        if len(texts) == width and max(map(len, texts)) <= LONGEST_CELL and texts[0]:
            return True
        if not any(map(str.strip, texts)):
            return False  # a line of separators
        if len(texts) < width:
            self._fail(row.place(0), "expected {wanted} cells, got {found}",
                       "add what is missing: count the separators", wanted=width, found=len(texts))  # fmt: skip
            return False
        surplus = next((index for index in range(width, len(texts)) if texts[index].strip()), None)
        if surplus is not None:
            self._fail(row.place(surplus), "expected {wanted} cells, got {found}", "quote text that has a separator",
                       wanted=width, found=len(texts))  # fmt: skip
            return False
        long = next((index for index, it in enumerate(texts) if len(it) > LONGEST_CELL), None)
        if long is not None:
            self._fail(row.place(long), "expected a cell of at most {limit} characters, got {found}", "shorten it",
                       limit=LONGEST_CELL, found=len(texts[long]))  # fmt: skip
        return long is None

    def _split(self, number: int) -> _Split:
        line = self._lines[number]
        if '"' not in line:
            texts = line.split(self._separator)
            return _Split(texts, partial(self._start_of, texts, number), number + 1)
        if line.count('"') % 2 == 0:
            try:
                texts = next(csv.reader([line], delimiter=self._separator, strict=True, skipinitialspace=True))
            except csv.Error:
                return self._split_quoted(number)
            return _Split(texts, partial(self._start_of_quoted, number), number + 1)
        return self._split_quoted(number)

    def _start_of(self, texts: list[str], number: int, index: int) -> Where:
        text = texts[index]
        blanks = len(text) - len(text.lstrip()) if text.strip() else 0
        return Where(self._file, number + 1, sum(len(it) + 1 for it in texts[:index]) + blanks + 1)

    def _start_of_quoted(self, number: int, index: int) -> Where:
        before = len(self._errors)
        split = self._split_quoted(number)
        del self._errors[before:]  # the line is read already
        return split.starts(index) if index < len(split.texts) else Where(self._file, number + 1, 1)

    def _split_quoted(self, number: int) -> _Split:
        """Cell by cell, over as many lines as the quotes enclose; nothing after a mistake."""
        texts: list[str] = []
        starts: list[Where] = []
        column, line = 0, number
        while True:
            rest = self._lines[line][column:]
            blanks = len(rest) - len(rest.lstrip(" "))
            starts.append(Where(self._file, line + 1, column + blanks + 1))
            if rest[blanks : blanks + 1] == '"':
                closed = self._quoted(line, column + blanks + 1)
                if closed is None:
                    return self._broken(starts[-1], "this quote is not closed", "close it, or double it", number)
                cell, line, column = closed
                blank = len(self._lines[line][column:]) - len(self._lines[line][column:].lstrip(" "))
                column += blank
                if self._lines[line][column : column + 1] not in {"", self._separator}:
                    where = Where(self._file, line + 1, column + 1)
                    return self._broken(where, "expected a separator behind the quote", "double a quote in quoted text",
                                        number)  # fmt: skip
            else:
                cell = rest.split(self._separator, 1)[0]
                column += len(cell)
            texts.append(cell)
            if column >= len(self._lines[line]):
                return _Split(texts, starts.__getitem__, line + 1)
            column += 1

    def _quoted(self, line: int, column: int) -> tuple[str, int, int] | None:
        """Text of a quoted cell from behind its quote, with line and column behind the closing one; None without."""
        parts: list[str] = []
        for number in range(line, min(line + _QUOTED_LINES, len(self._lines))):
            text = self._lines[number]
            while True:
                end = text.find('"', column)
                if end < 0:
                    break
                parts.append(text[column:end])
                if text[end + 1 : end + 2] != '"':
                    return "".join(parts), number, end + 1
                parts.append('"')
                column = end + 2
            parts.append(f"{text[column:]} ")
            column = 0
        return None

    def _broken(self, where: Where, what: str, do: str, number: int) -> _Split:
        self._fail(where, what, do)
        return _Split([], lambda _: where, number + 1)

    def _fail(self, where: Where, what: str, do: str, **values: Any) -> None:
        self._errors.append(ConfigError("CELL-1031", what, where=where, do=do, **values))


def _one(code: str, what: str | Text, where: Where, do: str, **values: Any) -> ConfigErrors:
    return ConfigErrors([ConfigError(code, what, where=where, do=do, **values)])
