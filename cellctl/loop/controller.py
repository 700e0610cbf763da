"""One loop on one side: estimate, diagnose, adjust, then one correction at a time until its verdict.

Pure: it sees messages and the time they are handled at, and returns messages to send.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cellctl.config.resolved import Loop
from cellctl.loop.alarms import AlarmBook, alarm_name
from cellctl.loop.diagnose.influence import WORDS, Remedy, diagnose
from cellctl.loop.diagnose.situation import Situation
from cellctl.loop.estimate.baseline import honest_baseline
from cellctl.loop.estimate.episode import Episode, episode_gap_m
from cellctl.loop.estimate.watch import Baseline, Deciding, watch_of
from cellctl.loop.facts import facts_of
from cellctl.loop.people.adviser import Adviser, Asked
from cellctl.loop.people.authority import Level, granted
from cellctl.loop.people.escalate import Experts
from cellctl.loop.people.permission import UNSURE, Permission
from cellctl.loop.people.verdicts import Verdicts, is_held
from cellctl.loop.verify.limits import Limits
from cellctl.loop.verify.protected_classes import ProtectedClasses
from cellctl.loop.verify.protected_values import ProtectedValues
from cellctl.loop.verify.record import Facts, Record
from cellctl.loop.verify.release import Releases
from cellctl.loop.verify.restore import RESTARTED, owed
from cellctl.loop.verify.transaction import FAILURES, has_moved
from cellctl.loop.verify.trial import Trial
from cellctl.model.advice import AdviceState
from cellctl.model.correction import Correction, TransactionState, WriteResult
from cellctl.model.events import Priority
from cellctl.model.inspection import DefectObject, Inspection, Judgement
from cellctl.model.message import Message
from cellctl.model.people import Instruction, Order

S = TransactionState


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
        row = situation.cell.defect(loop.watch.defect)
        self._remedy = WORDS if loop.advise else diagnose(row, (loop.tag,))
        self._watch = watch_of(loop)
        self._episode = Episode(episode_gap_m(loop))
        self._protected = ProtectedClasses(loop.protect)
        self._values = ProtectedValues(loop, situation)
        self._out: list[Message] = []
        self._alarms = AlarmBook(self._out, silent=granted(loop) is Level.SHADOW)
        self._permission = Permission(loop, situation, self._alarms, self._watch.confidence, self._remedy)
        self._verdicts = Verdicts(loop, situation, self._alarms)
        self._adviser = Adviser(loop, situation, self._alarms, self._out)
        self._experts = Experts(loop, self._alarms, self._out)
        self._releases = Releases(loop, situation, answer_s=limits.answer_s, out=self._out)
        self._number = 0
        self._advised = 0
        self._shifted_by = ""

    def take(self) -> Sequence[Message]:
        """What is to be sent since the last call, in order."""
        if not self._out:
            return ()
        messages = tuple(self._out)
        self._out.clear()
        return messages

    def restore(self, records: Iterable[Correction], now_ns: int) -> None:
        """Go on after a restart: `records` are the corrections on record, in the order they were sent."""
        debts = owed(records, self.loop, self._situation.config_hash)
        self._number = debts.number
        held = [Record.restored(record, self.loop) for record in debts.held]
        self._releases.restore(held, debts.hold_m, RESTARTED, now_ns)
        if debts.last is not None and is_held(last := Record.restored(debts.last, self.loop)):
            self._verdicts.tell(last, unsafe=False, now_ns=now_ns)
        for correction in debts.unfinished[-1:]:  # a loop has one at a time
            record = Record.restored(correction, self.loop)
            self.trial = self._trial(record.facts)
            self.trial.restore(record, RESTARTED, now_ns)

    def successor(self, loop: Loop, now_ns: int) -> LoopController:
        """The same loop for another recipe: all it learnt begins anew, its names go on; its alarms are over."""
        self._alarms.clear_all(now_ns)
        made = LoopController(loop, self._situation, self._limits, self._baseline)
        made._number, made._experts.asked = self._number, self._experts.asked
        made._watch.restart(self._situation.since_mm)
        return made

    def hears(self, camera: str) -> bool:
        """Whether this camera's inspections count; another one passes the same metres at another time."""
        return self.loop.watch.camera in {"", camera}

    def inspect(self, inspection: Inspection, now_ns: int) -> None:
        """Take one inspection."""
        if not self._situation.executing or self._permission.granted is Level.OFF:
            return
        if not self.hears(inspection.camera):
            return
        if self._shifted_by and not self._situation.is_claimed(self._shifted_by):
            self._begin_anew()
        if inspection.judgement is not Judgement.INDETERMINATE:
            self._advance(inspection, now_ns)
        counting = self._sort(inspection.objects, now_ns) if inspection.objects else []
        if inspection.open and any(map(self._watch.is_watched, inspection.open)):
            self._episode.see()  # what was reported long ago and goes on is no quiet web
        if self.trial is not None:
            self._follow(self.trial, inspection, counting, now_ns)
            return
        deciding = None if self._shifted_by else self._watch.look(inspection, counting)
        for found in inspection.objects:
            if self._watch.on_edge(found):
                self._protected.see(found.defect)
        if deciding is not None and self._releases.is_watching and not self._watch.shows_return:
            deciding = None
        if self._releases:
            self._look_at_release(inspection, deciding is not None, now_ns)
        advice = self._adviser.open
        if deciding is not None:
            self._alarm(inspection, deciding, now_ns)
        if advice is not None and self._adviser.open is advice:  # acting comes first: it ends an advice
            self._follow_advice(inspection, counting, now_ns)

    def _look_at_release(self, inspection: Inspection, alarmed: bool, now_ns: int) -> None:
        """Whether the fault stays away from what was taken back, and whether it is time to take more back."""
        releases, trusted = self._releases, not self._watch.confidence.is_suspicious
        if not trusted:
            releases.spoil(UNSURE, now_ns)
        if alarmed and releases.is_watching:
            releases.returned(self._watch.evidence, now_ns)
        elif alarmed:
            releases.disturbed()
        releases.inspect(inspection, now_ns)
        if trusted:
            releases.consider(now_ns)

    def result(self, result: WriteResult, now_ns: int) -> None:
        """Take one report of the guard, about this loop's correction or another move."""
        self._situation.custody.result(result)
        trial, arbitration = self.trial, self._situation.arbitration
        if trial is not None and result.transaction == trial.record.facts.transaction:
            trial.result(result, now_ns)
            self._check_deadline(trial, now_ns)
        elif self._releases.result(result, now_ns):
            self._watch_release(now_ns)
        elif has_moved(result) and trial is not None:
            why = "" if trial.begins_after(result) else arbitration.disturbs(result.tag, self.loop)
            if why:
                text = f"another action: {result.transaction} moved {result.tag}, and {why}"
                trial.disturbed(text, result.encoder_mm, now_ns)
        elif has_moved(result) and arbitration.changes(result.tag, self.loop.watch.defect, self.loop.side):
            self._releases.spoil(f"another action: {result.transaction} moved {result.tag}", now_ns)
            self._shifted(result, now_ns)
        self._settle(now_ns)

    def _shifted(self, result: WriteResult, now_ns: int) -> None:
        """The move of another loop changes this rate: count anew after its verdict. Regulators move all the time."""
        if self._situation.is_claimed(result.transaction):
            self._shifted_by = result.transaction
            self._adviser.end(AdviceState.INTERRUPTED, f"{result.transaction} moved {result.tag}", now_ns)

    def _watch_release(self, now_ns: int) -> None:
        """Count only what was made after a release; tell when one does not come through."""
        fresh_mm, stuck, name = self._releases.fresh_material(), self._releases.stuck, alarm_name(self.loop, "release")
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
        situation = self._situation
        if not situation.executing:
            self._watch.restart(situation.since_mm)
            why = situation.interruption if situation.is_changing else "the cell left Execute"
            self._adviser.end(AdviceState.INTERRUPTED, why, now_ns)
        if self.trial is not None:
            self.trial.cell_changed(now_ns)
            self._settle(now_ns)
        self._releases.cell_changed(now_ns)
        self._watch_release(now_ns)

    def ended(self, now_ns: int) -> None:
        """The run ends: an advice whose answer is not in says so."""
        self._adviser.end(AdviceState.INTERRUPTED, "the run ended", now_ns)

    def check(self, now_ns: int) -> None:
        """Look at conditions and time limits; called with readings and timers."""
        if self._permission.granted is Level.OFF:
            return
        self._permission.look(now_ns)
        self._verdicts.look(now_ns)
        if self._adviser.open is not None and self._adviser.check(now_ns):
            self._watch.restart()  # the next advice needs evidence of its own
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
        self._experts.advance(metres, now_ns)
        if self.trial is None:
            self._watch.advance(inspection)
            self._protected.advance(metres)
            if not self._shifted_by:  # no alarm is raised meanwhile, so nobody knows whether it is in control
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
            self._experts.see(found, now_ns)
        return counting

    def _end_episode(self, now_ns: int) -> None:
        self.failures = self._advised = 0
        self.suspended = ""
        if self.trial is None:
            self._releases.episode_ended()
            self._watch.restart()  # what piled up while the loop could not act is no evidence of the next fault
        self._alarms.clear(alarm_name(self.loop, "blocked"), now_ns)
        self._alarms.clear(alarm_name(self.loop, "suspended"), now_ns)
        self._verdicts.over(now_ns)

    def _alarm(self, inspection: Inspection, found: Deciding, now_ns: int) -> None:
        """The rate rose; act, unless something speaks against it. A later object asks again."""
        if self._remedy is None:
            self._tell_unfixable(now_ns)
        else:
            limits = self._permission.limits(now_ns)
            if not self.suspended and self._permission.is_free(now_ns):
                self._decide(self._remedy, inspection, found, limits, now_ns)

    def _decide(
        self, remedy: Remedy, inspection: Inspection, found: Deciding, limits: tuple[str, ...], now_ns: int
    ) -> None:
        """Act, ask or advise, as far as the loop may go now."""
        level = self._permission.level(limits)
        if level is Level.AUTO:
            self._adviser.end(AdviceState.INTERRUPTED, "the loop may act again", now_ns)
            self._number += 1
            self._propose(self._facts(remedy, inspection, found, now_ns), now_ns)
        elif self._may_advise(level):
            self._number += 1
            facts = self._facts(remedy, inspection, found, now_ns)
            if level is Level.CONFIRM:
                self._adviser.ask(facts, Asked(remedy, found, inspection), self._limits.confirm_s, now_ns)
            else:
                self._advised += 1
                seen_mm = inspection.span.to_mm
                self._adviser.advise(facts, remedy, level, "; ".join(limits), seen_mm=seen_mm, now_ns=now_ns)

    def _may_advise(self, level: Level) -> bool:
        """One advice at a time, and no more of them in an episode than the loop would make tries."""
        spent = level is not Level.CONFIRM and self._advised >= self.loop.tries
        return self._adviser.open is None and not spent and not self._situation.is_advised_beside(self.loop)

    def _follow_advice(self, inspection: Inspection, counting: list[DefectObject], now_ns: int) -> None:
        if self._adviser.inspect(inspection, self._watch.tested(inspection, counting), now_ns):
            self._watch.restart()  # the next advice or move needs evidence of its own
        elif self._adviser.waits_for_a_person and not self._watch.holds:
            self._adviser.end(AdviceState.WITHDRAWN, "the rate fell before anybody answered", now_ns)

    def instruct(self, instruction: Instruction, now_ns: int) -> None:
        """Take an order of a person."""
        asked = self._adviser.asked(instruction.subject)
        custody, mine = self._situation.custody, instruction.subject in {self.loop.name, self.loop.tag}
        if instruction.order is Order.HAND_BACK:
            if mine:
                self._verdicts.handed_back(now_ns)
                if custody.hand_back(self.loop.tag, now_ns):
                    self._permission.look(now_ns)
        elif instruction.order is Order.TAKE_OVER:
            if instruction.subject == self.loop.tag:
                custody.take_over(self.loop.tag, instruction.by)
                self._permission.look(now_ns)
        elif asked is None:
            return
        elif instruction.order is Order.DECLINE:
            self._adviser.end(AdviceState.DECLINED, f"declined by {instruction.by}", now_ns)
            self._watch.restart()
        else:
            self._confirmed(asked, instruction.by, now_ns)

    def _confirmed(self, asked: Asked, by: str, now_ns: int) -> None:
        """A person said yes: the move rests on the rate as it still is in the material seen last."""
        obstacle = self._situation.obstacle(self.loop, now_ns) or "; ".join(self._permission.limits(now_ns))
        if obstacle:
            self._adviser.end(AdviceState.WITHDRAWN, f"allowed by {by}, but {obstacle}", now_ns)
            return
        self._adviser.end(AdviceState.CONFIRMED, f"allowed by {by}", now_ns)
        seen_ns = asked.latest.stamp.t_ns
        found = asked.found._replace(exposure_ns=seen_ns, first_line_ns=seen_ns)
        facts = self._facts(asked.remedy, asked.latest, found, now_ns)
        self._propose(facts._replace(rule=f"{facts.rule}; allowed by {by}"), now_ns)

    def _tell_unfixable(self, now_ns: int) -> None:
        text = f"{self.loop.watch.defect} is above its alarm rate, and {self.loop.tag} does not influence it"
        self._verdicts.cannot(text, now_ns)

    def _propose(self, facts: Facts, now_ns: int) -> None:
        self._verdicts.over(now_ns)
        self.trial = self._trial(facts)
        self.trial.begin()

    def _trial(self, facts: Facts) -> Trial:
        return Trial(
            facts,
            self.loop,
            self._situation,
            self._protected,
            values=self._values,
            limits=self._limits,
            out=self._out,
        )

    def _facts(self, remedy: Remedy, inspection: Inspection, found: Deciding, now_ns: int) -> Facts:
        return facts_of(
            self.loop, self._situation, self._watch, remedy, inspection=inspection, found=found, now_ns=now_ns,
            transaction=f"{self.loop.name}-{self.loop.side}-{self._number}",
            baseline_per_m=self._watch.baseline(self._baseline),
            confirms=self._releases.confirming,
        )  # fmt: skip

    def _follow(self, trial: Trial, inspection: Inspection, counting: list[DefectObject], now_ns: int) -> None:
        others = [found for found in inspection.objects if self._watch.on_edge(found)]
        trial.inspect(inspection, self._watch.tested(inspection, counting), others, now_ns)
        if self._watch.confidence.is_suspicious:
            trial.confound(UNSURE, now_ns)
        trial.check(now_ns)
        self._settle(now_ns)

    def _check_deadline(self, trial: Trial, now_ns: int) -> None:
        if not trial.record.first_in_force_ns:
            return
        name = alarm_name(self.loop, "deadline")
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
            self._verdicts.tell(record, unsafe=trial.rollback_failed or trial.left_in_place, now_ns=now_ns)

    def _count_failure(self, trial: Trial, now_ns: int) -> None:
        self._experts.failed(trial.record.facts, now_ns)
        self.failures += 1
        if is_held(trial.record):
            self._suspend("an undecided correction is held", now_ns)
        elif self.failures >= self.loop.tries:
            self._suspend(f"{self.failures} corrections failed in this episode", now_ns)

    def _suspend(self, reason: str, now_ns: int) -> None:
        self.suspended = reason
        text = f"loop {self.loop.name} ({self.loop.side}) waits for the end of the episode: {reason}"
        self._alarms.raise_(alarm_name(self.loop, "suspended"), Priority.HIGH, text, now_ns)
