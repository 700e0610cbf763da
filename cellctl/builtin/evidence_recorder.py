"""The evidence recorder: everything a correction rests on, on disk before it counts."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from platform import python_version
from typing import Annotated, Any

import msgspec
from pydantic import Field

from cellctl.config.resolved import ResolvedCell
from cellctl.errors import EvidenceError
from cellctl.evidence import (
    Coverage,
    Entry,
    FileStore,
    Judged,
    MemoryStore,
    Readings,
    RecordKind,
    RunClosed,
    RunOpened,
    Store,
    check_image,
    sha256_hex,
)
from cellctl.evidence.canonical import plain, restore
from cellctl.evidence.kinds import FORMAT
from cellctl.model import (
    Advice,
    Alarm,
    CellChange,
    Correction,
    Escalation,
    Features,
    Inspection,
    Instruction,
    Interval,
    Label,
    Message,
    Nonconformity,
    Priority,
    Reading,
    Regulation,
    RoiImage,
    Stamp,
    TransactionState,
    WriteResult,
)
from cellctl.sdk import Input, Keeping, Output, Plugin, PluginSettings, every, on
from cellctl.units import Seconds

FLUSH_S = 0.1
ALARM_ID = "evidence.storage"
WHOLE_WAITING = 16
"""Whole frames kept in memory while storage fails: some 8 MB each, so that they cannot fill it."""
DISTRIBUTIONS = ("cellctl", "numpy", "onnxruntime", "pyzmq", "pymodbus", "msgspec", "pillow")


class EvidenceRecorder(Plugin):
    """Keeps a run's evidence in its folder: ledger and images.

    Corrections, write results, advices, questions and answers, orders, changes of the cell's state, nonconformities and
    alarms are stored at once;
    objects, images, features, coverage and readings share one sync every 0.1 s. While storage fails everything waits
    here (up to `waiting`), an alarm stands, and what had to be dropped is itself put on record.
    """

    class Settings(PluginSettings):
        """Settings of the recorder."""

        coverage_every: Annotated[Seconds, Field(gt=0, description="Period of the coverage and readings records")] = 5.0
        waiting: Annotated[int, Field(ge=1, description="Records kept while storage fails")] = 10_000

    inspections = Input(Inspection)
    features = Input(Features)
    images = Input(RoiImage)
    corrections = Input(Correction)
    results = Input(WriteResult)
    nonconformities = Input(Nonconformity)
    alarms = Input(Alarm)
    advices = Input(Advice)
    escalations = Input(Escalation)
    labels = Input(Label)
    changes = Input(CellChange)
    instructions = Input(Instruction)
    regulations = Input(Regulation)
    readings = Input(Reading)
    intervals = Input(Interval)
    storage_alarms = Output(Alarm)

    def start(self) -> None:
        """Open the run's store; EvidenceError when there is none: no evidence, no run."""
        self._entries: list[Entry] = []
        self._images: list[RoiImage] = []
        self._dropped = {"records": 0, "images": 0}
        self._failing = False
        self._frames, self._windows = Judged(RecordKind.COVERAGE), Judged(RecordKind.WINDOWS)
        self._said: dict[str, tuple[TransactionState, str]] = {}
        self._kept_tags = kept_tags(self.cell)
        self._config = self.cell.hash
        self._readings: dict[str, Reading] = {}
        self._covered_ns = self.clock.now_ns()
        self._store = self.open_store()
        try:
            self._open_run()
        except EvidenceError:
            self._store.close()
            raise

    @property
    def store(self) -> Store:
        """Where this run's evidence is."""
        return self._store

    def open_store(self) -> Store:
        """Where evidence goes, as safely as the host wants it kept."""
        if self.context.keeping is Keeping.MEMORY:
            return MemoryStore()
        return FileStore(self.context.run_dir, sync=self.context.keeping is Keeping.DISK)

    @on(inspections)
    def inspection(self, message: Inspection) -> None:
        """Note the frame's judgement and keep its objects."""
        self._frames.of(message.camera).see(message)
        for found in message.objects:
            self._add(RecordKind.OBJECT, {**plain(found), **_seen(message)})

    @on(features)
    def window(self, message: Features) -> None:
        """Keep a window's features and note its judgement, with the next sync."""
        self._windows.of(message.device).see_window(message)
        self._add(RecordKind.FEATURES, plain(message))

    @on(images)
    def image(self, message: RoiImage) -> None:
        """Keep an image, unless its pixels are not what its hash says."""
        try:
            check_image(message)
        except EvidenceError as error:
            self._add(RecordKind.IMAGE_REFUSED, {"hash": message.hash, "reason": str(error)})
            return
        whole = message.whole is not None and sum(it.whole is not None for it in self._images) >= WHOLE_WAITING
        if whole or len(self._images) >= self.settings.waiting:
            self._dropped["images"] += 1
        else:
            self._images.append(message)
            if message.whole is not None:
                self._add(RecordKind.FRAME_KEPT, {**plain(message.whole), "roi": message.hash})

    @on(corrections)
    def correction(self, message: Correction) -> None:
        """Keep the whole record at every change of its state, or of what is said of it, at once."""
        said = (message.state, message.reason)
        if self._said.get(message.transaction) != said:
            self._said[message.transaction] = said
            self._keep(RecordKind.CORRECTION, message)

    @on(results)
    def result(self, message: WriteResult) -> None:
        """Keep what became of a write, at once."""
        self._keep(RecordKind.RESULT, message)

    @on(nonconformities)
    def nonconformity(self, message: Nonconformity) -> None:
        """Keep a nonconformity report, at once."""
        self._keep(RecordKind.NONCONFORMITY, message)

    @on(alarms)
    def alarm(self, message: Alarm) -> None:
        """Keep an alarm, at once."""
        self._keep(RecordKind.ALARM, message)

    @on(regulations)
    def regulation(self, message: Regulation) -> None:
        """Keep how a regulator held its characteristic, with the next sync."""
        self._add(RecordKind.REGULATION, plain(message))

    @on(readings)
    def reading(self, message: Reading) -> None:
        """Remember the latest values of a device; this comes with every poll, so it does nothing else."""
        self._readings[message.device] = message

    @on(intervals)
    def interval(self, message: Interval) -> None:
        """Keep which metres belong to which lot, at once."""
        self._keep(RecordKind.INTERVAL, message)

    @on(advices)
    def advice(self, message: Advice) -> None:
        """Keep what a loop would have done, and what became of the rate, at once."""
        self._keep(RecordKind.ADVICE, message)

    @on(escalations)
    def escalation(self, message: Escalation) -> None:
        """Keep a question to an expert, at once."""
        self._keep(RecordKind.ESCALATION, message)

    @on(labels)
    def label(self, message: Label) -> None:
        """Keep what an expert answered, at once."""
        self._keep(RecordKind.LABEL, message)

    @on(changes)
    def change(self, message: CellChange) -> None:
        """Keep that the cell's state changed, why and by whom, at once."""
        self._keep(RecordKind.STATE, message)

    @on(instructions)
    def instruct(self, message: Instruction) -> None:
        """Keep what a person ordered, at once."""
        self._keep(RecordKind.INSTRUCTION, message)

    @every(FLUSH_S)
    def tick(self) -> None:
        """Store what waits; from time to time state which frames were judged."""
        if self.clock.now_ns() - self._covered_ns >= self.settings.coverage_every * 1e9:
            self._cover()
        self._flush()

    def stop(self) -> None:
        """Close the run with a record that says how much there is, here and in the guard's journals.

        The processes that write those have ended by then: the supervisor stops them first.
        """
        self._cover()
        self._flush()
        self._flush()  # the first one may have ended a storage alarm, which is a record itself
        if not self._failing:
            closed = RunClosed(
                counts=dict(self._store.counts), frames=self._frames.totals, journals=dict(self._store.journals()),
                windows=self._windows.totals,
            )  # fmt: skip
            self._add(RecordKind.RUN_CLOSED, plain(closed))
            self._flush()
        self._store.close()

    def _open_run(self) -> None:
        """Write the opening record, or go on in a run whose recorder was restarted."""
        if self._store.counts.get(RecordKind.RUN_CLOSED):
            raise EvidenceError("CELL-4027", "this run is closed", do="start a new run in another folder")
        if self._store.torn:
            torn = {"bytes": len(self._store.torn), "sha256": sha256_hex(self._store.torn)}
            self._add(RecordKind.RECOVERED, torn)
        if self._store.counts.get(RecordKind.RUN_OPENED):
            self._resume()
        else:
            self._entries.insert(0, self._entry(RecordKind.RUN_OPENED, self._opening()))
        self._store.append(self._entries)
        self._entries = []

    def _opening(self) -> dict[str, Any]:
        cell = self.cell
        opened = RunOpened(
            cell=cell.id,
            config=msgspec.json.decode(cell.to_json()),
            config_hash=self._config,
            model_hash=cell.recipe.model_hash,
            seed=cell.seed,
            versions=_versions(),
            format=FORMAT,
        )
        body: dict[str, Any] = plain(opened)
        return body

    def _resume(self) -> None:
        """Take the frame totals and what was said of the corrections from the records so far."""
        for record in self._store.history():
            if record.kind == RecordKind.COVERAGE:
                self._frames.add_up(restore(record.body, Coverage))
            elif record.kind == RecordKind.WINDOWS:
                self._windows.add_up(restore(record.body, Coverage))
            elif record.kind == RecordKind.CORRECTION:
                body = record.body
                self._said[body["transaction"]] = (TransactionState(body["state"]), str(body["reason"]))
        self._add(RecordKind.RUN_RESUMED, {"versions": _versions()})

    def _cover(self) -> None:
        self._covered_ns = self.clock.now_ns()
        for judged in (self._frames, self._windows):
            for part in judged.take():
                self._add(judged.kind, plain(part))
        for message in self._readings.values():
            self._add(RecordKind.READINGS, plain(_readings(message, self._kept_tags)))
        self._readings = {}

    def _keep(self, kind: RecordKind, message: Message) -> None:
        self._add(kind, plain(message))
        self._flush()

    def _add(self, kind: RecordKind, body: dict[str, Any]) -> None:
        if len(self._entries) >= self.settings.waiting:
            self._dropped["records"] += 1
        else:
            self._entries.append(self._entry(kind, body))

    def _entry(self, kind: RecordKind, body: dict[str, Any]) -> Entry:
        wall = self.clock.wall().isoformat(timespec="milliseconds")
        return Entry(kind.value, self.clock.now_ns(), wall, body, self._config)

    def _flush(self) -> None:
        """Store images, then records; what storage refuses stays here for the next try."""
        try:
            self._flush_images()
            self._flush_entries()
        except EvidenceError as error:
            self._report(failing=True, text=f"Evidence cannot be stored: {error}")
        else:
            self._report(failing=False, text="Evidence is stored again")

    def _flush_images(self) -> None:
        while self._images:
            stored = self._store.put(self._images[0])
            del self._images[0]
            if stored is not None:
                self._add(RecordKind.IMAGE, plain(stored))

    def _flush_entries(self) -> None:
        if self._entries:
            self._store.append(self._entries)
            self._entries = []
        if any(self._dropped.values()):
            self._store.append([self._entry(RecordKind.GAP, dict(self._dropped))])
            self._dropped = {"records": 0, "images": 0}

    def _report(self, *, failing: bool, text: str) -> None:
        """Raise the storage alarm, or return it to normal, when that is new."""
        if failing == self._failing:
            return
        self._failing = failing
        alarm = Alarm(
            stamp=Stamp(self.clock.now_ns()), id=ALARM_ID, active=failing, priority=Priority.HIGH, text=text, holds=True
        )
        self.storage_alarms.send(alarm)
        self._add(RecordKind.ALARM, plain(alarm))


