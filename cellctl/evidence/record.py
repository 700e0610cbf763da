"""One line of the ledger: how it is sealed, written and read back.

The hash of a record is SHA-256(hash of the one before, as 32 bytes ‖ canonical JSON of it without its hash).
The line is the canonical JSON of the whole record, so every single byte of the file is either right or wrong.
"""

from __future__ import annotations

from typing import Any

import msgspec

from cellctl.errors import EvidenceError
from cellctl.evidence.canonical import plain, sha256_hex, spelled

GENESIS = "0" * 64
"""What the first record names as its predecessor."""


class Entry(msgspec.Struct, frozen=True):
    """What is to be recorded, before it has a place in the chain.

    Attributes:
        kind: what the body is, for example `correction`.
        t_ns: monotonic time at which it was recorded.
        wall: the same moment for people, ISO 8601 with zone.
        body: plain JSON values.
        config: SHA-256 of the resolved configuration that it was made with, hex; empty in runs of format 1.
    """

    kind: str
    t_ns: int
    wall: str
    body: dict[str, Any]
    config: str = ""


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One sealed entry of the chain.

    Attributes:
        sequence: 0 for the first record, up by one for each.
        previous: hash of the record before, hex; `GENESIS` for the first.
        kind: of the entry.
        t_ns: of the entry.
        wall: of the entry.
        body: of the entry.
        config: of the entry; left out of line and hash when it is empty.
        hash: see the head of this file, hex.
    """

    sequence: int
    previous: str
    kind: str
    t_ns: int
    wall: str
    body: dict[str, Any]
    config: str = ""
    hash: str

    @property
    def line(self) -> bytes:
        """The record as it stands in the file."""
        return spelled(self) + b"\n"


def seal(entry: Entry, *, sequence: int, previous: str) -> Record:
    """Give an entry its place in the chain."""
    body: dict[str, Any] = plain(entry.body)
    content = {
        "sequence": sequence,
        "previous": previous,
        "kind": entry.kind,
        "t_ns": entry.t_ns,
        "wall": entry.wall,
        "body": body,
    }
    if entry.config:
        content["config"] = entry.config
    digest = sha256_hex(bytes.fromhex(previous) + spelled(content))
    return Record(**{**content, "hash": digest})  # type: ignore[arg-type]  # a dict of mixed values


def read_line(line: bytes) -> Record:
    """Read one line; EvidenceError (CELL-4021) when it is not exactly what sealing its content writes."""
    try:
        record = msgspec.json.decode(line, type=Record)
        is_whole = record.line == line and _digest_of(record, line) == record.hash
    except (ValueError, RecursionError, OverflowError) as error:
        raise EvidenceError("CELL-4021", "not a ledger record: {reason}", reason=error) from error
    if not is_whole:
        raise EvidenceError("CELL-4021", "the record's hash does not match its content")
    return record


def _digest_of(record: Record, line: bytes) -> str:
    """The hash of a line that is known to be canonical, taken over the line itself with its hash cut out.

    No string can hold the words that are cut, because a quotation mark in a string is escaped; `body`, which may have
    such a key of its own, is sorted before it.
    """
    before, _, after = line.rpartition(b'"hash":"' + record.hash.encode() + b'",')
    return sha256_hex(bytes.fromhex(record.previous) + before + after.removesuffix(b"\n"))
