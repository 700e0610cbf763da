"""Which frames, or which windows, were judged: since the last record of it, and over the run."""

from __future__ import annotations

from collections.abc import Iterator

from cellctl.evidence.coverage import Coverage, CoverageCounter, FrameTotals
from cellctl.evidence.kinds import RecordKind


class Judged:
    """Keeps count for every camera, or every sensor.

    Args:
        kind: of the records that say so.
    """

    def __init__(self, kind: RecordKind) -> None:
        self.kind = kind
        self.totals: dict[str, FrameTotals] = {}
        self._counters: dict[str, CoverageCounter] = {}

    def of(self, device: str) -> CoverageCounter:
        """The counter of a camera or sensor; after a restart it goes on behind what is on record."""
        if device not in self._counters:
            self._counters[device] = CoverageCounter(device, _last(self.totals.get(device)))
        return self._counters[device]

    def take(self) -> Iterator[Coverage]:
        """What came since the last call, device by device, added to the totals."""
        for counter in self._counters.values():
            part = counter.take()
            if part is not None:
                self.add_up(part)
                yield part

    def add_up(self, part: Coverage) -> None:
        """Add one record to the totals."""
        self.totals[part.camera] = self.totals.get(part.camera, FrameTotals()).plus(part)


def _last(totals: FrameTotals | None) -> int:
    return max((last for _, last in totals.judged), default=-1) if totals else -1
