"""Every window of a sampled signal has exactly one judgement on record, and its features with it."""

from __future__ import annotations

from collections import Counter

from cellctl.evidence.checks.base import Check, verdict
from cellctl.evidence.checks.frames import FrameChecker
from cellctl.evidence.kinds import RecordKind
from cellctl.evidence.record import Record


class WindowChecker:
    """Adds up the windows as the frames are, and counts the features that are on record for them."""

    def __init__(self) -> None:
        self._windows = FrameChecker(RecordKind.WINDOWS, "windows", "no sensor")
        self._judged: Counter[tuple[str, str]] = Counter()
        self._recorded: Counter[tuple[str, str]] = Counter()

    def see(self, record: Record) -> None:
        """Add one record of windows, or of a window's features."""
        self._windows.see(record)
        body = record.body
        if record.kind == RecordKind.FEATURES:
            self._recorded[str(body.get("device")), str(body.get("judgement"))] += 1
        elif record.kind == RecordKind.WINDOWS:
            for judgement, count in dict(body.get("counts", {})).items():
                self._judged[str(body.get("camera")), str(judgement)] += int(count)

    def conclude(self) -> Check:
        """Say whether windows and features add up."""
        check = self._windows.conclude()
        faults = [
            f"{key[0]}: {self._judged[key]} windows {key[1]}, features of {self._recorded[key]} on record"
            for key in sorted({*self._judged, *self._recorded})
            if self._judged[key] != self._recorded[key]
        ]
        return verdict(check.name, faults if check.ok else [check.detail, *faults], check.detail)
