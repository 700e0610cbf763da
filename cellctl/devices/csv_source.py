"""Reads a CSV file so that every cell knows its place in the file."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from cellctl.errors import ConfigError, ConfigErrors, Where

MAX_BYTES = 4 * 1024 * 1024
"""Ten thousand tags are under 1 MB; a larger file is not a tag table."""


class Cell(NamedTuple):
    """The text of one cell, without surrounding blanks, and where it begins."""

    text: str
    where: Where


def read_rows(path: Path, columns: Sequence[str]) -> list[dict[str, Cell]]:
    """All rows below a header that names exactly `columns`; empty lines and lines that begin with # are skipped.

    Raises ConfigErrors: CELL-1030 when the file cannot be read, CELL-1031 for a wrong header or a row of
    another length.
    """
    lines = [(number, line) for number, line in enumerate(_lines(path), 1) if line.strip() and line[0] != "#"]
    where = Where(str(path), lines[0][0] if lines else 1, 1)
    header = [cell.text for cell in _cells(lines[0][1], where)] if lines else []
    if sorted(header) != sorted(columns):
        raise _one("CELL-1031", f"expected the columns {','.join(columns)}, got {','.join(header)}", where,
                   "correct the first line of the table")  # fmt: skip
    rows: list[dict[str, Cell]] = []
    errors: list[ConfigError] = []
    for number, line in lines[1:]:
        here = Where(str(path), number, 1)
        cells = _cells(line, here)
        if len(cells) == len(header):
            rows.append(dict(zip(header, cells, strict=True)))
        else:
            what = f"expected {len(header)} cells, got {len(cells)}"
            errors.append(ConfigError("CELL-1031", what, where=here, do="count the commas, quote text that has one"))
    if errors:
        raise ConfigErrors(errors)
    return rows


def _lines(path: Path) -> list[str]:
    try:
        data = path.read_bytes()
    except OSError as error:
        what = f"cannot read the table: {error.strerror}"
        raise _one("CELL-1030", what, Where(str(path)), "correct the path") from error
    try:
        text = data[: MAX_BYTES + 1].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _one("CELL-1030", f"expected UTF-8 text, got byte {data[error.start]:#04x}", Where(str(path)),
                   "export the table as UTF-8") from error  # fmt: skip
    if len(data) > MAX_BYTES or "\0" in text:
        raise _one("CELL-1030", f"expected a text table of up to {MAX_BYTES} bytes", Where(str(path)), "check the file")
    return text.splitlines()


def _cells(line: str, where: Where) -> list[Cell]:
    """The cells of one line with the columns where they begin."""
    try:
        texts = next(csv.reader([line], strict=True))
    except csv.Error as error:
        raise _one("CELL-1031", f"not a line of CSV: {error}", where, "check the quotes") from error
    starts, quoted = [1], False
    for column, character in enumerate(line, 1):
        quoted ^= character == '"'
        if character == "," and not quoted:
            starts.append(column + 1)
    return [Cell(text.strip(), Where(where.file, where.line, start)) for text, start in zip(texts, starts, strict=True)]


def _one(code: str, what: str, where: Where, do: str) -> ConfigErrors:
    return ConfigErrors([ConfigError(code, what, where=where, do=do)])
