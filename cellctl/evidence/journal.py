"""The guard's journal: what it meant to do is on disk before it does it.

One ledger file of its own (see `Ledger`: hash chain, fdatasync, torn last line), with one kind of entry per
moment. `append` returns when the record is on disk; it blocks, so a host calls it from a thread of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cellctl.clock import Clock, MonotonicClock
from cellctl.errors import EvidenceError
from cellctl.evidence.chain import read_chain
from cellctl.evidence.kinds import JournalEnd
from cellctl.evidence.ledger import Ledger, holds_a_record
from cellctl.evidence.record import GENESIS, Entry, Record

JOURNAL_FILES = "journal-*.jsonl"
"""One journal for each process that moves set-points, in the run's folder."""


class Journal:
    """Opens or continues a journal; one writer at a time.

    Raises EvidenceError as `Ledger` does: CELL-4021, CELL-4022 when records are damaged or missing, CELL-4024
    when it cannot be opened, CELL-4026 when another process writes it.

    Args:
        path: of the file.
        clock: of the records.
        sync: as of `Ledger`.
        config: SHA-256 of the resolved configuration, which goes into every record.

    Attributes:
        torn: bytes of a last line that a power cut left half-written; it never counted as stored.
    """

    def __init__(self, path: Path, clock: Clock | None = None, *, sync: bool = True, config: str = "") -> None:
        self._ledger = Ledger(path, sync=sync)
        self._clock = clock or MonotonicClock()
        self._config = config
        self.torn = self._ledger.torn

    def append(self, kind: str, body: dict[str, Any]) -> Record:
        """Store one record; EvidenceError (CELL-4025) when it is not on disk."""
        entry = Entry(kind, self._clock.now_ns(), self._clock.wall().isoformat(), body, self._config)
        return self._ledger.append([entry])[0]

    def records(self) -> list[Record]:
        """All records stored so far, read back from the file."""
        return list(read_chain(self._ledger.path))

    def close(self) -> None:
        """Release the file."""
        self._ledger.close()

    @staticmethod
    def read(path: Path) -> Iterator[Record]:
        """Records of a journal that nobody writes, up to what a power cut left of the last line.

        Raises EvidenceError CELL-4021 or CELL-4022 for damage anywhere else.
        """
        read = 0
        try:
            for record in read_chain(path):
                read += len(record.line)
                yield record
        except EvidenceError:
            if holds_a_record(path.read_bytes()[read:]):
                raise


def journal_ends(run: Path) -> dict[str, JournalEnd]:
    """File name → where each journal of a run ends; nobody may write them any more.

    A damaged journal ends before the damage: whoever compares sees that more follows, or that it is damaged.
    """
    return {path.name: _end(path) for path in sorted(run.glob(JOURNAL_FILES))}


def _end(path: Path) -> JournalEnd:
    end = JournalEnd(0, GENESIS)
    try:
        for record in read_chain(path):
            end = JournalEnd(record.sequence + 1, record.hash)
    except (EvidenceError, OSError):
        return end  # `verify` meets the same damage and says so
    return end
