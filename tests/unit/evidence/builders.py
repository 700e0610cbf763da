"""A small cell and its messages, for the tests of evidence and its recorder."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cellctl.builtin.evidence_recorder import EvidenceRecorder
from cellctl.config.resolved import Escalate, GuardRules, Loop, Recipe, ResolvedCell, Setpoint, Verify, Watch, Web
from cellctl.evidence import LEDGER_FILE, FileStore, Store, record, roi_hash
from cellctl.evidence.canonical import plain
from cellctl.evidence.journal import Journal
from cellctl.model import (
    Correction,
    CurvePoint,
    DefectObject,
    Evidence,
    Inspection,
    Judgement,
    Kind,
    Nonconformity,
    Outcome,
    Proposal,
    RoiImage,
    Side,
    Stamp,
    TransactionState,
    WebRef,
    WebSpan,
    WritePhase,
    WriteResult,
)
from cellctl.model.quality import Quality
from cellctl.testing import Harness
from cellctl.testing.clock import VirtualClock

MS = 1_000_000
TAG = "plc.blade_load_sp_left"
EFFECTIVE_PATH = ("PROPOSED", "GUARDED", "WRITTEN", "IN_FORCE", "WAITING", "VERIFYING", "EFFECTIVE")


EXPECT = 0.24
BASELINE_PER_M = 0.4
IMPROVED = ((0.0, 0), (2.0, 1), (15.0, 1))
"""Metres and events of a test that ends in an improvement: LLR 3.13 at a bound of 2.94."""
NOT_IMPROVED = ((0.0, 0), (1.0, 1), (2.0, 2), (3.0, 3))
"""And of one that ends against it: LLR -3.37."""
JOURNAL = "journal-plc.jsonl"


def make_loop(protect: tuple[str, ...] = ("streak",), *, enabled: bool = True) -> Loop:
    """The loop of the left edge."""
    return Loop(
        name="edge_spur",
        side=Side.LEFT,
        authority="auto",
        watch=Watch("coat_edge_spur", 0.02, 0.2, 3.0),
        tag=TAG,
        unit="kPa",
        step=1.0,
        tries=3,
        protect=protect,
        verify=Verify(enabled, EXPECT, 0.05, 3.0, 1.0, 0.02),
        escalate=Escalate(0.9, 3, 10.0),
        deadline_s=0.8,
    )


def make_curve(
    *points: tuple[float, int], baseline_per_m: float = BASELINE_PER_M, expect: float = EXPECT
) -> tuple[CurvePoint, ...]:
    """The curve through these metres and events."""
    return tuple(
        CurvePoint(metres, events, events * math.log(expect) + (1.0 - expect) * baseline_per_m * metres)
        for metres, events in points
    )


def make_cell(loop: Loop | None = None) -> ResolvedCell:
    """One set-point and one loop, no devices."""
    setpoint = Setpoint(TAG, "kPa", 20.0, 17.0, 23.0, 0.4, 1.0, 3.0, 0.01, safe=20.0)
    return ResolvedCell(
        id="coater-01",
        path="ACME/SITE1",
        mode="production",
        lot="LOT-1",
        seed=7,
        web=Web(encoder="plc.encoder_pos", speed="plc.web_speed", splice="", stations={"blade": 0.0}),
        recipe=Recipe("NMC-200", 1.0, "coating.onnx", "ab" * 32),
        devices=(),
        plugins=(),
        defects=(),
        loops=(loop or make_loop(),),
        guard=GuardRules((setpoint,), 0.5, 2.0, 0.5, {}),
    )


def make_image(value: int = 9, rows: int = 4, columns: int = 6) -> RoiImage:
    """A plain grey crop."""
    pixels = bytes([value]) * (rows * columns)
    return RoiImage(stamp=Stamp(1), hash=roi_hash(rows, columns, pixels), rows=rows, columns=columns, pixels=pixels)


def make_object(
    roi: str = "", number: int = 1, s_mm: float = 12_000.0, *, side: Side = Side.LEFT, confidence: float = 0.97
) -> DefectObject:
    """A spur, by default on the left edge and before the move."""
    return DefectObject(
        id=f"wet_camera-{number}",
        defect="coat_edge_spur",
        confidence=confidence,
        probabilities=(confidence, 1.0 - confidence),
        web=WebRef(s_mm, 40.0, side, "wet_camera"),
        span=WebSpan(s_mm - 1.0, s_mm + 1.0),
        width_mm=1.2,
        area_mm2=2.0,
        contrast=-0.4,
        features=(0.1, 0.2),
        roi=roi,
        exposure_ns=10 * MS,
        first_line_ns=0,
    )


def make_inspection(frame: int, *objects: DefectObject, lost: int = 0, reason: str = "") -> Inspection:
    """The judgement of one frame."""
    judgement = Judgement.INDETERMINATE if reason else Judgement.NG if objects else Judgement.OK
    return Inspection(
        stamp=Stamp(frame * 25 * MS),
        camera="wet_camera",
        frame_id=frame,
        lost_frames=lost,
        span=WebSpan(frame * 25.0, (frame + 1) * 25.0),
        judgement=judgement,
        reason=reason,
        objects=objects,
        model="ab" * 32,
        received_ns=frame * 25 * MS + MS,
        judged_ns=frame * 25 * MS + 3 * MS,
    )


def make_correction(state: str = "EFFECTIVE", *, path: tuple[str, ...] = EFFECTIVE_PATH, **changes: Any) -> Correction:
    """A correction in one of its states; by default the whole way to EFFECTIVE."""
    entered = path[: path.index(state) + 1]
    record: dict[str, Any] = {
        "stamp": Stamp(len(entered) * 100 * MS),
        "transaction": "edge_spur-left-1",
        "loop": "edge_spur",
        "defect": "coat_edge_spur",
        "side": Side.LEFT,
        "state": TransactionState(state),
        "reason": "test",
        "rule": "step up",
        "model": "ab" * 32,
        "config": make_cell().hash,
        "lot": "LOT-1",
        "evidence": (Evidence("wet_camera-1", "coat_edge_spur", 0.97, 12_000.0, make_image().hash, (0.1,)),),
        "tag": TAG,
        "unit": "kPa",
        "old": 20.0,
        "proposed": 21.0,
        "written": 21.0,
        "in_force": 21.0,
        "registers": ("0834",),
        "alarm_s_mm": 12_000.0,
        "verify_from_mm": 14_000.0,
        "baseline_per_m": BASELINE_PER_M,
        "curve": make_curve(*IMPROVED) if TransactionState(state).was_effective else (),
        "protected": {"streak": (2, 40.0, 1, IMPROVED[-1][0])},
        "times_ns": {name: (number + 1) * 100 * MS for number, name in enumerate(entered)},
        "exposure_ns": 10 * MS,
        "first_line_ns": 0,
        "first_in_force_ns": 30 * MS,
        "target_in_force_ns": 400 * MS,
    }
    return Correction(**{**record, **changes})


def make_result(phase: WritePhase = WritePhase.TARGET, outcome: Outcome = Outcome.CONFIRMED) -> WriteResult:
    """What the guard reports about `make_correction`."""
    return WriteResult(
        stamp=Stamp(400 * MS),
        transaction="edge_spur-left-1",
        kind=Kind.STEP,
        phase=phase,
        outcome=outcome,
        reason="",
        tag=TAG,
        old=20.0,
        proposed=21.0,
        written=21.0,
        in_force=21.0,
        unit="kPa",
        registers="0834",
        encoder_mm=13_000.0,
        intent_ns=15 * MS,
        written_ns=20 * MS,
        exposure_ns=10 * MS,
        first_line_ns=0,
    )


def make_proposal(**changes: Any) -> Proposal:
    """What the guard was asked before `make_result`."""
    asked: dict[str, Any] = {
        "stamp": Stamp(12 * MS),
        "transaction": "edge_spur-left-1",
        "loop": "edge_spur",
        "kind": Kind.STEP,
        "tag": TAG,
        "target": 21.0,
        "unit": "kPa",
        "epoch": 1,
        "exposure_ns": 10 * MS,
        "first_line_ns": 0,
        "confidence": 0.97,
        "quality": Quality.GOOD,
    }
    return Proposal(**{**asked, **changes})


def write_journal(
    run: Path, *, proposal: Proposal | None = None, result: WriteResult | None = None, t_ns: int = 13 * MS
) -> Path:
    """The guard's journal of `make_correction`: the intent at `t_ns`, then the result."""
    clock = VirtualClock(t_ns)
    journal = Journal(run / JOURNAL, clock, config=make_cell().hash)
    journal.append("intent", {"proposal": plain(proposal or make_proposal()), "old": 20.0})
    clock.advance(0.4)
    journal.append("result", {"result": plain(result or make_result())})
    journal.close()
    return run / JOURNAL


