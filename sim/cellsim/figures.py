"""The figures of a trial: what the cell claims, beside what the line knows to be true."""

from __future__ import annotations

from typing import Any

from cellctl.model import Correction, Evidence, Nonconformity, Side
from cellctl.runtime.histogram import Histogram, Summary
from cellsim.trial import Outcomes

MATCH_MM = 20.0
"""An object counts as seen where a true one lies no farther along the web: three spurs' half-lengths."""
LATE_SHARE = 0.001
"""With more late blocks than this the simulator itself was too slow, and the run is INVALID."""
FIXABLE = "coat_edge_spur"
NS_PER_MS = 1e6
INSPECTOR = "inspect"
AGE = "frames.age"
"""Stage of the inspector's worker: from a frame's exposure to the end of its inspection, of every frame."""


def percentiles(histogram: Histogram) -> dict[str, float | int]:
    """Rounded percentiles, ms."""
    return rounded(histogram.summary())


def rounded(found: Summary) -> dict[str, float | int]:
    """Percentiles as they are written down, ms."""
    return {
        "p50": round(found.p50, 2),
        "p99": round(found.p99, 2),
        "p999": round(found.p999, 2),
        "max": round(found.max, 2),
        "n": found.n,
    }


def frame_figures(outcomes: Outcomes) -> dict[str, Any]:
    """Frames by id: what the camera produced, the driver received and the ledger holds a judgement of."""
    streams = outcomes.line["streams"]
    produced = [[stream["first_id"], stream["first_id"] + stream["produced"] - 1] for stream in streams]
    judged = outcomes.judged.get("wet_camera", [])
    camera = outcomes.beats.get("wet_camera")
    received = int(camera.notes.get("received", 0)) if camera else 0
    lost_here = int(camera.notes.get("no_slot", 0)) if camera else 0
    on_links = sum(
        counts.get("dropped", 0) + counts.get("superseded", 0) + counts.get("stale", 0)
        for beat in outcomes.beats.values()
        for name, counts in beat.counts.items()
        if ".frames →" in name
    )
    count = sum(last - first + 1 for first, last in judged)
    return {
        "produced": outcomes.line["produced"],
        "received": received,
        "judged": count,
        "dropped": outcomes.line["dropped"] + outcomes.line["withheld"] + lost_here + on_links,
        "equal_by_id": produced == judged,
        "age_ms": _age(outcomes, count),
    }


def _age(outcomes: Outcomes, judged: int) -> dict[str, Any]:
    """Age of the frames when their inspection was done, as the inspector itself measured it.

    It is `valid` only when it knows of every frame that the ledger holds a judgement of.
    """
    beat = outcomes.beats.get(INSPECTOR)
    age = beat.stages.get(AGE) if beat else None
    found = age or Summary(0, 0.0, 0.0, 0.0, 0.0)
    return {**rounded(found), "valid": found.n == judged > 0}


def simulator_figures(outcomes: Outcomes) -> dict[str, Any]:
    """Whether the simulator itself kept its times."""
    produced = max(1, outcomes.line["produced"])
    return {
        "late": outcomes.line["late"],
        "late_share": round(outcomes.line["late"] / produced, 6),
        "max_late_ms": outcomes.line["max_late_ms"],
        "cpu_cores": outcomes.line["cpu_cores"],
        "valid": outcomes.line["complete"] and outcomes.line["late"] <= LATE_SHARE * produced,
    }


def machine_figures(outcomes: Outcomes) -> dict[str, Any]:
    """How late this machine woke the probe during the run."""
    seen = outcomes.lateness
    return {
        "noisy": seen.noisy,
        "wakes": seen.wakes,
        "late_over_10_ms": seen.late,
        "max_late_ms": round(seen.max_ms, 2),
        "stolen_ms": seen.stolen_ms,
    }


def correction_figures(correction: Correction, truth: list[dict[str, Any]]) -> dict[str, Any]:
    """One correction as the summary lists it, with the truth of its evidence."""
    last = correction.curve[-1] if correction.curve else None
    return {
        "transaction": correction.transaction,
        "defect": correction.defect,
        "side": correction.side.value,
        "verdict": correction.state.value,
        "reason": correction.reason,
        "tag": correction.tag,
        "old": correction.old,
        "proposed": correction.proposed,
        "in_force": correction.in_force,
        "unit": correction.unit,
        "alarm_m": round(correction.alarm_s_mm / 1000, 2),
        "verify_from_m": round(correction.verify_from_mm / 1000, 2),
        "baseline_per_m": round(correction.baseline_per_m, 4),
        "test": {"metres": last.metres, "events": last.events, "llr": last.llr} if last else None,
        "exposure_to_in_force_ms": _span_ms(correction.first_in_force_ns, correction.exposure_ns),
        "first_line_to_in_force_ms": _span_ms(correction.first_in_force_ns, correction.first_line_ns),
        "exposure_to_target_ms": _span_ms(correction.target_in_force_ns, correction.exposure_ns),
        "evidence": len(correction.evidence),
        "evidence_true": sum(is_true(seen, correction.defect, correction.side, truth) for seen in correction.evidence),
        "on_unfixable": is_on_unfixable(correction, truth),
    }


def _span_ms(end_ns: int, start_ns: int) -> float | None:
    return round((end_ns - start_ns) / NS_PER_MS, 2) if end_ns and start_ns else None


def nonconformity_figures(report: Nonconformity) -> dict[str, Any]:
    """One nonconformity as the summary lists it."""
    return {
        "id": report.id,
        "defect": report.defect,
        "cause": report.cause,
        "from_m": round(report.span.from_mm / 1000, 2),
        "to_m": round(report.span.to_mm / 1000, 2),
        "objects": len(report.evidence),
    }


def is_on_unfixable(correction: Correction, truth: list[dict[str, Any]]) -> bool:
    """Whether the correction rests on nothing, or mostly on what was no object of the fixable class on its edge."""
    true = sum(is_true(seen, FIXABLE, correction.side, truth) for seen in correction.evidence)
    return not correction.evidence or 2 * true < len(correction.evidence)


def is_true(seen: Evidence, defect: str, side: Side, truth: list[dict[str, Any]]) -> bool:
    """Whether the line made an object of this class on this edge (any edge for none) where one was seen."""
    return any(
        thing["record"] == "object"
        and thing["defect"] == defect
        and (side is Side.NONE or thing["side"] == side.value)
        and thing["from_mm"] - MATCH_MM <= seen.s_mm <= thing["to_mm"] + MATCH_MM
        for thing in truth
    )


def flaws(outcomes: Outcomes) -> list[str]:
    """What else must not be: everything that speaks against a trial, whatever its corrections achieved; no times."""
    frames = frame_figures(outcomes)
    on_unfixable = sum(is_on_unfixable(seen, outcomes.truth) for seen in outcomes.corrections)
    violations = outcomes.line["envelope_violations"]
    found = {
        f"the cell failed: {outcomes.failure}": bool(outcomes.failure),
        "the evidence does not hold": not outcomes.evidence_ok,
        f"{violations} envelope violations in the plant's own log": violations != 0,
        f"{on_unfixable} corrections rest on no true object that a set-point mends": on_unfixable != 0,
        "frames produced and judged differ": not frames["equal_by_id"],
        f"{frames['dropped']} frames dropped": frames["dropped"] != 0,
        "a worker ended before it had handled all it was sent": not outcomes.drained,
    }
    return [flaw for flaw, holds in found.items() if holds]
