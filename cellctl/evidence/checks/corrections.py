"""Every correction on record tells one consistent story."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import msgspec

from cellctl.config.resolved import ResolvedCell, Setpoint
from cellctl.evidence.canonical import restore
from cellctl.evidence.checks.base import Check, verdict
from cellctl.evidence.kinds import RecordKind, RunOpened
from cellctl.evidence.record import Record
from cellctl.model import Correction, DefectObject, Kind, Outcome, TransactionState, WritePhase, WriteResult

S = TransactionState
PATH = (S.PROPOSED, S.GUARDED, S.WRITTEN, S.IN_FORCE, S.WAITING, S.VERIFYING, S.ROLLING_BACK)
"""The order in which a correction enters its states; a verdict comes after all of them."""

REQUIRED = {
    S.REFUSED: {S.PROPOSED},
    S.EFFECTIVE: {S.PROPOSED, S.GUARDED, S.IN_FORCE, S.WAITING, S.VERIFYING},
    S.INEFFECTIVE_ROLLED_BACK: {S.PROPOSED, S.GUARDED, S.IN_FORCE, S.WAITING, S.VERIFYING, S.ROLLING_BACK},
}
"""What must have come before a verdict (a move of one increment skips WRITTEN); the others may end it early."""

ENCODER_MM = 1e-3
"""Rounding of a position; an encoder's bit is coarser."""

FORBIDDEN = {S.REFUSED: {S.IN_FORCE}, S.EFFECTIVE: {S.ROLLING_BACK}}


class CorrectionChecker:
    """Follows each transaction through its records and the write results that belong to it."""

    def __init__(self) -> None:
        self._cell: ResolvedCell | None = None
        self._config_hash = ""
        self._last: dict[str, Correction] = {}
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
        if confirmed and result.kind is Kind.STEP:
            self._on_target.setdefault(result.transaction, []).append(result)

    def _correction(self, correction: Correction) -> None:
        before = self._last.get(correction.transaction)
        if before is not None:
            self._faults += [f"{correction.transaction}: {fault}" for fault in _changed(before, correction)]
        self._last[correction.transaction] = correction

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
        if correction.state is S.EFFECTIVE:
            yield from self._effective(correction)
        elif correction.state is S.INEFFECTIVE_ROLLED_BACK and not self._within(correction, correction.old):
            yield f"rolled back, but {correction.in_force} is in force instead of {correction.old}"

    def _effective(self, correction: Correction) -> Iterator[str]:
        if not self._within(correction, correction.proposed):
            yield f"EFFECTIVE, but {correction.in_force} is in force instead of {correction.proposed}"
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
        same = (
            (result.tag, result.unit, result.proposed) == (correction.tag, correction.unit, correction.proposed)
            and result.stamp.t_ns == correction.target_in_force_ns
            and abs(result.encoder_mm + self._settle_mm(correction) - correction.verify_from_mm) <= ENCODER_MM
            and bool(result.registers)
            and result.registers in correction.registers
        )
        values = (result.written, result.in_force, correction.written)
        return same and all(self._near(correction.tag, value, correction.proposed) for value in values)

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
        place = (correction.loop, correction.side)
        loops = self._cell.loops if self._cell else ()
        return next((loop.verify.settle_m * 1000.0 for loop in loops if (loop.name, loop.side) == place), 0.0)

    def _setpoint(self, tag: str) -> Setpoint | None:
        setpoints = self._cell.guard.setpoints if self._cell else ()
        return next((setpoint for setpoint in setpoints if setpoint.tag == tag), None)


def _changed(before: Correction, after: Correction) -> Iterator[str]:
    """What may not change between two records of one transaction."""
    if before.state.is_verdict:
        yield f"{after.state.value} after the verdict {before.state.value}"
    kept = ["loop", "defect", "side", "tag", "unit", "proposed", "evidence", "exposure_ns", "baseline_per_m"]
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
