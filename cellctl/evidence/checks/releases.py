"""What became of effective corrections: each release is confirmed, and what is said of the fault is on record."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator

import msgspec

from cellctl.config.resolved import Influence, Loop, ResolvedCell
from cellctl.evidence.canonical import restore
from cellctl.evidence.checks.base import Check, point_of, verdict
from cellctl.evidence.kinds import RecordKind, RunOpened
from cellctl.evidence.record import Record
from cellctl.model import (
    Correction,
    DefectObject,
    Evidence,
    Kind,
    Outcome,
    Released,
    Side,
    TransactionState,
    WritePhase,
    WriteResult,
)

S = TransactionState
RELEASED = frozenset({S.RESTORED, S.STILL_NEEDED, S.PROVEN})

PLACE_MM = 1e-3
"""Rounding of a position; an encoder's bit is coarser."""

MARGIN_M = 1.0
"""At the end of the watch: an object counts when its last block is judged, some blocks after its place."""

MOST_PASSED = 2.0
"""A watch ends unjudged when so many times its length has passed without enough that could be judged."""


class ReleaseChecker:
    """Follows effective corrections past their verdict."""

    def __init__(self) -> None:
        self._cell: ResolvedCell | None = None
        self._last: dict[str, Correction] = {}
        self._confirmed: dict[str, list[WriteResult]] = defaultdict(list)
        self._objects: dict[str, DefectObject] = {}
        self._seen_by: dict[str, str] = {}

    def see(self, record: Record) -> None:
        """Take the configuration, the objects, the write results and the corrections."""
        try:
            if record.kind == RecordKind.RUN_OPENED:
                self._cell = restore(restore(record.body, RunOpened).config, ResolvedCell)
            elif record.kind == RecordKind.OBJECT:
                found = restore(record.body, DefectObject)
                self._objects[found.id] = found
                self._seen_by[found.id] = str(record.body.get("camera"))
            elif record.kind == RecordKind.RESULT:
                self._result(restore(record.body, WriteResult))
            elif record.kind == RecordKind.CORRECTION:
                correction = restore(record.body, Correction)
                self._last[correction.transaction] = correction
        except msgspec.ValidationError:
            return  # the checks of the opening, the frames and the corrections report it

    def conclude(self) -> Check:
        """Say whether each release and each proof holds."""
        faults = [f"{last.transaction}: {fault}" for last in self._last.values() for fault in self._check(last)]
        states = Counter(last.state.value for last in self._last.values() if last.state in {*RELEASED, S.RELEASING})
        listed = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        return verdict("releases", faults, listed or "none was made")

    def _result(self, result: WriteResult) -> None:
        confirmed = result.outcome is Outcome.CONFIRMED and result.phase is WritePhase.TARGET
        if confirmed and result.kind is Kind.RELEASE:
            self._confirmed[result.transaction].append(result)

    def _check(self, correction: Correction) -> Iterator[str]:
        if correction.confirms:
            yield from self._repeats(correction)
        if correction.state not in RELEASED:
            return
        loop, released = self._loop(correction), correction.released
        if loop is None or released is None:
            yield f"{correction.state} without a release of its loop"
            return
        yield from self._way_back(correction, loop, released)
        if correction.state is S.RESTORED:
            yield from self._restored(correction, loop, released)
        else:
            yield from self._returned(correction, loop, released)
        if correction.state is S.PROVEN:
            yield from self._proven(correction)

    def _way_back(self, correction: Correction, loop: Loop, released: Released) -> Iterator[str]:
        """Whether the plant confirmed the release, and it led towards the recipe."""
        setpoint = point_of(self._cell, correction.product, correction.tag)
        if setpoint is None or not loop.release.enabled:
            yield "released, although the loop takes nothing back"
            return
        near = setpoint.resolution / 2 + 1e-9 * max(1.0, abs(released.target))
        ends = (setpoint.recipe, correction.proposed)
        if not min(ends) - near <= released.target <= max(ends) + near:
            yield f"released to {released.target:g}, which is not on the way to the recipe"
        shown = [
            result
            for result in self._confirmed[correction.transaction]
            if result.stamp.t_ns == released.in_force_ns
            and result.tag == correction.tag
            and result.in_force is not None
            and abs(result.proposed - released.target) <= near
            and abs(result.in_force - released.target) <= near
        ]
        if not shown:
            yield "no write result confirms its release"
        elif released.from_mm and not any(self._made_after(result, correction, loop, released) for result in shown):
            yield "the watched material does not begin where the release was in force"

    def _made_after(self, result: WriteResult, correction: Correction, loop: Loop, released: Released) -> bool:
        row = self._cell.defect(correction.defect) if self._cell else None
        influence = row.influence.get(correction.tag, Influence(0.0)) if row is not None else Influence(0.0)
        first_mm = result.encoder_mm + (loop.verify.settle_m - influence.acts_at_m) * 1000.0
        return released.from_mm >= first_mm - PLACE_MM and (
            influence.settle_s > 0.0 or released.from_mm <= first_mm + PLACE_MM
        )

    def _restored(self, correction: Correction, loop: Loop, released: Released) -> Iterator[str]:
        """A fault that is said to have stayed away was watched for long enough, and its objects say the same."""
        if not released.judged:
            return
        watch_m = loop.release.watch_m
        if not released.metres >= watch_m:
            yield f"RESTORED after {released.metres:.1f} m of {watch_m:g} m, and not said to be spoilt"
        if loop.watch.persists_m:
            return  # one object has no rate, and how long it went on is not on record
        until_mm = released.from_mm + (watch_m - MARGIN_M) * 1000.0
        places = sorted(it.web.s_mm for it in self._watched(correction, loop, released) if it.span.to_mm <= until_mm)
        one_camera = bool(loop.watch.camera) or len(set(self._seen_by.values())) == 1
        if one_camera and _highest(places, loop) >= loop.watch.evidence:
            yield f"RESTORED, although {len(places)} objects on record in the watched material raise the alarm"

    def _returned(self, correction: Correction, loop: Loop, released: Released) -> Iterator[str]:
        """A fault that is said to be back has its objects on record, in the watched material."""
        if not released.judged:
            yield f"{correction.state}, although its watch was spoilt"
        last_mm = released.from_mm + (MOST_PASSED * loop.release.watch_m + MARGIN_M) * 1000.0
        watched = {it.id for it in self._watched(correction, loop, released) if it.web.s_mm <= last_mm}
        strangers = [it.object_id for it in released.objects if it.object_id not in watched or not self._same(it)]
        if strangers:
            yield f"the return rests on {strangers[0]}, which is not on record in the watched material"
        needed = 1 if loop.watch.persists_m else math.ceil(loop.watch.evidence)
        if len({it.object_id for it in released.objects}) < needed:
            yield f"the return rests on {len(released.objects)} objects, which raise no alarm"

    def _proven(self, correction: Correction) -> Iterator[str]:
        second = self._last.get(correction.confirmed_by)
        if second is None or second.confirms != correction.transaction:
            yield "PROVEN, but no correction repeats it"
            return
        if not second.state.was_effective:
            yield f"PROVEN, but {second.transaction}, which repeats it, ended {second.state}"
        elif second.times_ns.get(S.EFFECTIVE, math.inf) > correction.times_ns.get(S.PROVEN, -math.inf):
            yield "PROVEN before the correction that repeats it was EFFECTIVE"

    def _repeats(self, second: Correction) -> Iterator[str]:
        """Whether the correction that this one repeats was found to be needed before it was proposed."""
        first = self._last.get(second.confirms)
        if first is None or S.STILL_NEEDED not in first.times_ns:
            yield f"it repeats {second.confirms}, which was not found to be needed"
            return
        kept = ("loop", "side", "defect", "tag")
        if any(getattr(first, name) != getattr(second, name) for name in kept):
            yield f"it repeats {second.confirms}, which is another loop's"
        if first.times_ns[S.STILL_NEEDED] > second.times_ns.get(S.PROPOSED, -math.inf):
            yield f"it was proposed before {second.confirms} was found to be needed"
        from_mm = first.released.from_mm if first.released is not None else math.inf
        if any(it.s_mm < from_mm for it in second.evidence):
            yield f"it rests on material from before the release of {second.confirms}"

    def _watched(self, correction: Correction, loop: Loop, released: Released) -> Iterator[DefectObject]:
        """The objects that count: class, camera, edge, place and confidence."""
        for found in self._objects.values():
            if (
                found.defect == correction.defect
                and loop.watch.camera in {"", self._seen_by[found.id]}
                and loop.side in {Side.NONE, found.web.side}
                and found.confidence >= loop.escalate.confidence
                and found.web.s_mm >= released.from_mm
            ):
                yield found

    def _same(self, item: Evidence) -> bool:
        found = self._objects.get(item.object_id)
        return found is not None and (found.defect, found.web.s_mm, found.roi) == (item.defect, item.s_mm, item.roi)

    def _loop(self, correction: Correction) -> Loop | None:
        place = (correction.loop, correction.side)
        loops = self._cell.loops if self._cell else ()
        return next((loop for loop in loops if (loop.name, loop.side) == place), None)


def _highest(places: list[float], loop: Loop) -> float:
    """The least that the change detection can have reached at these places, mm: as if every metre was inspected.

    Lucas, Technometrics 27 (1985): it falls by (λ1 - λ0)/ln(λ1/λ0) per metre, not below zero, and rises by one per
    object.
    """
    normal, alarm = loop.watch.normal, loop.watch.alarm
    fall_per_m = (alarm - normal) / math.log(alarm / normal)
    level = highest = 0.0
    before_mm = places[0] if places else 0.0
    for place in places:
        level = max(0.0, level - fall_per_m * (place - before_mm) / 1000.0) + 1.0
        highest, before_mm = max(highest, level), place
    return highest
