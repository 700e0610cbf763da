"""Reads a ledger file and follows its chain from the first record to the last."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cellctl.errors import EvidenceError, Where
from cellctl.evidence.record import GENESIS, Record, read_line

MAX_LINE_BYTES = 16 * 1024 * 1024
"""A correction with its whole curve is some 10 kB; a longer line is damage, not evidence."""


def read_chain(path: Path) -> Iterator[Record]:
    """Every record in order; EvidenceError at the first line that does not follow from the one before.

    CELL-4021: a line is damaged. CELL-4022: a record is out of place (deleted, inserted or moved).
    CELL-4023: the last line has no end.
    """
    with path.open("rb") as file:
        yield from follow(file, path.name)


def follow(file: BinaryIO, name: str) -> Iterator[Record]:
    """`read_chain` over an open file."""
    previous, number = GENESIS, 0
    while line := file.readline(MAX_LINE_BYTES):
        where = Where(name, number + 1)
        if not line.endswith(b"\n"):
            raise EvidenceError("CELL-4023", "the last line breaks off after {size} bytes", where=where, size=len(line))
        record = _read(line, where)
        if record.sequence != number or record.previous != previous:
            raise EvidenceError(
                "CELL-4022",
                "expected record {number} after {before}, got record {sequence} after {named}",
                where=where,
                number=number,
                before=previous[:12],
                sequence=record.sequence,
                named=record.previous[:12],
            )
        yield record
        previous, number = record.hash, number + 1


def _read(line: bytes, where: Where) -> Record:
    try:
        return read_line(line)
    except EvidenceError as error:
        raise EvidenceError(error.code, error.what_text, where=where, do=error.do_text) from error
