"""How long each stage took from light to the value in force, read from the records of a run.

transfer: last line exposed → frame received; inspect: → judged; decide: → proposed; write: → first increment in
force. The first two are of every frame in which an object was reported, the last two of every correction.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from cellctl.evidence.kinds import RecordKind
from cellctl.evidence.record import Record

NS_PER_S = 1e9


def stage_times_s(records: Iterable[Record], asking: Collection[str] = ()) -> dict[str, list[float]]:
    """Stage → its durations in seconds, sorted; stages without any are left out.

    Corrections of the loops in `asking` do not count: they waited for a person's yes.
    """
    frames: dict[tuple[str, int], tuple[int, int, int]] = {}
    corrections: dict[str, dict[str, Any]] = {}
    for record in records:
        body = record.body
        if record.kind == RecordKind.OBJECT and "judged_ns" in body:
            frames[body["camera"], body["frame_id"]] = (body["exposure_ns"], body["received_ns"], body["judged_ns"])
        elif record.kind == RecordKind.CORRECTION and body["loop"] not in asking:
            corrections[body["transaction"]] = body
    found: dict[str, list[float]] = {
        "transfer": [received - exposed for exposed, received, _ in frames.values()],
        "inspect": [judged - received for _, received, judged in frames.values()],
        "decide": [],
        "write": [],
    }
    judged_at = {exposed: judged for exposed, _, judged in frames.values()}
    for body in corrections.values():
        _add(found, body, judged_at)
    return {stage: sorted(ns / NS_PER_S for ns in values) for stage, values in found.items() if values}


def _add(found: dict[str, list[float]], body: dict[str, Any], judged_at: dict[int, int]) -> None:
    """One correction."""
    proposed = body["times_ns"].get("PROPOSED")
    if proposed is None:
        return
    judged = judged_at.get(body["exposure_ns"])
    if judged is not None:
        found["decide"].append(proposed - judged)
    if body["first_in_force_ns"]:
        found["write"].append(body["first_in_force_ns"] - proposed)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the sorted values that so large a share of them does not exceed (nearest rank)."""
    return values[max(0, math.ceil(share * len(values)) - 1)]
