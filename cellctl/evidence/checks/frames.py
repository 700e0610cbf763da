"""Every frame has exactly one judgement on record, or is on record as lost."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import msgspec

from cellctl.evidence.canonical import restore
from cellctl.evidence.checks.base import Check, verdict
from cellctl.evidence.coverage import Coverage, FrameTotals
from cellctl.evidence.kinds import RecordKind
from cellctl.evidence.record import Record


class FrameChecker:
    """Adds up the coverage records and looks for frames without a judgement, or with two."""

    def __init__(self) -> None:
        self._totals: dict[str, FrameTotals] = {}
        self._faults: list[str] = []

    def see(self, record: Record) -> None:
        """Add one coverage record."""
        if record.kind != RecordKind.COVERAGE:
            return
        try:
            part = restore(record.body, Coverage)
        except msgspec.ValidationError as error:
            self._faults.append(f"record {record.sequence} cannot be read: {error}")
        else:
            self._totals[part.camera] = self._totals.get(part.camera, FrameTotals()).plus(part)

    def conclude(self) -> Check:
        """Say whether the frames add up."""
        for camera, totals in self._totals.items():
            self._faults += [f"{camera}: {fault}" for fault in _faults(totals)]
        parts = [f"{camera}: {_found(totals)}" for camera, totals in sorted(self._totals.items())]
        return verdict("frames", self._faults, "; ".join(parts) or "no camera")


def _faults(totals: FrameTotals) -> Iterator[str]:
    if totals.repeated:
        yield f"{totals.repeated} frames came twice or out of order"
    if sum(last - first + 1 for first, last in totals.judged) != totals.frames:
        yield "the number of judgements is not the number of judged frames"
    spans = sorted(totals.judged + totals.lost)
    for (_, end), (start, last) in pairwise(spans):
        if start > end + 1:
            yield f"frames {end + 1} to {start - 1} have no judgement on record"
        elif start <= end:
            yield f"frames {start} to {min(end, last)} have two entries on record"


def _found(totals: FrameTotals) -> str:
    judged = ", ".join(f"{count} {judgement}" for judgement, count in sorted(totals.counts.items()))
    lost = sum(last - first + 1 for first, last in totals.lost)
    return f"{totals.frames} judged ({judged}), {lost} lost"