def kept_tags(cell: ResolvedCell) -> frozenset[str]:
    """The tags whose values are put on record: what the loops move, hold, follow and must not exceed, and the web's."""
    web = cell.web
    tags = {web.encoder, web.speed, web.splice, *(point.tag for point in cell.guard.setpoints)}
    for characteristic in cell.characteristics:
        tags |= {characteristic.tag, characteristic.position}
    for regulator in cell.regulators:
        tags |= {part.tag for part in regulator.inputs} | {part.tag for part in regulator.feed_forward}
        tags |= {part.tag for part in regulator.limits}
    return frozenset(tags - {""})


def _readings(message: Reading, kept: frozenset[str]) -> Readings:
    values = [value for value in message.values if value.tag in kept]
    return Readings(
        device=message.device,
        t_ns=message.stamp.t_ns,
        values={value.tag: (value.value, value.unit) for value in values if value.quality.is_good},
        doubtful={value.tag: value.quality.name for value in values if not value.quality.is_good},
    )


def _seen(message: Inspection) -> dict[str, Any]:
    """Where and when the objects of a frame were seen, for their records."""
    seen = {
        "camera": message.camera,
        "frame_id": message.frame_id,
        "received_ns": message.received_ns,
        "judged_ns": message.judged_ns,
    }
    return {**seen, "origin": message.origin} if message.origin else seen


def _versions() -> dict[str, str]:
    found = {"python": python_version()}
    for name in DISTRIBUTIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
