"""Every correction on record tells one consistent story."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import msgspec

from cellctl.clock import NS_PER_S
from cellctl.config.resolved import Influence, Loop, ResolvedCell, Setpoint
from cellctl.evidence.canonical import restore
from cellctl.evidence.checks.base import Check, verdict
from cellctl.evidence.kinds import RecordKind, RunOpened
from cellctl.evidence.record import Record
from cellctl.model import (
    EFFECTIVE_STATES,
    Correction,
    DefectObject,
    Kind,
    Outcome,
    TransactionState,
    WritePhase,
    WriteResult,
)

S = TransactionState
PATH = (
    S.PROPOSED,
    S.GUARDED,
    S.WRITTEN,
    S.IN_FORCE,
    S.WAITING,
    S.VERIFYING,
    S.ROLLING_BACK,
    S.EFFECTIVE,
    S.RELEASING,
    S.STILL_NEEDED,
)
"""The order in which a correction enters its states; its last state comes after all of them."""

AFTER_VERDICT = {
    S.EFFECTIVE: {S.EFFECTIVE, S.RELEASING},
    S.RELEASING: {S.RELEASING, S.RESTORED, S.STILL_NEEDED},
    S.STILL_NEEDED: {S.PROVEN},
}
"""What may still be said of a correction that has its verdict; EFFECTIVE again only adds why it is not released."""

JUDGED = ("curve", "protected", "protected_values", "verify_from_mm", "first_in_force_ns", "target_in_force_ns")
"""What the verdict rests on, and what must not change after it."""

REQUIRED = {
    S.REFUSED: {S.PROPOSED},
    **{
        state: {S.PROPOSED, S.GUARDED, S.IN_FORCE, S.WAITING, S.VERIFYING, *way}
        for state, way in (
            (S.EFFECTIVE, ()),
            (S.RELEASING, (S.EFFECTIVE,)),
            (S.RESTORED, (S.EFFECTIVE, S.RELEASING)),
            (S.STILL_NEEDED, (S.EFFECTIVE, S.RELEASING)),
            (S.PROVEN, (S.EFFECTIVE, S.RELEASING, S.STILL_NEEDED)),
        )
    },
    S.INEFFECTIVE_ROLLED_BACK: {S.PROPOSED, S.GUARDED, S.IN_FORCE, S.WAITING, S.VERIFYING, S.ROLLING_BACK},
}
"""What must have come before a verdict (a move of one increment skips WRITTEN); the others may end it early."""

ENCODER_MM = 1e-3
"""Rounding of a position; an encoder's bit is coarser."""

FORBIDDEN = {
    S.REFUSED: {S.IN_FORCE},
    **{state: {S.ROLLING_BACK} for state in EFFECTIVE_STATES},
    S.RESTORED: {S.ROLLING_BACK, S.STILL_NEEDED},
}


