"""A small cell with one loop on the left edge, and the messages it lives on."""

from __future__ import annotations

from typing import Any

import msgspec

from cellctl.clock import NS_PER_S
from cellctl.config.resolved import (
    Defect,
    Escalate,
    GuardRules,
    Influence,
    Loop,
    NonconformityRule,
    Recipe,
    ResolvedCell,
    Setpoint,
    Verify,
    Watch,
    Web,
)
from cellctl.model import (
    CellState,
    DefectObject,
    Inspection,
    Judgement,
    Kind,
    Ne107,
    Outcome,
    PackMLState,
    Proposal,
    Quality,
    Reading,
    Side,
    Stamp,
    TagValue,
    WebRef,
    WebSpan,
    WritePhase,
    WriteResult,
)

LEFT = "plc.blade_load_sp_left"
RIGHT = "plc.blade_load_sp_right"
SPUR, STREAK, AGGLOMERATE = "coat_edge_spur", "streak", "agglomerate"

WATCH = Watch(defect=SPUR, normal=0.02, alarm=0.2, evidence=3.0)
VERIFY = Verify(enabled=True, expect=0.24, risk=0.05, truncate=3.0, settle_m=0.0, speed_tolerance=0.02)
ESCALATE = Escalate(confidence=0.85, consecutive=3, within_m=50.0)


def make_loop(side: Side = Side.LEFT, **changes: Any) -> Loop:
    """The loop of the demo cell on one edge."""
    loop = Loop(
        name="edge_spur",
        side=side,
        authority="auto",
        watch=WATCH,
        tag=LEFT if side is not Side.RIGHT else RIGHT,
        unit="kPa",
        step=1.0,
        tries=2,
        protect=(STREAK,),
        verify=VERIFY,
        escalate=ESCALATE,
        deadline_s=0.8,
    )
    return msgspec.structs.replace(loop, **changes)


def make_setpoint(tag: str, safe: float | None = 20.0) -> Setpoint:
    """Rules of A.7: 20 kPa, 17 … 23 kPa, 2 %/s, 5 % per event."""
    return Setpoint(
        tag=tag,
        unit="kPa",
        recipe=20.0,
        minimum=17.0,
        maximum=23.0,
        slew_per_s=0.4,
        per_event=1.0,
        drift=3.0,
        resolution=0.01,
        safe=safe,
    )


def make_cell(*loops: Loop, safe_state: str = "recipe", splice: str = "plc.splice") -> ResolvedCell:
    """A resolved cell with these loops (one on the left edge by default)."""
    return ResolvedCell(
        id="coater-01",
        path="ACME/SITE1/ELECTRODE/COAT/L1",
        mode="production",
        lot="L1",
        seed=1,
        web=Web(encoder="plc.encoder_pos", speed="plc.web_speed", splice=splice, stations={"wet_camera": 1.5}),
        recipe=Recipe(product="NMC-200", web_speed_m_s=1.0, model="coating.onnx", model_hash="m"),
        devices=(),
        plugins=(),
        defects=(
            Defect(SPUR, "edge dam", {LEFT: Influence(-1.4), RIGHT: Influence(-1.4)}, None),
            Defect(AGGLOMERATE, "mixing", {}, NonconformityRule(count=3, within_m=30.0)),
        ),
        loops=loops or (make_loop(),),
        guard=GuardRules(
            setpoints=tuple(make_setpoint(tag, 20.0 if safe_state == "recipe" else None) for tag in (LEFT, RIGHT)),
            proposal_age_s=0.5,
            evidence_age_s=2.0,
            input_age_s=0.5,
            loops={"edge_spur": (LEFT, RIGHT)},
        ),
    )


def make_object(s_mm: float, number: int = 0, **changes: Any) -> DefectObject:
    """A confident spur on the left edge."""
    side = changes.pop("side", Side.LEFT)
    found = DefectObject(
        id=f"wet_camera-{number or round(s_mm)}",
        defect=SPUR,
        confidence=0.97,
        probabilities=(0.97, 0.03),
        web=WebRef(s_mm=s_mm, y_mm=5.0, side=side, camera="wet_camera"),
        span=WebSpan(s_mm - 1.0, s_mm + 1.0),
        width_mm=1.0,
        area_mm2=1.0,
        contrast=-0.2,
        features=(1.0,),
        roi="r",
        exposure_ns=0,
        first_line_ns=0,
    )
    return msgspec.structs.replace(found, **changes)


def make_inspection(from_mm: float, to_mm: float, *objects: DefectObject, t_ns: int = 0, ok: bool = True) -> Inspection:
    """A judged frame over `[from_mm, to_mm)`; INDETERMINATE unless `ok`."""
    judged = Judgement.NG if objects else Judgement.OK
    return Inspection(
        stamp=Stamp(t_ns),
        trace=7,
        camera="wet_camera",
        frame_id=round(from_mm),
        lost_frames=0,
        span=WebSpan(from_mm, to_mm),
        judgement=judged if ok else Judgement.INDETERMINATE,
        reason="" if ok else "dark",
        objects=tuple(msgspec.structs.replace(found, exposure_ns=t_ns, first_line_ns=t_ns) for found in objects),
        model="m",
        received_ns=t_ns + 5_000_000,
        judged_ns=t_ns + 15_000_000,
    )


def make_reading(t_ns: int, quality: Quality = Quality.GOOD, **values: float) -> Reading:
    """A poll of the PLC; keyword arguments replace values by the tag's short name."""
    latest = {
        "encoder_pos": 0.0,
        "web_speed": 1.0,
        "splice": 0.0,
        "blade_load_sp_left": 20.0,
        "blade_load_sp_right": 20.0,
    } | values
    return Reading(
        stamp=Stamp(t_ns),
        device="plc",
        values=tuple(TagValue(f"plc.{name}", value, "", quality, Ne107.OK, t_ns) for name, value in latest.items()),
    )


def make_state(
    state: PackMLState = PackMLState.EXECUTE, *, epoch: int = 1, safe: bool = False, reason: str = "test"
) -> CellState:
    """A state of the cell."""
    return CellState(stamp=Stamp(0), state=state, epoch=epoch, safe=safe, reason=reason)


def answer(proposal: Proposal, phase: WritePhase, t_ns: int, **changes: Any) -> WriteResult:
    """What the guard reports about a proposal; confirmed unless changed."""
    moved = phase is WritePhase.TARGET
    old = 20.0 if proposal.kind is Kind.STEP else 21.0
    result = WriteResult(
        stamp=Stamp(t_ns),
        transaction=proposal.transaction,
        kind=proposal.kind,
        phase=phase,
        outcome=Outcome.CONFIRMED,
        reason="",
        tag=proposal.tag,
        old=old,
        proposed=proposal.target,
        written=proposal.target if moved else None,
        in_force=proposal.target if moved else None,
        unit=proposal.unit,
        registers="00" if phase is not WritePhase.DECIDED else "",
        encoder_mm=t_ns / NS_PER_S * 1000.0,
        intent_ns=t_ns,
        written_ns=t_ns,
        exposure_ns=proposal.exposure_ns,
        first_line_ns=proposal.first_line_ns,
    )
    return msgspec.structs.replace(result, **changes)
