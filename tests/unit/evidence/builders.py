"""A small cell and its messages, for the tests of evidence and its recorder."""

from __future__ import annotations

from typing import Any

from cellctl.builtin.evidence_recorder import EvidenceRecorder
from cellctl.config.resolved import GuardRules, Recipe, ResolvedCell, Setpoint, Web
from cellctl.evidence import Store, roi_hash
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
    RoiImage,
    Side,
    Stamp,
    TransactionState,
    WebRef,
    WebSpan,
    WritePhase,
    WriteResult,
)
from cellctl.testing import Harness

MS = 1_000_000
TAG = "plc.blade_load_sp_left"
EFFECTIVE_PATH = ("PROPOSED", "GUARDED", "WRITTEN", "IN_FORCE", "WAITING", "VERIFYING", "EFFECTIVE")


def make_cell() -> ResolvedCell:
    """One set-point, no devices, no loops."""
    setpoint = Setpoint(TAG, "kPa", 20.0, 17.0, 23.0, 0.4, 1.0, 3.0, 0.01)
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
        loops=(),
        guard=GuardRules((setpoint,), "recipe", 0.5, 2.0, 0.5, ()),
    )


def make_image(value: int = 9, rows: int = 4, columns: int = 6) -> RoiImage:
    """A plain grey crop."""
    pixels = bytes([value]) * (rows * columns)
    return RoiImage(
        stamp=Stamp(1), hash=roi_hash(rows, columns, pixels), rows=rows, columns=columns, pixels=pixels
    )


def make_object(roi: str = "", number: int = 1) -> DefectObject:
    """A spur on the left edge."""
    return DefectObject(
        id=f"wet_camera-{number}",
        defect="coat_edge_spur",
        confidence=0.97,
        probabilities=(0.97, 0.03),
        web=WebRef(12_000.0, 40.0, Side.LEFT, "wet_camera"),
        span=WebSpan(11_999.0, 12_001.0),
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


def make_correction(
    state: str = "EFFECTIVE", *, path: tuple[str, ...] = EFFECTIVE_PATH, **changes: Any
) -> Correction:
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
        "baseline_per_m": 0.4,
        "curve": (CurvePoint(1.0, 0, -0.3), CurvePoint(9.0, 0, -3.0)) if state == "EFFECTIVE" else (),
        "protected": {},
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
    for frame in range(1, 6):
        harness.feed("inspections", make_inspection(frame))
    for state in EFFECTIVE_PATH:
        harness.feed("corrections", make_correction(state))
        if state == "IN_FORCE":
            harness.feed("results", make_result())
    harness.feed("nonconformities", make_nonconformity())
    harness.clock.advance(6.0)
    harness.tick()
