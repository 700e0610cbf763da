"""Every frame and every window has exactly one judgement on record, or is on record as lost."""

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
    """Adds up the coverage records and looks for frames without a judgement, or with two.

    Args:
        kind: of the records that say which were judged.
        noun: what they count.
        nobody: what is said when there are none.
    """

    def __init__(self, kind: RecordKind = RecordKind.COVERAGE, noun: str = "frames", nobody: str = "no camera") -> None:
        self._kind, self._noun, self._nobody = kind, noun, nobody
        self._totals: dict[str, FrameTotals] = {}
        self._faults: list[str] = []

    def see(self, record: Record) -> None:
        """Add one coverage record."""
        if record.kind != self._kind:
            return
        try:
            part = restore(record.body, Coverage)
        except msgspec.ValidationError as error:
            self._faults.append(f"record {record.sequence} cannot be read: {error}")
        else:
            self._totals[part.camera] = self._totals.get(part.camera, FrameTotals()).plus(part)

    def conclude(self) -> Check:
        """Say whether they add up."""
        for device, totals in self._totals.items():
            self._faults += [f"{device}: {fault}" for fault in _faults(totals, self._noun)]
        parts = [f"{device}: {_found(totals)}" for device, totals in sorted(self._totals.items())]
        return verdict(self._noun, self._faults, "; ".join(parts) or self._nobody)


def _faults(totals: FrameTotals, noun: str) -> Iterator[str]:
    if totals.repeated:
        yield f"{totals.repeated} {noun} came twice or out of order"
    if sum(last - first + 1 for first, last in totals.judged) != totals.frames:
        yield f"the number of judgements is not the number of judged {noun}"
    spans = sorted(totals.judged + totals.lost)
    for (_, end), (start, last) in pairwise(spans):
        if start > end + 1:
            yield f"{noun} {end + 1} to {start - 1} have no judgement on record"
        elif start <= end:
            yield f"{noun} {start} to {min(end, last)} have two entries on record"


def _found(totals: FrameTotals) -> str:
    judged = ", ".join(f"{count} {judgement}" for judgement, count in sorted(totals.counts.items()))
    lost = sum(last - first + 1 for first, last in totals.lost)
    return f"{totals.frames} judged ({judged}), {lost} lost"
