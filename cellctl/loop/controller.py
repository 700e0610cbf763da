"""One loop on one side: estimate, diagnose, adjust, then one correction at a time until its verdict.

Pure: it sees messages and the time they are handled at, and returns messages to send.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cellctl.config.resolved import Loop, Watch
from cellctl.loop.alarms import AlarmBook
from cellctl.loop.baseline import honest_baseline
from cellctl.loop.diagnose import Remedy, diagnose
from cellctl.loop.episode import Episode
from cellctl.loop.escalate import Escalation
from cellctl.loop.estimate import Run
from cellctl.loop.laws.step import Step
from cellctl.loop.protect import ProtectedClasses
from cellctl.loop.protected_values import ProtectedValues
from cellctl.loop.record import Facts, evidence_of
from cellctl.loop.release import Releases
from cellctl.loop.rule import rule_text
from cellctl.loop.situation import Situation
from cellctl.loop.trial import Limits, Trial
from cellctl.loop.watch import RateWatch
from cellctl.model.correction import Outcome, TransactionState, WritePhase, WriteResult
from cellctl.model.events import Priority
from cellctl.model.inspection import DefectObject, Inspection, Judgement
from cellctl.model.message import Message

S = TransactionState
Baseline = Callable[[Run, Watch], float]

FAILURES = frozenset({S.INEFFECTIVE_ROLLED_BACK, S.UNDECIDED})
"""Verdicts that count as a failed try of the episode; the others say nothing of the cause."""


class LoopController:
    """Decides for one loop; `Limits` bound how long it waits for others.

    Args:
        loop: the loop's configuration.
        situation: shared with the other loops of the cell.
        limits: time limits of a correction.
        baseline: law of the test's baseline rate; another than the default is for studies only.
    """

    def __init__(self, loop: Loop, situation: Situation, limits: Limits, baseline: Baseline = honest_baseline) -> None:
        self.loop = loop
        self.trial: Trial | None = None
        self.failures = 0
        self.suspended = ""
        self._situation = situation
        self._limits = limits
        self._baseline = baseline
        self._remedy = diagnose(situation.cell.defect(loop.watch.defect), (loop.tag,))
        self._watch = RateWatch(loop)
        self._episode = Episode(loop.escalate.within_m)
        self._escalation = Escalation(loop.escalate)
        self._protected = ProtectedClasses(loop.protect)
        self._values = ProtectedValues(loop, situation)
        self._out: list[Message] = []
        self._alarms = AlarmBook(self._out)
        self._releases = Releases(loop, situation, answer_s=limits.answer_s, out=self._out)
        self._number = 0
        self._acts = loop.authority == "auto"
        self._shifted_by = ""

    def take(self) -> Sequence[Message]:
        """What is to be sent since the last call, in order."""
        if not self._out:
            return ()
        messages = tuple(self._out)
        self._out.clear()
        return messages

    def inspect(self, inspection: Inspection, now_ns: int) -> None:
        """Take one inspection."""
        if not self._situation.executing:
            return
        if self._shifted_by and not self._situation.is_claimed(self._shifted_by):
            self._begin_anew()
        if inspection.judgement is not Judgement.INDETERMINATE:
            self._advance(inspection, now_ns)
        counting = self._sort(inspection.objects, now_ns) if inspection.objects else []
        if self.trial is not None:
            self._follow(self.trial, inspection, counting, now_ns)
            return
        alarms = [] if self._shifted_by else [found for found in counting if self._watch.count(found)]
        for found in inspection.objects:
            if self._watch.on_edge(found):
                self._protected.see(found.defect)
        if self._releases:
            self._look_at_release(inspection, bool(alarms), now_ns)
        if alarms and self._acts:
            self._alarm(inspection, alarms[-1], now_ns)

    def _look_at_release(self, inspection: Inspection, alarmed: bool, now_ns: int) -> None:
        """Whether the fault stays away from what was taken back, and whether it is time to take more back."""
        releases, trusted = self._releases, not self._watch.confidence.is_suspicious
        if not trusted:
            releases.spoil("too many objects below the confidence limit", now_ns)
        if alarmed and releases.is_watching:
            releases.returned(tuple(evidence_of(seen) for seen in self._watch.run_objects), now_ns)
        elif alarmed:
            releases.disturbed()
        releases.inspect(inspection, now_ns)
        if trusted:
            releases.consider(now_ns)

    def result(self, result: WriteResult, now_ns: int) -> None:
        """Take one report of the guard, about this loop's correction or another move."""
        trial, arbitration = self.trial, self._situation.arbitration
        if trial is not None and result.transaction == trial.record.facts.transaction:
            trial.result(result, now_ns)
            self._check_deadline(trial, now_ns)
        elif self._releases.result(result, now_ns):
            self._watch_release(now_ns)
        elif _has_moved(result) and trial is not None:
            why = arbitration.disturbs(result.tag, self.loop)
            if why:
                trial.confound(f"another action: {result.transaction} moved {result.tag}, and {why}", now_ns)
        elif _has_moved(result) and arbitration.changes(result.tag, self.loop.watch.defect, self.loop.side):
            self._shifted_by = result.transaction
        self._settle(now_ns)

    def _watch_release(self, now_ns: int) -> None:
        """Count only what was made after a release; tell when one does not come through."""
        fresh_mm, stuck, name = self._releases.fresh_material(), self._releases.stuck, self._alarm_name("release")
        if fresh_mm is not None:
            self._watch.restart(fresh_mm)
        if stuck:
            self._alarms.raise_(name, Priority.HIGH, stuck, now_ns)
        else:
            self._alarms.clear(name, now_ns)

    def _begin_anew(self) -> None:
        """Another loop's move that changes this rate has its verdict: older material tells of another set-point."""
        self._shifted_by = ""
        encoder = self._situation.plant.get(self._situation.cell.web.encoder)
        self._watch.restart(encoder.value if encoder is not None else float("-inf"))

    def cell_changed(self, now_ns: int) -> None:
        """The cell's state or epoch changed."""
        if not self._situation.executing:
            self._watch.restart()
        if self.trial is not None:
            self.trial.cell_changed(now_ns)
            self._settle(now_ns)
        self._releases.cell_changed(now_ns)

    def check(self, now_ns: int) -> None:
        """Look at conditions and time limits; called with readings and timers."""
        if self._values:
            self._values.look()
        if self.trial is not None:
            self.trial.check(now_ns)
            self._settle(now_ns)
        elif self._releases:
            self._releases.check(now_ns)
            self._watch_release(now_ns)

    def _advance(self, inspection: Inspection, now_ns: int) -> None:
        metres = inspection.span.length_m
        if self._episode.advance(metres):
            self._end_episode(now_ns)
        if self._escalation.advance(metres):
            self._alarms.clear(self._alarm_name("escalation"), now_ns)
        if self.trial is None:
            self._watch.advance(inspection)
            self._protected.advance(metres)
            self._releases.advance(metres)

    def _sort(self, objects: tuple[DefectObject, ...], now_ns: int) -> list[DefectObject]:
        """The objects that count for this loop; a person is called for those that ask for one."""
        counting = []
        for found in objects:
            if not self._watch.is_watched(found):
                continue
            self._episode.see()
            if self._watch.confidence.see(found.confidence):
                counting.append(found)
            if self._acts and self._escalation.see(found):
                self._escalate(now_ns)
        return counting

    def _escalate(self, now_ns: int) -> None:
        why = "; ".join(self._escalation.reasons)
        text = f"{self.loop.watch.defect} ({self.loop.side}): {why}. Look at the images; the loop goes on"
        objects = tuple(self._escalation.objects)
        self._alarms.raise_(self._alarm_name("escalation"), Priority.MEDIUM, text, now_ns, objects)

    def _end_episode(self, now_ns: int) -> None:
        self.failures = 0
        self.suspended = ""
        if self.trial is None:
            self._releases.episode_ended()
            self._watch.restart()  # what piled up while the loop could not act is no evidence of the next fault
        self._alarms.clear(self._alarm_name("blocked"), now_ns)
        self._alarms.clear(self._alarm_name("suspended"), now_ns)
        self._alarms.clear(self._alarm_name("correction"), now_ns)

    def _alarm(self, inspection: Inspection, found: DefectObject, now_ns: int) -> None:
        """The rate rose; act, unless something speaks against it. A later object asks again."""
        if self._remedy is None:
            self._tell_unfixable(now_ns)
        elif self._trusted(now_ns) and not self.suspended and self._is_free(now_ns):
            self._propose(self._remedy, inspection, found, now_ns)

    def _tell_unfixable(self, now_ns: int) -> None:
        text = f"{self.loop.watch.defect} is above its alarm rate, and {self.loop.tag} does not influence it"
        self._alarms.raise_(self._alarm_name("correction"), Priority.MEDIUM, text, now_ns)

    def _is_free(self, now_ns: int) -> bool:
        """Whether nothing in the plant or the cell keeps the loop from acting."""
        obstacle, name = self._situation.obstacle(self.loop, now_ns), self._alarm_name("blocked")
        if not obstacle:
            self._alarms.clear(name, now_ns)
            return True
        if self._is_worked_on():
            return False
        text = f"{self.loop.watch.defect} ({self.loop.side}) is above its alarm rate, but {obstacle}"
        self._alarms.raise_(name, Priority.LOW, text, now_ns)
        return False

    def _is_worked_on(self) -> bool:
        """Whether another loop is acting on the very rate that this one watches: nobody needs to be told."""
        rival, _ = self._situation.rival(self.loop)
        return rival is not None and (rival.watch.defect, rival.side) == (self.loop.watch.defect, self.loop.side)

    def _trusted(self, now_ns: int) -> bool:
        """Whether the classifier is sure often enough to act on."""
        confidence, name = self._watch.confidence, self._alarm_name("confidence")
        if not confidence.is_suspicious:
            self._alarms.clear(name, now_ns)
            return True
        text = (
            f"{confidence.share:.0%} of the last objects of {self.loop.watch.defect} ({self.loop.side}) are "
            f"below confidence {confidence.limit:.2f}: the loop does not act until that falls. "
            "Check lighting and model"
        )
        self._alarms.raise_(name, Priority.HIGH, text, now_ns)
        return False

    def _propose(self, remedy: Remedy, inspection: Inspection, found: DefectObject, now_ns: int) -> None:
        self._number += 1
        facts = self._facts(remedy, inspection, found, now_ns)
        self._alarms.clear(self._alarm_name("correction"), now_ns)
        self.trial = Trial(
            facts,
            self.loop,
            self._situation,
            self._protected,
            values=self._values,
            limits=self._limits,
            out=self._out,
        )

    def _facts(self, remedy: Remedy, inspection: Inspection, found: DefectObject, now_ns: int) -> Facts:
        situation, loop = self._situation, self.loop
        old = situation.plant.value(loop.tag)
        baseline_per_m = self._baseline(self._watch.cusum.run, loop.watch)
        return Facts(
            transaction=f"{loop.name}-{loop.side}-{self._number}",
            evidence=tuple(evidence_of(seen) for seen in self._watch.run_objects),
            rule=rule_text(loop, self._watch.cusum, remedy, baseline_per_m),
            model=inspection.model,
            config=situation.config_hash,
            lot=situation.cell.lot,
            old=old,
            target=Step(loop.step, remedy.sign).target(old),
            baseline_per_m=baseline_per_m,
            alarm_s_mm=found.web.s_mm,
            epoch=situation.epoch,
            trace=inspection.trace,
            exposure_ns=found.exposure_ns,
            first_line_ns=found.first_line_ns,
            received_ns=inspection.received_ns,
            judged_ns=inspection.judged_ns,
            decided_ns=now_ns,
            confirms=self._releases.confirming,
        )

    def _follow(self, trial: Trial, inspection: Inspection, counting: list[DefectObject], now_ns: int) -> None:
        others = [found for found in inspection.objects if self._watch.on_edge(found)]
        trial.inspect(inspection, counting, others, now_ns)
        if self._watch.confidence.is_suspicious:
            trial.confound("too many objects below the confidence limit", now_ns)
        trial.check(now_ns)
        self._settle(now_ns)

    def _check_deadline(self, trial: Trial, now_ns: int) -> None:
        if not trial.record.first_in_force_ns:
            return
        name = self._alarm_name("deadline")
        if trial.late:
            self._alarms.raise_(name, Priority.LOW, trial.late, now_ns)
        else:
            self._alarms.clear(name, now_ns)

    def _settle(self, now_ns: int) -> None:
        """Draw the consequences of a verdict."""
        trial = self.trial
        if trial is None or not trial.is_over:
            return
        self.trial = None
        record = trial.record
        self._releases.judged(record, now_ns)
        if trial.unverified and not (trial.rollback_failed or trial.left_in_place):
            self._watch.restart()
            return
        self._watch.restart(trial.free_from_mm)
        if record.state in FAILURES:
            self._count_failure(trial, now_ns)
        if record.state is not S.EFFECTIVE:
            self._tell(trial, now_ns)

    def _count_failure(self, trial: Trial, now_ns: int) -> None:
        self.failures += 1
        held = trial.record.state is S.UNDECIDED and trial.record.in_force != trial.record.old
        if held:
            self._suspend("an undecided correction is held", now_ns)
        elif self.failures >= self.loop.tries:
            self._suspend(f"{self.failures} corrections failed in this episode", now_ns)

    def _suspend(self, reason: str, now_ns: int) -> None:
        self.suspended = reason
        text = f"loop {self.loop.name} ({self.loop.side}) waits for the end of the episode: {reason}"
        self._alarms.raise_(self._alarm_name("suspended"), Priority.HIGH, text, now_ns)

    def _tell(self, trial: Trial, now_ns: int) -> None:
        record = trial.record
        unsafe = trial.rollback_failed or trial.left_in_place
        priority = Priority.HIGH if unsafe else Priority.MEDIUM
        text = f"{record.facts.transaction} ended {record.state}: {record.reason}"
        self._alarms.raise_(self._alarm_name("correction"), priority, text, now_ns)

    def _alarm_name(self, kind: str) -> str:
        subject = self.loop.watch.defect if kind == "escalation" else self.loop.name
        return f"{kind}.{subject}.{self.loop.side}"


def _has_moved(result: WriteResult) -> bool:
    """Whether a report means that a set-point may have moved."""
    return result.outcome is not Outcome.REFUSED and result.phase is not WritePhase.DECIDED
