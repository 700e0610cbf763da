"""The run was closed by a record that says how much there is, and nothing was lost on the way."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec

from cellctl.evidence.canonical import restore, sha256_hex
from cellctl.evidence.checks.base import Check, verdict
from cellctl.evidence.coverage import Coverage, FrameTotals
from cellctl.evidence.kinds import RecordKind, RunClosed
from cellctl.evidence.record import Record


class ClosingChecker:
    """The last record is `run_closed` and its counts are those of the records before it.

    A chain cannot show that its own tail was cut off; the closing record can. Without it a run may have lost
    its tail to a power cut or to somebody's scissors, so it does not pass.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._totals: dict[str, dict[str, FrameTotals]] = {RecordKind.COVERAGE: {}, RecordKind.WINDOWS: {}}
        self._closed: Record | None = None
        self._faults: list[str] = []

    def see(self, record: Record) -> None:
        """Count one record."""
        if self._closed is not None:
            self._faults.append(f"record {record.sequence} comes after the closing record")
        if record.kind == RecordKind.RUN_CLOSED:
            self._closed = record
            self._compare(record)
        elif record.kind in self._totals:
            self._cover(record, self._totals[record.kind])
        self._counts[record.kind] += 1

    def conclude(self) -> Check:
        """Say whether the run is whole."""
        if self._closed is None:
            self._faults.append("there is no closing record: the tail may be missing")
        return verdict("closed", self._faults, f"{self._counts.total()} records, the last one closes the run")

    def _cover(self, record: Record, totals: dict[str, FrameTotals]) -> None:
        try:
            part = restore(record.body, Coverage)
        except msgspec.ValidationError:
            return  # the check of frames or of windows reports it
        totals[part.camera] = totals.get(part.camera, FrameTotals()).plus(part)

    def _compare(self, record: Record) -> None:
        try:
            stated = restore(record.body, RunClosed)
        except msgspec.ValidationError as error:
            self._faults.append(f"the closing record cannot be read: {error}")
            return
        if stated.counts != dict(self._counts):
            self._faults.append("the closing record counts other records than there are")
        if stated.frames != self._totals[RecordKind.COVERAGE]:
            self._faults.append("the closing record states other frames than the coverage records")
        if stated.windows != self._totals[RecordKind.WINDOWS]:
            self._faults.append("the closing record states other windows than the records of windows")


class LossChecker:
    """Nothing was lost because storage failed; torn tails were put aside and are still there."""

    def __init__(self, torn_file: Path) -> None:
        self._torn_file = torn_file
        self._recovered: list[tuple[int, str]] = []
        self._faults: list[str] = []

    def see(self, record: Record) -> None:
        """Note gaps and recoveries."""
        body = record.body
        if record.kind == RecordKind.GAP:
            self._faults.append(
                f"record {record.sequence}: {body.get('records')} records and {body.get('images')} images "
                "were lost because storage failed"
            )
        elif record.kind == RecordKind.RECOVERED:
            self._recovered.append((int(body.get("bytes", 0)), str(body.get("sha256", ""))))

    def conclude(self) -> Check:
        """Compare what was put aside with what the records say about it."""
        aside = self._torn_file.read_bytes() if self._torn_file.is_file() else b""
        position = 0
        for size, digest in self._recovered:
            if sha256_hex(aside[position : position + size]) != digest:
                self._faults.append(f"{self._torn_file.name} does not hold the torn tail that was put aside")
            position += size
        torn = len(self._recovered)
        found = f"none stored; {torn} torn tails put aside, never acknowledged" if torn else "none"
        return verdict("losses", self._faults, found)
