"""The append-only, hash-chained ledger of a run, in one file of JSON lines.

A record counts as stored when `append` returns: it is written and fdatasync has returned. A group of
records shares one fdatasync. What `append` did not return for may or may not be in the file.
"""

from __future__ import annotations

import fcntl
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cellctl.errors import EvidenceError, Where
from cellctl.evidence.chain import follow
from cellctl.evidence.files import sync_folder, write_all
from cellctl.evidence.record import GENESIS, Entry, Record, read_line, seal

_APPEND = os.O_CREAT | os.O_APPEND | os.O_CLOEXEC


class Ledger:
    """Opens or continues a ledger; one writer at a time.

    A last line that was torn by a power cut never counted as stored: it is moved to `<name>.torn` and
    reported in `torn`. Damage anywhere else is refused (CELL-4021, CELL-4022): such a file is not continued.

    Args:
        path: of the file.
        sync: False leaves it to the system when records reach the disk: for runs in virtual time, which can be
            repeated.

    Attributes:
        head: hash of the last stored record.
        length: number of stored records.
        counts: stored records by kind.
        torn: bytes of a torn last line found when the file was opened.
    """

    def __init__(self, path: Path, *, sync: bool = True) -> None:
        self.path = path
        self._syncs = sync
        self.head = GENESIS
        self.length = 0
        self.counts: Counter[str] = Counter()
        self.torn = b""
        self._bytes = 0
        self._fault = ""
        self._where = Where(str(path))
        try:
            self._fd = os.open(path, os.O_RDWR | _APPEND, 0o600)
        except OSError as error:
            raise EvidenceError(
                "CELL-4024", "cannot open the ledger: {reason}", where=self._where, reason=error
            ) from error
        try:
            self._take_over()
        except BaseException:
            os.close(self._fd)
            raise

    def append(self, entries: Sequence[Entry]) -> list[Record]:
        """Store entries as one group; EvidenceError (CELL-4025) when they are not on disk.

        After a failed write the group may be tried again. After a failed fdatasync nobody can say what is on
        disk (the kernel drops the dirty pages and reports the error once), so the ledger takes nothing more.
        """
        if self._fault:
            raise self._not_stored("the ledger failed before: {reason}", reason=self._fault)
        records = self._seal(entries)
        data = b"".join(record.line for record in records)
        self._write(data)
        self._sync()
        self._count(records, len(data))
        return records

    def close(self) -> None:
        """Release the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _seal(self, entries: Sequence[Entry]) -> list[Record]:
        records: list[Record] = []
        previous = self.head
        for sequence, entry in enumerate(entries, self.length):
            records.append(seal(entry, sequence=sequence, previous=previous))
            previous = records[-1].hash
        return records

    def _count(self, records: Sequence[Record], size: int) -> None:
        for record in records:
            self.head = record.hash
            self.counts[record.kind] += 1
        self.length += len(records)
        self._bytes += size

    def _write(self, data: bytes) -> None:
        try:
            write_all(self._fd, data)
        except OSError as error:
            self._cut_back()
            raise self._not_stored("cannot write the ledger: {reason}", reason=str(error)) from error

    def _cut_back(self) -> None:
        """Remove a half-written group, so that the next one starts on a line of its own."""
        try:
            os.ftruncate(self._fd, self._bytes)
        except OSError as error:
            self._fault = f"half a group could not be removed: {error}"

    def _sync(self) -> None:
        if not self._syncs:
            return
        try:
            os.fdatasync(self._fd)
        except OSError as error:
            self._fault = f"fdatasync: {error}"
            raise self._not_stored("cannot sync the ledger: {reason}", reason=str(error)) from error

    def _not_stored(self, what: str, **values: Any) -> EvidenceError:
        return EvidenceError("CELL-4025", what, where=self._where, do="check the disk, then start a new run", **values)

    def _take_over(self) -> None:
        """Lock the file, follow what is in it and put a torn last line aside."""
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            what = "another process writes this ledger"
            raise EvidenceError("CELL-4026", what, where=self._where) from error
        with os.fdopen(os.dup(self._fd), "rb") as file:
            try:
                for record in follow(file, str(self.path)):
                    self._count([record], len(record.line))
            except EvidenceError:
                file.seek(self._bytes)
                self._put_aside(file.read())
        sync_folder(self.path.parent)

    def _put_aside(self, tail: bytes) -> None:
        """Move a torn tail to its own file; raises again when the tail holds a whole record (tampering)."""
        if holds_a_record(tail):
            raise EvidenceError(
                "CELL-4022",
                "record {length} is damaged or missing, records follow it",
                where=Where(str(self.path), self.length + 1),
                do="keep the folder as it is, run `cellctl verify` on it and start a new run",
                length=self.length,
            )
        aside = os.open(self.path.with_suffix(".torn"), os.O_WRONLY | _APPEND, 0o600)
        try:
            write_all(aside, tail)
            os.fsync(aside)
        finally:
            os.close(aside)
        os.ftruncate(self._fd, self._bytes)
        os.fsync(self._fd)
        self.torn = tail


def holds_a_record(tail: bytes) -> bool:
    """Whether what follows the last good record is more than what a power cut left of one."""
    return any(_is_record(line) for line in tail.splitlines(keepends=True))


def _is_record(line: bytes) -> bool:
    try:
        read_line(line)
    except EvidenceError:
        return False
    return True
