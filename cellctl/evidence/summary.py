"""What a run's ledger says of it as a whole: how much was judged, and what became of the rest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import msgspec

from cellctl.evidence.alarms import AlarmCount
from cellctl.evidence.canonical import restore
from cellctl.evidence.coverage import Coverage, Indeterminate
from cellctl.evidence.kinds import RecordKind
from cellctl.evidence.record import Record


@dataclass
class Unjudged:
    """Frames or windows that could not be judged for one kind of reason: how many, and the first of them in words."""

    count: int
    first: str


@dataclass
class DeviceSummary:
    """One camera or sensor.

    Attributes:
        counts: judgement → number of frames or windows.
        lost: how many never came.
        unjudged: kind of reason → how many; the kind is what stands before the first colon.
        inspected_m: material judged OK or NG, m.
        lines: line of a bearing → windows that name it.
    """

    counts: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    unjudged: dict[str, Unjudged] = field(default_factory=dict)
    inspected_m: float = 0.0
    lines: Counter[str] = field(default_factory=Counter)

    def add(self, part: Coverage) -> None:
        """Add one record of what was judged."""
        self.counts.update(part.counts)
        self.lost += sum(last - first + 1 for first, last in part.lost)
        self.inspected_m += part.inspected_m
        for doubt in part.indeterminate:
            self._doubt(doubt)

    def _doubt(self, doubt: Indeterminate) -> None:
        kind = doubt.reason.removeprefix(f"{doubt.origin}: ").partition(":")[0]
        found = self.unjudged.setdefault(kind, Unjudged(0, doubt.reason))
        found.count += doubt.last - doubt.first + 1


class RunSummary:
    """Adds up a run, record by record; what cannot be read is left to the checks.

    Attributes:
        frames: camera → its frames.
        windows: sensor → its windows.
        objects: class → objects.
        records: kind → records.
        corrections: transaction → its latest state.
        advices: transaction → its latest state.
        alarms: that were raised.
    """

    def __init__(self) -> None:
        self.frames: dict[str, DeviceSummary] = {}
        self.windows: dict[str, DeviceSummary] = {}
        self.objects: Counter[str] = Counter()
        self.records: Counter[str] = Counter()
        self.corrections: dict[str, str] = {}
        self.advices: dict[str, str] = {}
        self.alarms = AlarmCount()

    def see(self, record: Record) -> None:
        """Take one record."""
        self.records[record.kind] += 1
        body = record.body
        match record.kind:
            case RecordKind.COVERAGE:
                self._cover(record, self.frames)
            case RecordKind.WINDOWS:
                self._cover(record, self.windows)
            case RecordKind.FEATURES:
                if body.get("bearing"):
                    self.windows.setdefault(str(body.get("device")), DeviceSummary()).lines[str(body["bearing"])] += 1
            case RecordKind.OBJECT:
                self.objects[str(body.get("defect"))] += 1
            case RecordKind.CORRECTION:
                self.corrections[str(body.get("transaction"))] = str(body.get("state"))
            case RecordKind.ALARM:
                self.alarms.see(str(body.get("id")), active=bool(body.get("active")))
            case RecordKind.ADVICE:
                self.advices[str(body.get("transaction"))] = str(body.get("state"))
            case _:
                pass

    def _cover(self, record: Record, devices: dict[str, DeviceSummary]) -> None:
        try:
            part = restore(record.body, Coverage)
        except msgspec.ValidationError:
            return
        devices.setdefault(part.camera, DeviceSummary()).add(part)
