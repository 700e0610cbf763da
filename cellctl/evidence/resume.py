"""What a restarted plugin needs from its own run: the corrections and the stretches of material on record, in order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from cellctl.errors import EvidenceError
from cellctl.evidence.canonical import restore
from cellctl.evidence.chain import read_chain
from cellctl.evidence.kinds import RecordKind
from cellctl.evidence.store import LEDGER_FILE
from cellctl.model import Correction, Interval

T = TypeVar("T")

BREAKS_OFF = "CELL-4023"
"""The last line has no end: it is being written, or its writer died over it. Nobody has acknowledged it."""


def corrections_on_record(run: Path) -> Iterator[Correction]:
    """Every record of a correction in the run's ledger; none when there is no ledger yet.

    EvidenceError when the ledger is damaged: what is owed cannot be known from it.
    """
    return _on_record(run, RecordKind.CORRECTION, Correction)


def intervals_on_record(run: Path) -> Iterator[Interval]:
    """Every stretch of material in the run's ledger; raises as `corrections_on_record`."""
    return _on_record(run, RecordKind.INTERVAL, Interval)


def _on_record(run: Path, kind: RecordKind, model: type[T]) -> Iterator[T]:
    ledger = run / LEDGER_FILE
    if not ledger.is_file():
        return
    try:
        for record in read_chain(ledger):
            if record.kind == kind:
                yield restore(record.body, model)
    except EvidenceError as error:
        if error.code != BREAKS_OFF:
            raise
