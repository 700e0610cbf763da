"""One correction under way: from its proposal to its verdict, every outcome of a write taken as reported.

The table in `transaction` says what may follow what; this file says which event has happened.
"""

from __future__ import annotations

from collections.abc import Sequence

from cellctl.clock import NS_PER_S
from cellctl.config.resolved import Loop
from cellctl.loop.diagnose.conditions import Conditions
from cellctl.loop.diagnose.dead_time import DeadTime
from cellctl.loop.diagnose.situation import Situation
from cellctl.loop.verify.ask import patience_s, proposal
from cellctl.loop.verify.deadline import lateness
from cellctl.loop.verify.limits import Limits
from cellctl.loop.verify.presence import make_test
from cellctl.loop.verify.protected_classes import ProtectedClasses
from cellctl.loop.verify.protected_values import ProtectedValues, moved_too_far
from cellctl.loop.verify.record import Facts, Record
from cellctl.loop.verify.rollback import Rollback, Way
from cellctl.loop.verify.sequential import MOST_PASSED, Decision
from cellctl.loop.verify.transaction import RETURN, VERDICT, Event, following, is_back, step_event
from cellctl.model.correction import Kind, Proposal, TransactionState, WriteResult
from cellctl.model.inspection import DefectObject, Inspection, Judgement, OpenObject
from cellctl.model.message import Message

S = TransactionState

AGAINST = (Decision.NOT_IMPROVED.value, "protected ")
"""How the reason of a way back begins when the test or what it protects spoke against the move."""