def make_run(run: Path, journal: Callable[[Path], object] = write_journal) -> Path:
    """The folder of a run that was opened, filled and closed, with the guard's journal in it."""
    harness = start_recorder(FileStore(run))
    record_a_run(harness)
    journal(run)
    harness.close()
    return run


def reseal(path: Path, edit: Callable[[record.Record], dict[str, Any] | None]) -> None:
    """Write a ledger or journal anew, as somebody who can compute hashes would; None leaves a record out."""
    sealed: list[record.Record] = []
    for line in path.read_bytes().splitlines(keepends=True):
        old = record.read_line(line)
        body = edit(old)
        if body is not None:
            entry = record.Entry(old.kind, old.t_ns, old.wall, body, old.config)
            previous = sealed[-1].hash if sealed else record.GENESIS
            sealed.append(record.seal(entry, sequence=len(sealed), previous=previous))
    path.write_bytes(b"".join(new.line for new in sealed))


def reseal_corrections(run: Path, **changes: Any) -> None:
    """Write a run's ledger anew with other values in every record of a correction."""
    reseal(run / LEDGER_FILE, lambda old: {**old.body, **plain(changes)} if old.kind == "correction" else old.body)


def make_nonconformity() -> Nonconformity:
    """A report about agglomerates."""
    return Nonconformity(
        stamp=Stamp(5 * MS),
        id="NCR-1",
        defect="agglomerate",
        side=Side.NONE,
        span=WebSpan(60_000.0, 66_000.0),
        cause="slurry mixing",
        reason="3 within 10 m",
        lot="LOT-1",
        evidence=(),
        exposure_ns=5 * MS,
    )


def start_recorder(store: Store, **settings: Any) -> Harness:
    """A recorder that keeps its evidence in `store`."""

    class Recorder(EvidenceRecorder):
        def open_store(self) -> Store:
            return store

    return Harness(Recorder, settings, cell=make_cell(), name="evidence")


def record_a_run(harness: Harness) -> None:
    """Everything that a good run holds: frames, an object with its image, a correction, a nonconformity."""
    image = make_image()
    harness.feed("inspections", make_inspection(0, make_object(image.hash)))
    harness.feed("images", image)
    harness.feed("inspections", make_inspection(1, make_object(number=2, s_mm=16_000.0)))
    for frame in range(2, 6):
        harness.feed("inspections", make_inspection(frame))
    for state in EFFECTIVE_PATH:
        harness.feed("corrections", make_correction(state))
        if state == "IN_FORCE":
            harness.feed("results", make_result())
    harness.feed("nonconformities", make_nonconformity())
    harness.clock.advance(6.0)
    harness.tick()
