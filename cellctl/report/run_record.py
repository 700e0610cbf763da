"""Reads a run's folder into typed values: the unbroken part of the ledger, and the intents of the journals.

The chain is followed once, by `verify_run`, which hands on every record that it found unbroken. What cannot be read is
counted, never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from cellctl.clock import VIRTUAL_EPOCH
from cellctl.config.resolved import ResolvedCell
from cellctl.errors import EvidenceError
from cellctl.evidence import (
    IMAGE_FOLDER,
    Coverage,
    Readings,
    Record,
    RecordKind,
    Report,
    RunClosed,
    RunOpened,
    verify_run,
)
from cellctl.evidence.canonical import restore
from cellctl.evidence.images import SUFFIX, read_image
from cellctl.evidence.journal import JOURNAL_FILES
from cellctl.model import (
    Advice,
    Alarm,
    CellChange,
    Correction,
    DefectObject,
    Escalation,
    Features,
    Instruction,
    Interval,
    Kind,
    Label,
    Nonconformity,
    Regulation,
    WriteResult,
)
from cellctl.report.numbers import drawable

NS_PER_US, NS_PER_S = 1000, 1e9
ROUNDED_NS = 2_000_000
"""A record's wall time has milliseconds."""
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class Line(msgspec.Struct, frozen=True):
    """The parts of a journal's record that a report reads."""

    sequence: int
    kind: str
    t_ns: int
    body: dict[str, Any]


class Seen(msgspec.Struct, frozen=True):
    """An object, who saw it, and when its frame was received and judged (0 when that is not on record)."""

    object: DefectObject
    camera: str
    received_ns: int
    judged_ns: int


class Intent(msgspec.Struct, frozen=True):
    """An intent in a journal: which file, which record of it, and when it was stored."""

    file: str
    sequence: int
    t_ns: int


@dataclass
class RunRecord:
    """What a run's folder tells.

    Attributes:
        folder: of the run.
        report: what the check of the evidence found.
        opened: the first record, None when it cannot be read.
        cell: the configuration, None when it cannot be read.
        closed: the last record, None when the run was never closed.
        begin_ns: monotonic time of the first record.
        end_ns: and of the last.
        wall: wall time of the first record, None when it cannot be read.
        covered: (time of the record, coverage), in order.
        windows: of vibration signals with their judgement, in order.
        readings: in order.
        seen: object id → object.
        corrections: transaction → its last record.
        advices: transaction → its last record.
        advised_ns: transaction → when the advice was given.
        results: in order.
        intents: (transaction, kind) → its first intent in a journal.
        alarms: in order; also questions, labels, changes of the cell's state, orders, nonconformities and regulations.
        intervals: which metres belong to which lot and recipe, in order.
        resumed: how often the recorder was started again.
        unreadable: records that this version cannot read.
    """

    folder: Path
    report: Report = field(default_factory=lambda: Report((), 0, ""))
    opened: RunOpened | None = None
    cell: ResolvedCell | None = None
    closed: RunClosed | None = None
    begin_ns: int = 0
    end_ns: int = 0
    wall: datetime | None = None
    covered: list[tuple[int, Coverage]] = field(default_factory=list)
    windows: list[Features] = field(default_factory=list)
    readings: list[Readings] = field(default_factory=list)
    seen: dict[str, Seen] = field(default_factory=dict)
    corrections: dict[str, Correction] = field(default_factory=dict)
    advices: dict[str, Advice] = field(default_factory=dict)
    advised_ns: dict[str, int] = field(default_factory=dict)
    results: list[WriteResult] = field(default_factory=list)
    intents: dict[tuple[str, str], Intent] = field(default_factory=dict)
    alarms: list[Alarm] = field(default_factory=list)
    escalations: list[Escalation] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    states: list[CellChange] = field(default_factory=list)
    instructions: list[Instruction] = field(default_factory=list)
    nonconformities: list[Nonconformity] = field(default_factory=list)
    regulations: list[Regulation] = field(default_factory=list)
    intervals: list[Interval] = field(default_factory=list)
    resumed: int = 0
    unreadable: int = 0

    @property
    def is_virtual(self) -> bool:
        """Whether the run was made in virtual time: against a world, or, with no world on record, over files."""
        if self.has_world or self.wall is None:
            return self.has_world
        since_ns = (self.wall - VIRTUAL_EPOCH) // timedelta(microseconds=1) * NS_PER_US
        return abs(since_ns - self.begin_ns) < ROUNDED_NS

    @property
    def has_world(self) -> bool:
        """Whether a world stood in for the devices."""
        return self.cell is not None and self.cell.world is not None

    def at(self, t_ns: int) -> datetime | None:
        """Wall time of a monotonic time of this run."""
        return self.wall + timedelta(microseconds=(t_ns - self.begin_ns) / NS_PER_US) if self.wall else None

    @property
    def end_unix_ns(self) -> int:
        """When the run ended, ns since 1970; 0 when that cannot be read."""
        end = self.at(self.end_ns)
        return 0 if end is None else round((end - EPOCH).total_seconds()) * 1_000_000_000

    def image(self, name: str) -> bytes | None:
        """The PNG file of a stored image; None when there is none, or it is not the one that was stored."""
        path = self.folder / IMAGE_FOLDER / f"{name}{SUFFIX}"
        try:
            return path.read_bytes() if name.isalnum() and read_image(path).hash == name else None
        except (EvidenceError, OSError):
            return None