class Trial:
    """Runs one transaction; it appends what is to be sent to `out`.

    Attributes:
        record: what is known of the correction so far.
        test: the sequential test.
        late: what to tell a person about a missed deadline, else empty.
        rollback_failed: the roll-back was never confirmed.
        left_in_place: the cell ended or was held, and the unproven move stays until a person decides.
        unverified: the move was taken back because verification is off.
        free_from_mm: material from here on was made after the roll-back (0 when there was none).
        is_sampled: the rate's test is decided, and the gauges only have to see material that has been made.
    """

    def __init__(
        self,
        facts: Facts,
        loop: Loop,
        situation: Situation,
        protected: ProtectedClasses,
        *,
        values: ProtectedValues,
        limits: Limits,
        out: list[Message],
    ) -> None:
        self.record = Record(facts, loop)
        self.test = make_test(loop, facts.baseline_per_m)
        self.late = ""
        self.rollback_failed = False
        self.left_in_place = False
        self.unverified = False
        self.free_from_mm = 0.0
        self.is_sampled = False
        self._loop = loop
        self._situation = situation
        self._conditions: Conditions | None = None
        self._protected = protected
        self._values = values
        self._improved = ""
        self._dead_time = DeadTime(loop, situation)
        self._is_pulse = loop.law == "pulse"
        self._limits = limits
        self._out = out
        self._due_ns = 0
        self._seen_ns = facts.decided_ns
        self._back = Event.BACK_UNDECIDED
        self._rollback = self._way_back()
        self._stamps_ns = (facts.exposure_ns, facts.first_line_ns)
        self._is_restored = False
        situation.claim(facts.transaction, loop)

    def begin(self) -> None:
        """Ask the guard for the step; what has been seen so far was seen before it."""
        facts = self.record.facts
        self._conditions = self._situation.conditions(self._loop)
        self._protected.open()
        self._values.open()
        self._out.append(self._proposal(Kind.STEP, facts.target, facts.decided_ns))
        self._enter(S.PROPOSED, facts.rule, facts.decided_ns)

    def restore(self, record: Record, reason: str, now_ns: int) -> None:
        """Go on with the record of a correction whose loop was restarted: its test cannot, so the move goes back.

        A test that had decided against the move has its say: it was only the way back that was interrupted.
        """
        self.record, self._is_restored = record, True
        self._rollback = self._way_back()
        if record.state is not S.ROLLING_BACK:
            self._apply(Event.CONFOUNDED, reason, now_ns)
            return
        against = record.reason.startswith(AGAINST)
        self._back = Event.BACK_INEFFECTIVE if against else Event.BACK_CONFOUNDED
        record.reason = record.reason if against else f"{record.reason}; {reason}"
        self._go_back(now_ns)

    @property
    def is_over(self) -> bool:
        """Whether the verdict is there."""
        return self.record.state.is_verdict

    def result(self, result: WriteResult, now_ns: int) -> None:
        """Take one report of the guard about this transaction."""
        self.record.take(result)
        if result.kind is Kind.ROLLBACK:
            self._rollback_result(result, now_ns)
        elif result.kind is Kind.RETURN:
            self._return_result(result, now_ns)
        elif result.kind is Kind.STEP:
            self._step_result(result, now_ns)

    def _step_result(self, result: WriteResult, now_ns: int) -> None:
        event = step_event(result)
        if event is Event.UNCERTAIN:
            reason = f"{result.phase.value}: {result.outcome.value}, {result.reason or 'no reason given'}"
            self._apply(event, reason, now_ns)
            return
        if event in {Event.FIRST_INCREMENT, Event.TARGET}:
            self._in_force(event, result)
        self._apply(event, result.reason or event.value, now_ns)

    def _in_force(self, event: Event, result: WriteResult) -> None:
        if following(self.record.state, event) is None:
            return
        if not self.record.first_in_force_ns:
            self.record.first_in_force_ns = result.stamp.t_ns
            self.late = lateness(self.record.facts, result, self._loop.deadline_s)
        if event is Event.TARGET and not self._is_pulse:
            self._whole_move_in_force(result)

    def _whole_move_in_force(self, result: WriteResult) -> None:
        self.record.target_in_force_ns = result.stamp.t_ns
        self._dead_time.in_force(result.stamp.t_ns, result.encoder_mm)
        self.record.verify_from_mm = self._dead_time.from_mm

    def _return_result(self, result: WriteResult, now_ns: int) -> None:
        """The second half of a pulse; only its confirmed end completes the move."""
        back = is_back(result)
        if self.record.state is not S.IN_FORCE or back is None:
            return
        if result.was_taken_over:
            self._apply(Event.TAKEN_OVER, f"{result.reason}; it is left there", now_ns)
        elif not back:
            reason = f"the request was not taken back: {result.outcome.value}, {result.reason or 'no reason given'}"
            self._apply(Event.UNCERTAIN, reason, now_ns)
        else:
            self._whole_move_in_force(result)
            self._begin_verification(now_ns)

    def _rollback_result(self, result: WriteResult, now_ns: int) -> None:
        back = is_back(result)
        if self.record.state is not S.ROLLING_BACK or back is None:
            return
        if result.was_taken_over:
            self._apply(Event.TAKEN_OVER, f"{result.reason}; it is left there", now_ns)
        elif not back:
            self._rollback.failed(f"{result.outcome.value}, {result.reason}", now_ns)
            self._go_back(now_ns)
        else:
            self.free_from_mm = result.encoder_mm + self._loop.verify.settle_m * 1000.0
            back_at = self._value(self.record.old)
            self._apply(self._back, f"{self.record.reason}; back at {back_at}", now_ns)

    def inspect(
        self,
        inspection: Inspection,
        counting: Sequence[DefectObject] | Sequence[OpenObject],
        others: list[DefectObject],
        now_ns: int,
    ) -> None:
        """Take one inspection: what the test counts in it, and `others` of this edge."""
        judged = inspection.judgement is not Judgement.INDETERMINATE
        if judged:
            self._seen_ns = now_ns  # a camera that delivers frames nobody can judge is as silent as one without frames
        self._stamps_ns = (inspection.stamp.t_ns, inspection.stamp.t_ns)
        start_mm = self.record.verify_from_mm
        if self.record.state is S.WAITING and self._dead_time.is_known and inspection.span.to_mm > start_mm:
            self._apply(Event.MATERIAL, f"material from {start_mm / 1000.0:.2f} m on counts", now_ns)
        if self.record.state is not S.VERIFYING:
            return
        if self._improved:
            self._judge_values(now_ns)
            return
        metres = inspection.span.clipped(start_mm).length_m if judged else 0.0
        self._protected.add(metres, [found.defect for found in others if found.web.s_mm >= start_mm])
        decision = self.test.add(metres, sum(found.web.s_mm >= start_mm for found in counting))
        passed_m = (inspection.span.to_mm - start_mm) / 1000.0
        if decision is Decision.OPEN and passed_m > MOST_PASSED * self.test.truncate_m:
            decision = Decision.TRUNCATED
        if decision is not Decision.OPEN:
            self._decide(decision, now_ns)

    def _decide(self, decision: Decision, now_ns: int) -> None:
        test = self.test
        found = test.found(self.record.facts.baseline_per_m)
        worse = self._worse(decision)
        if worse:
            self._apply(Event.PROTECTED_WORSE, f"{worse}; {found}", now_ns)
        elif decision is Decision.TRUNCATED:
            held = "" if self._is_pulse else f"; held at {self._value(self.record.facts.target)} for a person"
            self._apply(Event.TRUNCATED, f"no decision: {found}{held}", now_ns)
        elif decision is Decision.IMPROVED and self._values:
            self._improved = f"{decision.value}: {found}"
            self._judge_values(now_ns)
        else:
            self._apply(VERDICT[decision], f"{decision.value}: {found}", now_ns)

    def _worse(self, decision: Decision) -> str:
        """What was made worse by a move that would stay, in words; one that did not help goes back in any case.

        Nobody waits for the gauges of a test without an answer, but what they have shown so far counts.
        """
        if decision is Decision.NOT_IMPROVED:
            return ""
        classes = self._protected.worse()
        if classes:
            return f"protected class got worse: {', '.join(classes)}"
        if decision is not Decision.TRUNCATED or not self._values:
            return ""
        self.record.protected_values = self._values.shifts(self.record.verify_from_mm)
        values = moved_too_far(self.record.protected_values)
        return f"protected characteristic moved: {', '.join(values)}" if values else ""

    def _judge_values(self, now_ns: int) -> None:
        """The rate fell; the verdict waits until the gauges have seen what the move did to the product."""
        start_mm = self.record.verify_from_mm
        shifts = self._values.shifts(start_mm)
        self.record.protected_values = shifts
        missing, hopeless = self._values.missing(shifts), self._values.is_hopeless(start_mm)
        if missing and not hopeless:
            if not self.is_sampled and self._values.is_made(start_mm):
                self.is_sampled = True
                self._situation.sampled(self.record.facts.transaction)
            return  # looked at once, when the gauges have shown enough: looking often would object too often
        worse = moved_too_far(shifts)
        if worse:
            names = ", ".join(worse)
            self._apply(Event.PROTECTED_WORSE, f"protected characteristic moved: {names}; {self._improved}", now_ns)
        elif missing:
            self.confound(f"not shown by its gauge: {missing}; {self._improved}", now_ns)
        else:
            self._apply(Event.IMPROVED, self._improved, now_ns)

    def begins_after(self, result: WriteResult) -> bool:
        """Whether a regulator's move, begun before the correction, ends before the material that is to be tested."""
        return result.kind is Kind.REGULATE and not self.record.target_in_force_ns

    def disturbed(self, reason: str, encoder_mm: float, now_ns: int) -> None:
        """Another action changes what this correction is judged by, from `encoder_mm` on."""
        if self.is_sampled:
            self._values.close(encoder_mm)
        else:
            self.confound(reason, now_ns)

    def confound(self, reason: str, now_ns: int) -> None:
        """Something made the test meaningless."""
        self._apply(Event.CONFOUNDED, reason, now_ns)

    def check(self, now_ns: int) -> None:
        """Look at the conditions and the time limits; called with every reading, inspection and timer."""
        if self.is_over:
            return
        if self.record.state is S.ROLLING_BACK:
            self._go_back(now_ns)
            return
        if self.record.state is S.WAITING and self._dead_time.look():
            self.record.verify_from_mm = self._dead_time.from_mm
        reason = self._broken(now_ns) or self._silence(now_ns)
        if reason:
            self.confound(reason, now_ns)
        elif self._moved_by_others():
            self._taken_over(now_ns)
        elif self._due_ns and now_ns > self._due_ns:
            self._apply(Event.UNCERTAIN, f"no report of the guard in time ({self.record.state})", now_ns)

    def cell_changed(self, now_ns: int) -> None:
        """The cell's state or epoch changed."""
        situation = self._situation
        if self.is_over or (situation.executing and situation.epoch == self.record.facts.epoch):
            return
        why = situation.state.reason if situation.state is not None else ""
        if situation.recipe_changes:
            self._apply(Event.SAFE_STATE, f"{situation.interruption}: the set-point is left to the line", now_ns)
        elif situation.goes_safe(self._loop.tag):
            text = f"safe state ({why}): the guard brings the set-point to its safe value"
            self._apply(Event.SAFE_STATE, text, now_ns)
        elif situation.leaves_in_place(self._loop.tag):
            self.left_in_place = True
            self._apply(Event.SAFE_STATE, f"{why}: left at {self._last_known(now_ns)}, a person decides", now_ns)
        elif self.record.state is not S.ROLLING_BACK:
            self.confound(situation.interruption, now_ns)

    def _broken(self, now_ns: int) -> str:
        return self._conditions.broken(self._situation.plant, now_ns) if self._conditions is not None else ""

    def _silence(self, now_ns: int) -> str:
        silent_s = (now_ns - self._seen_ns) / NS_PER_S
        return f"no judged frame for {silent_s:.1f} s" if silent_s > self._limits.silence_s else ""

    def _moved_by_others(self) -> bool:
        """Whether the plant confirms another value than ours, read after ours was in force."""
        if self.record.state not in {S.WAITING, S.VERIFYING}:
            return False
        latest = self._situation.plant.get(self._loop.tag)
        if latest is None or latest.t_ns <= self.record.target_in_force_ns:
            return False
        ours = self.record.old if self._is_pulse else self.record.facts.target
        return abs(latest.value - ours) > self._situation.resolution(self._loop.tag)

    def _taken_over(self, now_ns: int) -> None:
        latest = self._situation.plant.value(self._loop.tag)
        text = f"somebody else moved the set-point to {self._value(latest)}; it is left there"
        self._apply(Event.TAKEN_OVER, text, now_ns)

    def _go_back(self, now_ns: int) -> None:
        way = self._rollback.check(now_ns)
        if way is Way.ASK:
            self._out.append(self._proposal(Kind.ROLLBACK, self.record.old, now_ns))
        elif way is Way.TAKEN_OVER:
            self._taken_over(now_ns)
        elif way is Way.GIVE_UP:
            self.rollback_failed = True
            failure = f"roll-back not confirmed ({self._rollback.failure}): the set-point is not known"
            self._apply(Event.BACK_FAILED, f"{self.record.reason}; {failure}", now_ns)

    def _apply(self, event: Event, reason: str, now_ns: int) -> None:
        state = following(self.record.state, event)
        if state is None:
            return
        self._enter(state, reason, now_ns)
        if state is S.IN_FORCE and self._is_pulse:
            self._out.append(self._proposal(Kind.RETURN, self.record.old, now_ns))
        elif state is S.IN_FORCE:
            self._begin_verification(now_ns)
        elif state is S.ROLLING_BACK:
            self._back = RETURN[event]
            self._rollback = self._way_back()
            self.unverified = event is Event.UNVERIFIED
            self._go_back(now_ns)
        elif state.is_verdict:
            self._situation.release(self.record.facts.transaction)

    def _begin_verification(self, now_ns: int) -> None:
        if not self._loop.verify.enabled:
            self._apply(Event.UNVERIFIED, "verification is off", now_ns)
            return
        start_m = self.record.verify_from_mm / 1000.0
        known = f"waiting for material from {start_m:.2f} m on"
        text = known if self._dead_time.is_known else "waiting until the move has its full effect"
        self._apply(Event.DEAD_TIME, text, now_ns)

    def _enter(self, state: TransactionState, reason: str, now_ns: int) -> None:
        self.record.enter(state, reason, now_ns)
        waits = state in {S.PROPOSED, S.GUARDED, S.WRITTEN} or (state is S.IN_FORCE and self._is_pulse)
        ramps = state in {S.WRITTEN, S.IN_FORCE}
        self._due_ns = now_ns + round(self._patience_s(ramp=ramps) * NS_PER_S) if waits else 0
        if not self._is_restored:
            self.record.curve, self.record.protected = self.test.curve, self._protected.counts()
        self._out.append(self.record.message(now_ns))

    def _proposal(self, kind: Kind, target: float, now_ns: int) -> Proposal:
        facts, stamps_ns = self.record.facts, self._stamps_ns
        return proposal(
            facts, self._loop, self._situation, kind=kind, target=target, stamps_ns=stamps_ns, now_ns=now_ns
        )

    def _way_back(self) -> Rollback:
        span = (self.record.old, self.record.facts.target)
        return Rollback(self._loop, self._situation, span, self._patience_s(ramp=True))

    def _patience_s(self, *, ramp: bool) -> float:
        """How long to wait for the guard's next report."""
        distance = self.record.facts.target - self.record.old if ramp else 0.0
        return patience_s(self._loop, self._situation, distance=distance, answer_s=self._limits.answer_s)

    def _last_known(self, now_ns: int) -> str:
        """Where the set-point stands, as last read from the plant, else as the guard last reported it."""
        tag, reported = self._loop.tag, self.record.in_force
        if not self._situation.plant.fault((tag,), now_ns):
            return self._value(self._situation.plant.value(tag))
        return "a value that is not known" if reported is None else f"{self._value(reported)} (last confirmed)"

    def _value(self, value: float) -> str:
        return f"{value:g} {self._loop.unit}"
