"""Checks a run folder from the outside: reads only, trusts nothing in it.

What it can show: the records are those that were sealed, in that order, none changed, inserted or removed.
What it cannot show by itself: that the whole ledger was not written anew by somebody who can compute hashes.
For that, keep the head (the last record's hash) elsewhere and pass it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import msgspec

from cellctl.errors import ConfigError, EvidenceError, Where
from cellctl.evidence.chain import read_chain
from cellctl.evidence.checks import (
    Check,
    Checker,
    ClosingChecker,
    CorrectionChecker,
    EnvelopeChecker,
    FrameChecker,
    ImageChecker,
    IntervalChecker,
    JournalChecker,
    LossChecker,
    OpeningChecker,
    PeopleChecker,
    RegulationChecker,
    ReleaseChecker,
    VerdictChecker,
    WindowChecker,
)
from cellctl.evidence.record import GENESIS, Record
from cellctl.evidence.store import IMAGE_FOLDER, LEDGER_FILE

_HASH = re.compile(r"[0-9a-f]{64}")


class Report(msgspec.Struct, frozen=True):
    """What `verify_run` found.

    Attributes:
        checks: one entry per aspect.
        records: records in the unbroken part of the chain.
        head: hash of the last of them: keep it elsewhere.
    """

    checks: tuple[Check, ...]
    records: int
    head: str

    @property
    def ok(self) -> bool:
        """Whether everything holds."""
        return all(check.ok for check in self.checks)


class HeadChecker:
    """A head that was kept elsewhere is in the chain, so everything up to it is as it was."""

    def __init__(self, head: str) -> None:
        self._head = head
        self._found: int | None = None
        self._after = 0

    def see(self, record: Record) -> None:
        """Look for the head."""
        if self._found is not None:
            self._after += 1
        if record.hash == self._head:
            self._found = record.sequence

    def conclude(self) -> Check:
        """Say whether it was there and how many records it does not cover."""
        if self._found is None:
            return Check("head", False, f"no record has the hash {self._head[:12]}…")
        return Check("head", True, f"record {self._found}; {self._after} later records are not covered by it")


def verify_run(run: Path, *, head: str = "", listen: Callable[[Record], None] = lambda _record: None) -> Report:
    """Check a run folder; ConfigError (CELL-1090, CELL-1091) when there is nothing to check.

    Args:
        run: the folder that holds `ledger.jsonl` and `images/`.
        head: hash of a record, kept elsewhere; checked when given.
        listen: called with every record of the unbroken part of the chain.
    """
    if head and not _HASH.fullmatch(head):
        raise ConfigError("CELL-1091", "expected a head of 64 hex digits, got {head!r}", head=head)
    ledger = run / LEDGER_FILE
    if not ledger.is_file():
        raise ConfigError("CELL-1090", "expected a run folder with {file}", where=Where(str(run)),
                          do="name the folder of a run", file=LEDGER_FILE)  # fmt: skip
    checkers: list[Checker] = [
        OpeningChecker(),
        ImageChecker(run / IMAGE_FOLDER),
        CorrectionChecker(),
        VerdictChecker(),
        ReleaseChecker(),
        EnvelopeChecker(),
        RegulationChecker(),
        PeopleChecker(),
        JournalChecker(run),
        FrameChecker(),
        IntervalChecker(),
        WindowChecker(),
        LossChecker(ledger.with_suffix(".torn")),
        ClosingChecker(),
    ]
    if head:
        checkers.append(HeadChecker(head))
    return _report(ledger, checkers, listen)


def _report(ledger: Path, checkers: list[Checker], listen: Callable[[Record], None]) -> Report:
    last: Record | None = None
    broken = ""
    try:
        for last in read_chain(ledger):
            listen(last)
            for checker in checkers:
                checker.see(last)
    except EvidenceError as error:
        broken = str(error)
    except OSError as error:
        where = Where(str(ledger))
        raise EvidenceError("CELL-4024", "cannot read the ledger: {reason}", where=where, reason=error) from error
    records, head = (last.sequence + 1, last.hash) if last else (0, GENESIS)
    found = f"{broken}; the other checks cover the {records} records before it" if broken else ""
    chain = Check("chain", not broken, found or f"{records} records, unbroken")
    return Report((chain, *(checker.conclude() for checker in checkers)), records, head)