def read_run(folder: Path) -> RunRecord:
    """Check a run's evidence and read it; ConfigError (CELL-1090) when there is no ledger."""
    run = RunRecord(folder)
    run.report = verify_run(folder, listen=partial(_hear, run))
    _read_intents(run)
    return run


def _hear(run: RunRecord, line: Record) -> None:
    """Take one record of the unbroken chain."""
    if run.wall is None:
        run.begin_ns, run.wall = line.t_ns, _wall(line.wall)
    run.end_ns = max(run.end_ns, line.t_ns)
    take = TAKE.get(line.kind)
    try:
        if take is not None:
            take(run, line)
    except (msgspec.ValidationError, KeyError, TypeError, ValueError, OverflowError):
        run.unreadable += 1


def _wall(text: str) -> datetime | None:
    try:
        wall = datetime.fromisoformat(text)
    except ValueError:
        return None
    return wall if wall.tzinfo else None


def _opened(run: RunRecord, line: Record) -> None:
    run.opened = restore(line.body, RunOpened)
    if not drawable(*_floats(run.opened.config)):
        raise ValueError("a configuration never holds such numbers")
    run.cell = restore(run.opened.config, ResolvedCell)


def _floats(node: Any) -> Iterator[float]:
    """Every number below a node; "NaN" and "Infinity" are how a record writes what is none."""
    if isinstance(node, dict | list):
        for item in node.values() if isinstance(node, dict) else node:
            yield from _floats(item)
    elif isinstance(node, float) or node in {"NaN", "Infinity", "-Infinity"}:
        yield float(node)


def _closed(run: RunRecord, line: Record) -> None:
    run.closed = restore(line.body, RunClosed)


def _object(run: RunRecord, line: Record) -> None:
    body = line.body
    found = restore(body, DefectObject)
    times = int(body.get("received_ns", 0)), int(body.get("judged_ns", 0))
    run.seen[found.id] = Seen(found, str(body["camera"]), *times)


def _correction(run: RunRecord, line: Record) -> None:
    correction = restore(line.body, Correction)
    run.corrections[correction.transaction] = correction


def _advice(run: RunRecord, line: Record) -> None:
    advice = restore(line.body, Advice)
    run.advices[advice.transaction] = advice
    run.advised_ns.setdefault(advice.transaction, advice.stamp.t_ns)


def _drawable(reading: Readings) -> Readings:
    """A reading without the values that no chart can show."""
    if not drawable(reading.t_ns / NS_PER_S):
        raise ValueError("no clock shows such a time")
    values = {tag: shown for tag, shown in reading.values.items() if drawable(shown[0])}
    return msgspec.structs.replace(reading, values=values)


def _resumed(run: RunRecord, _: Record) -> None:
    run.resumed += 1


TAKE: dict[str, Callable[[RunRecord, Record], None]] = {
    RecordKind.RUN_OPENED: _opened,
    RecordKind.RUN_RESUMED: _resumed,
    RecordKind.RUN_CLOSED: _closed,
    RecordKind.OBJECT: _object,
    RecordKind.CORRECTION: _correction,
    RecordKind.ADVICE: _advice,
    RecordKind.COVERAGE: lambda run, line: run.covered.append((line.t_ns, restore(line.body, Coverage))),
    RecordKind.FEATURES: lambda run, line: run.windows.append(restore(line.body, Features)),
    RecordKind.READINGS: lambda run, line: run.readings.append(_drawable(restore(line.body, Readings))),
    RecordKind.RESULT: lambda run, line: run.results.append(restore(line.body, WriteResult)),
    RecordKind.ALARM: lambda run, line: run.alarms.append(restore(line.body, Alarm)),
    RecordKind.ESCALATION: lambda run, line: run.escalations.append(restore(line.body, Escalation)),
    RecordKind.LABEL: lambda run, line: run.labels.append(restore(line.body, Label)),
    RecordKind.STATE: lambda run, line: run.states.append(restore(line.body, CellChange)),
    RecordKind.INSTRUCTION: lambda run, line: run.instructions.append(restore(line.body, Instruction)),
    RecordKind.NONCONFORMITY: lambda run, line: run.nonconformities.append(restore(line.body, Nonconformity)),
    RecordKind.REGULATION: lambda run, line: run.regulations.append(restore(line.body, Regulation)),
    RecordKind.INTERVAL: lambda run, line: run.intervals.append(restore(line.body, Interval)),
}
"""What a record of each kind adds; other kinds say nothing that a report shows."""


def _read_intents(run: RunRecord) -> None:
    """The first intent of each correction's moves; regulators make hundreds of moves that no page lists."""
    decoder = msgspec.json.Decoder(Line)
    for path in sorted(run.folder.glob(JOURNAL_FILES)):
        with path.open("rb") as file:
            for raw in file:
                try:
                    _intent(run, path.name, decoder.decode(raw))
                except (msgspec.DecodeError, KeyError, TypeError, ValueError):
                    break  # a torn or damaged line: the check of the journals says so


def _intent(run: RunRecord, file: str, line: Line) -> None:
    if line.kind == "intent" and (proposal := line.body["proposal"])["kind"] != Kind.REGULATE:
        key = str(proposal["transaction"]), str(proposal["kind"])
        run.intents.setdefault(key, Intent(file, line.sequence, line.t_ns))