class CorrectionChecker:
    """Follows each transaction through its records and the write results that belong to it."""

    def __init__(self) -> None:
        self._cell: ResolvedCell | None = None
        self._config_hash = ""
        self._last: dict[str, Correction] = {}
        self._effective_as: dict[str, Correction] = {}
        self._on_target: dict[str, list[WriteResult]] = {}
        self._closed = False
        self._objects: dict[str, tuple[str, str]] = {}
        self._faults: list[str] = []

    def see(self, record: Record) -> None:
        """Take the configuration, the objects, the corrections and the write results."""
        try:
            if record.kind == RecordKind.RUN_OPENED:
                self._configure(restore(record.body, RunOpened))
            elif record.kind == RecordKind.OBJECT:
                self._object(restore(record.body, DefectObject))
            elif record.kind == RecordKind.RESULT:
                self._result(restore(record.body, WriteResult))
            elif record.kind == RecordKind.CORRECTION:
                self._correction(restore(record.body, Correction))
            elif record.kind == RecordKind.RUN_CLOSED:
                self._closed = True
        except msgspec.ValidationError as error:
            self._faults.append(f"record {record.sequence} cannot be read: {error}")

    def conclude(self) -> Check:
        """Check the last record of each transaction."""
        for correction in self._last.values():
            self._faults += [f"{correction.transaction}: {fault}" for fault in self._check(correction)]
        states = Counter(correction.state.value for correction in self._last.values())
        listed = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        return verdict("corrections", self._faults, listed or "none was made")

    def _configure(self, opened: RunOpened) -> None:
        self._config_hash = opened.config_hash
        self._cell = restore(opened.config, ResolvedCell)

    def _object(self, found: DefectObject) -> None:
        self._objects[found.id] = (found.defect, found.roi)

    def _result(self, result: WriteResult) -> None:
        confirmed = result.outcome is Outcome.CONFIRMED and result.phase is WritePhase.TARGET
        if confirmed and result.kind in {Kind.STEP, Kind.RETURN}:
            self._on_target.setdefault(result.transaction, []).append(result)

    def _correction(self, correction: Correction) -> None:
        before = self._last.get(correction.transaction)
        if before is not None:
            self._faults += [f"{correction.transaction}: {fault}" for fault in _changed(before, correction)]
        self._last[correction.transaction] = correction
        if correction.state is S.EFFECTIVE:
            self._effective_as.setdefault(correction.transaction, correction)

    def _check(self, correction: Correction) -> Iterator[str]:
        yield from _states_in_order(correction)
        yield from _curve_grows(correction)
        if not correction.evidence:
            yield "it rests on no object"
        for item in correction.evidence:
            if self._objects.get(item.object_id) != (item.defect, item.roi):
                yield f"it rests on {item.object_id}, which is not on record like that"
        if self._closed and not correction.state.is_verdict:
            yield f"left in {correction.state}: no verdict, an unproven move may be in force"
        if correction.config != self._config_hash:
            yield "it was made with another configuration"
        if correction.state.was_effective:
            verdict_record = self._effective_as.get(correction.transaction)
            if verdict_record is None:
                yield f"{correction.state.value} without a record of its verdict"
            else:
                yield from self._effective(verdict_record)
        elif correction.state is S.INEFFECTIVE_ROLLED_BACK and not self._within(correction, correction.old):
            yield f"rolled back, but {correction.in_force} is in force instead of {correction.old}"

    def _effective(self, correction: Correction) -> Iterator[str]:
        wanted = self._wanted(correction)
        if not self._within(correction, wanted):
            yield f"EFFECTIVE, but {correction.in_force} is in force instead of {wanted}"
        results = self._on_target.get(correction.transaction, [])
        if not results:
            yield "EFFECTIVE, but no write result confirms its target"
        elif not any(self._confirms(result, correction) for result in results):
            yield "EFFECTIVE, but the write result does not show the value, registers and place of its record"
        if not correction.registers:
            yield "EFFECTIVE without the bytes of a write request"
        if not correction.curve:
            yield "EFFECTIVE without a test"
        if not 0 < correction.exposure_ns <= correction.first_in_force_ns <= correction.target_in_force_ns:
            yield "exposure, first increment and target are not in that order"

    def _confirms(self, result: WriteResult, correction: Correction) -> bool:
        """Whether a write result is the one that the record of an EFFECTIVE correction tells of."""
        wanted = self._wanted(correction)
        same = (
            result.kind is (Kind.RETURN if self._is_pulse(correction) else Kind.STEP)
            and (result.tag, result.unit, result.proposed) == (correction.tag, correction.unit, wanted)
            and result.stamp.t_ns == correction.target_in_force_ns
            and self._counts_from(result, correction)
            and bool(result.registers)
            and result.registers in correction.registers
        )
        values = (result.written, result.in_force, correction.written)
        return same and all(self._near(correction.tag, value, wanted) for value in values)

    def _counts_from(self, result: WriteResult, correction: Correction) -> bool:
        """Whether the tested material was made after the move had its full effect, where its actuator stands."""
        row = self._cell.defect(correction.defect) if self._cell else None
        influence = row.influence.get(correction.tag, Influence(0.0)) if row is not None else Influence(0.0)
        first_mm = result.encoder_mm + self._settle_mm(correction) - influence.acts_at_m * 1000.0
        if not influence.settle_s:
            return abs(first_mm - correction.verify_from_mm) <= ENCODER_MM
        settled_ns = correction.target_in_force_ns + influence.settle_s * NS_PER_S
        waited = correction.times_ns.get(S.VERIFYING, 0) >= settled_ns
        return waited and correction.verify_from_mm >= first_mm - ENCODER_MM

    def _wanted(self, correction: Correction) -> float:
        """The value in force when the whole move was made: a momentary request has ended by then."""
        return correction.old if self._is_pulse(correction) else correction.proposed

    def _is_pulse(self, correction: Correction) -> bool:
        loop = self._loop(correction)
        return loop is not None and loop.law == "pulse"

    def _loop(self, correction: Correction) -> Loop | None:
        place = (correction.loop, correction.side)
        loops = self._cell.loops if self._cell else ()
        return next((loop for loop in loops if (loop.name, loop.side) == place), None)

    def _within(self, correction: Correction, value: float) -> bool:
        """Whether the value in force is within half a bit of `value`."""
        return self._near(correction.tag, correction.in_force, value)

    def _near(self, tag: str, found: float | None, value: float) -> bool:
        setpoint = self._setpoint(tag)
        if setpoint is None or found is None:
            return False
        return abs(found - value) <= setpoint.resolution / 2 + 1e-9 * max(1.0, abs(value))

    def _settle_mm(self, correction: Correction) -> float:
        """Material after the move that does not count yet; 0 when the loop is not known (the verdicts' check)."""
        loop = self._loop(correction)
        return loop.verify.settle_m * 1000.0 if loop is not None else 0.0

    def _setpoint(self, tag: str) -> Setpoint | None:
        setpoints = self._cell.guard.setpoints if self._cell else ()
        return next((setpoint for setpoint in setpoints if setpoint.tag == tag), None)


