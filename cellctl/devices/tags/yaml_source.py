"""Reads a tag table that is written in YAML: a list with one mapping of column → value for each tag."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from cellctl.config.source.document import Document, scan_yaml
from cellctl.config.source.nearest import nearest, shown
from cellctl.devices.csv_source import LONGEST_CELL, read_table_text
from cellctl.devices.tags.columns import ALL_COLUMNS, NEEDED
from cellctl.errors import ConfigError, ConfigErrors, Where

MAX_VALUES = 200_000
"""Keys and values of one table: eight thousand tags with all columns; a larger one is exported as CSV."""


class Entries(NamedTuple):
    """What could be read of a file, and what could not.

    Attributes:
        rows: every entry that is a mapping.
        errors: every mistake, with its place.
        broken: names of entries that have something that is no plain value.
    """

    rows: list[Entry]
    errors: list[ConfigError]
    broken: list[str]


class Entry:
    """One tag of the list.

    Args:
        document: the file.
        index: of the entry.
        texts: column → its value as text.
    """

    def __init__(self, document: Document, index: int, texts: dict[str, str]) -> None:
        self._document = document
        self._index = index
        self._texts = texts

    @property
    def line(self) -> int:
        """Its line in the file."""
        return self._document.where((self._index,)).line or 1

    def all_texts(self) -> dict[str, str]:
        """Column → its value, without surrounding blanks."""
        return self._texts

    def where(self, column: str) -> Where:
        """Where that value begins; of a key that is missing, where the entry does."""
        return self._document.where((self._index, column))


def read_entries(path: Path) -> Entries:
    """All entries of a YAML table. ConfigErrors when the file as a whole cannot be read or is no list."""
    document, errors = scan_yaml(read_table_text(path), str(path), MAX_VALUES)
    if not isinstance(document.data, list):
        raise ConfigErrors([*errors, ConfigError(
            "CELL-1031", "expected a list of tags, got {got}", where=document.where(()),
            do="write one `- {{name: …, address: …, type: …}}` for each tag", got=shown(document.data))])  # fmt: skip
    found = Entries([], errors, [])
    for index, data in enumerate(document.data):
        _take(found, document, index, data)
    return found


def _take(found: Entries, document: Document, index: int, data: Any) -> None:
    """One entry: a row when it is a mapping of known keys to plain values."""
    if document.is_lost((index,)):
        return
    if not isinstance(data, dict):
        found.errors.append(_wrong(document.where((index,)), "expected a mapping of columns, got {got}",
                                   "write `{{name: …, address: …, type: …}}`", got=shown(data)))  # fmt: skip
        return
    before = len(found.errors)
    for key in data:
        _key(found, document, index, str(key), data)
    for column in sorted(NEEDED - data.keys()):
        found.errors.append(_wrong(document.where((index,)), "the key {column} is missing", "add it", column=column))
    texts = {column: _text(data.get(column)) for column in ALL_COLUMNS}
    if len(found.errors) == before and not any(document.is_lost((index, it)) for it in data):
        found.rows.append(Entry(document, index, texts))
    else:
        found.broken.append(texts["name"])


def _key(found: Entries, document: Document, index: int, key: str, data: dict[str, Any]) -> None:
    value = data[key]
    if key not in ALL_COLUMNS:
        near = nearest(key, [it for it in ALL_COLUMNS if it not in data])
        found.errors.append(_wrong(document.where_key((index, key)), "expected one of the columns {columns}, got {got}",
                                   "correct its name" if near else "remove the key", near,
                                   columns=", ".join(ALL_COLUMNS), got=shown(key)))  # fmt: skip
    elif isinstance(value, dict | list):
        found.errors.append(_wrong(document.where((index, key)), "{column}: expected one value, got {got}",
                                   "write the value alone", column=key, got=shown(value)))  # fmt: skip
    elif len(_text(value)) > LONGEST_CELL:
        found.errors.append(_wrong(document.where((index, key)),
                                   "expected a cell of at most {limit} characters, got {found}", "shorten it",
                                   limit=LONGEST_CELL, found=len(_text(value))))  # fmt: skip


def _text(value: object) -> str:
    """As a CSV would have it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value).strip()


def _wrong(where: Where, what: str, do: str, near: str = "", **values: object) -> ConfigError:
    return ConfigError("CELL-1031", what, where=where, do=do, nearest=near, **values)
