"""How long each stage of the way from light to set-point takes, from the stamps that the messages carry."""

from __future__ import annotations

from collections import deque

from cellctl.hmi.view import StageRow
from cellctl.model import Inspection, Kind, Outcome, WritePhase, WriteResult

KEPT = 2048
"""Durations per stage that the percentiles rest on: the last 50 s of a 40 Hz camera."""

CAMERA = "exposure → received"
INSPECT = "received → judged"
JOURNAL = "exposure → intent on disk"
ACT = "exposure → first move in force"
ORDER = (CAMERA, INSPECT, JOURNAL, ACT)


class StageTimes:
    """Collects durations; negative ones are left out (stamps of different clocks)."""

    def __init__(self) -> None:
        self._ns: dict[str, deque[int]] = {stage: deque(maxlen=KEPT) for stage in ORDER}
        self._max_ns = dict.fromkeys(ORDER, 0)

    def inspection(self, message: Inspection) -> None:
        """A frame was judged."""
        self._add(CAMERA, message.received_ns - message.stamp.t_ns)
        self._add(INSPECT, message.judged_ns - message.received_ns)

    def result(self, message: WriteResult) -> None:
        """A move reached one of its moments."""
        if message.kind is not Kind.STEP or message.outcome is not Outcome.CONFIRMED or not message.exposure_ns:
            return
        if message.phase is WritePhase.DECIDED:
            self._add(JOURNAL, message.intent_ns - message.exposure_ns)
        elif message.phase is WritePhase.FIRST_INCREMENT:
            self._add(ACT, message.stamp.t_ns - message.exposure_ns)

    def rows(self) -> tuple[StageRow, ...]:
        """Median and 99th percentile of the kept durations, maximum of all."""
        return tuple(self._row(stage, sorted(kept)) for stage, kept in self._ns.items() if kept)

    def _row(self, stage: str, ordered: list[int]) -> StageRow:
        n = len(ordered)
        p50, p99 = ordered[n // 2], ordered[min(n - 1, n * 99 // 100)]
        return StageRow(stage, n, p50 / 1e6, p99 / 1e6, self._max_ns[stage] / 1e6)

    def _add(self, stage: str, duration_ns: int) -> None:
        if duration_ns >= 0:
            self._ns[stage].append(duration_ns)
            self._max_ns[stage] = max(self._max_ns[stage], duration_ns)