def _changed(before: Correction, after: Correction) -> Iterator[str]:
    """What may not change between two records of one transaction."""
    if before.state.is_verdict and after.state not in AFTER_VERDICT.get(before.state, set()):
        yield f"{after.state.value} after the verdict {before.state.value}"
    kept = ["loop", "defect", "side", "tag", "unit", "proposed", "evidence", "exposure_ns", "baseline_per_m"]
    kept.append("confirms")
    if before.state.was_effective:
        kept += JUDGED
    if before.state is not S.PROPOSED:
        kept.append("old")  # the guard's reading, taken when it decided, replaces the loop's
    for name in kept:
        if getattr(before, name) != getattr(after, name):
            yield f"{name} changed from one record to the next"
    if any(after.times_ns.get(state) != t_ns for state, t_ns in before.times_ns.items()):
        yield "the time of an earlier state changed"


def _states_in_order(correction: Correction) -> Iterator[str]:
    entered = set(correction.times_ns)
    state = correction.state
    if state.value not in entered:
        yield f"the time of entering {state.value} is missing"
    times = [correction.times_ns[step] for step in PATH if step in entered]
    if any(later < earlier for earlier, later in pairwise(times)):
        yield "its states are not in order"
    if state.is_verdict and times and correction.times_ns.get(state, times[-1]) < times[-1]:
        yield "the verdict comes before a state that leads to it"
    missing = REQUIRED.get(state, {S.PROPOSED}) - entered
    if missing:
        yield f"{state.value} without {', '.join(sorted(missing))}"
    extra = FORBIDDEN.get(state, set()) & entered
    if extra:
        yield f"{state.value} although {', '.join(sorted(extra))}"


def _curve_grows(correction: Correction) -> Iterator[str]:
    for earlier, later in pairwise(correction.curve):
        if not (later.metres >= earlier.metres and later.events >= earlier.events):  # NaN goes nowhere
            yield "the test's curve goes back"
            return
