"""Reads a whole tag table: every sound row becomes a tag, and every mistake is named with its place."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from cellctl.devices.csv_source import MAX_MISTAKES, read_rows
from cellctl.devices.tags.columns import ALL_COLUMNS, OPTIONAL
from cellctl.devices.tags.neighbours import Neighbours
from cellctl.devices.tags.row import Cells, RowReader
from cellctl.devices.tags.tag import Poll, Tag, TagTable
from cellctl.devices.tags.yaml_source import read_entries
from cellctl.errors import ConfigError, ConfigErrors, Where

USUAL_POLLS = (Poll.FAST, Poll.SLOW)
YAML_SUFFIXES = frozenset({".yaml", ".yml"})


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


def read_tag_table(path: Path, polls: Collection[str] = USUAL_POLLS) -> TagTable:
    """Read a tag table; ConfigErrors (CELL-1030…1034) with every mistake in the file.

    `polls` are the poll classes of the device.
    """
    reading = scan_tag_table(path, polls)
    if reading.errors:
        raise ConfigErrors(reading.errors)
    return reading.table


def scan_tag_table(path: Path, polls: Collection[str] = USUAL_POLLS) -> TagTableReading:
    """Read what is sound of a tag table; ConfigErrors when the file as a whole cannot be read."""
    rows: Sequence[Cells]
    if path.suffix.lower() in YAML_SUFFIXES:
        rows, errors, broken = read_entries(path)
    else:
        rows, errors, broken = read_rows(path, ALL_COLUMNS, OPTIONAL)
    if not rows and not errors:
        errors.append(ConfigError("CELL-1031", "expected at least one tag, got none", where=Where(str(path), 2, 1),
                                  do="add a row for each register that the cell reads or writes"))  # fmt: skip
    tags = _tags(rows, polls, errors, broken)
    return TagTableReading(TagTable(tuple(tags)), errors, frozenset(broken))


def _tags(rows: Sequence[Cells], polls: Collection[str], errors: list[ConfigError], broken: list[str]) -> list[Tag]:
    tags: list[Tag] = []
    neighbours = Neighbours()
    for row in rows:
        reader = RowReader(row, polls, errors)
        tag = reader.tag()
        if tag is not None and neighbours.check(reader, tag):
            tags.append(tag)
        else:
            broken += [reader.name, re.sub(r"\W+", "_", reader.name)]  # with blanks or `-`: as it is meant
        if len(errors) >= MAX_MISTAKES:
            errors.append(ConfigError("CELL-1031", "expected fewer than {limit} mistakes in one table",
                                      where=reader.where("name"), do="correct the first ones and check again",
                                      limit=MAX_MISTAKES))  # fmt: skip
            break
    return tags
