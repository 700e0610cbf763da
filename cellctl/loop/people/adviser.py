"""Moves that were not made: recorded in the shadow, told to a person, or waiting for a person's yes.

After an advice that nobody acts on, the test of a correction runs on the material all the same, with nothing moved. It
says whether the alarm was real (the rate stayed up) or whether a move would have looked effective (the rate fell by
itself): a cell that runs in shadow for a shift measures its own false alarms.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from cellctl.clock import NS_PER_S
from cellctl.config.resolved import Loop, ResolvedCell
from cellctl.loop.alarms import AlarmBook, alarm_name
from cellctl.loop.diagnose.dead_time import DeadTime
from cellctl.loop.diagnose.influence import Remedy
from cellctl.loop.diagnose.situation import Situation
from cellctl.loop.estimate.watch import Deciding
from cellctl.loop.people.authority import Level, drift_share
from cellctl.loop.verify.presence import PresenceTest, make_test
from cellctl.loop.verify.record import Facts
from cellctl.loop.verify.sequential import MOST_PASSED, Decision, SequentialTest
from cellctl.model.advice import Advice, AdviceState
from cellctl.model.events import Priority
from cellctl.model.inspection import DefectObject, Inspection, Judgement, OpenObject
from cellctl.model.message import Message, Stamp
from cellctl.model.web import Side

A = AdviceState
VERDICT = {
    Decision.IMPROVED: A.FELL,
    Decision.NOT_IMPROVED: A.PERSISTED,
    Decision.TRUNCATED: A.UNDECIDED,
}


class Asked(NamedTuple):
    """What a person's yes needs: what decided, the influence, and the material seen last."""

    remedy: Remedy
    found: Deciding
    latest: Inspection


class Adviser:
    """Keeps the one open advice of a loop, and the alarm that tells of it; it appends to `out`."""

    def __init__(self, loop: Loop, situation: Situation, alarms: AlarmBook, out: list[Message]) -> None:
        self._alarms = alarms
        self._name = alarm_name(loop, "advice")
        self._loop = loop
        self._situation = situation
        self._out = out
        self._advice: Advice | None = None
        self._asked: Asked | None = None
        self._test: SequentialTest | PresenceTest | None = None

    @property
    def open(self) -> Advice | None:
        """The advice that has no answer yet."""
        return self._advice

    @property
    def waits_for_a_person(self) -> bool:
        """Whether a person was asked and has not answered."""
        return self._asked is not None

    def asked(self, transaction: str) -> Asked | None:
        """What was asked under this name, when it still waits for a person."""
        waits = self._advice is not None and self._advice.transaction == transaction
        return self._asked if waits else None

    def advise(
        self, facts: Facts, remedy: Remedy, level: Level, limited_by: str, *, seen_mm: float, now_ns: int
    ) -> None:
        """Give an advice, and watch what becomes of the rate in material that was not seen yet (after `seen_mm`)."""
        situation = self._situation
        self._test = make_test(self._loop, facts.baseline_per_m)
        self._conditions = situation.conditions(self._loop)
        self._dead_time = DeadTime(self._loop, situation)
        if self._loop.advise:
            self._dead_time.nothing_moved(seen_mm)
        else:
            self._dead_time.in_force(now_ns, situation.plant.value(situation.cell.web.encoder))
        advice = self._make(facts, remedy, level, limited_by, now_ns)
        why = f" (the loop does not act: {limited_by})" if limited_by else ""
        self._begin(advice, Priority.MEDIUM, why)

    def ask(self, facts: Facts, asked: Asked, within_s: float, now_ns: int) -> None:
        """Ask a person for a yes within so many seconds."""
        self._asked = asked
        advice = self._make(facts, asked.remedy, Level.CONFIRM, "", now_ns)
        due_ns = now_ns + round(within_s * NS_PER_S)
        reason = f"waits {within_s:g} s for a person's yes"
        how = f". Within {within_s:g} s: cellctl confirm RUN {advice.transaction}"
        self._begin(msgspec.structs.replace(advice, due_ns=due_ns, reason=reason), Priority.HIGH, how)

    def _begin(self, advice: Advice, priority: Priority, more: str) -> None:
        self._advice = advice
        self._situation.advise(advice.transaction, self._loop)
        self._out.append(advice)
        self._alarms.raise_(self._name, priority, f"{advice_text(advice)}{more}", advice.stamp.t_ns)

    def inspect(
        self, inspection: Inspection, counting: Sequence[DefectObject] | Sequence[OpenObject], now_ns: int
    ) -> bool:
        """Take one inspection and what the test counts in it; True when it answers whether the rate stayed up."""
        if self._advice is None:
            return False
        if self._asked is not None:
            if inspection.judgement is not Judgement.INDETERMINATE:
                self._asked = self._asked._replace(latest=inspection)
            return False
        test = self._test
        if test is None or not self._dead_time.look():
            return False
        start_mm = self._dead_time.from_mm
        judged = inspection.judgement is not Judgement.INDETERMINATE
        metres = inspection.span.clipped(start_mm).length_m if judged else 0.0
        decision = test.add(metres, sum(found.web.s_mm >= start_mm for found in counting))
        passed_m = (inspection.span.to_mm - start_mm) / 1000.0
        if decision is Decision.OPEN and passed_m > MOST_PASSED * test.truncate_m:
            decision = Decision.TRUNCATED
        if decision is Decision.OPEN:
            return False
        found = test.found(self._advice.rate_per_m)
        self.end(VERDICT[decision], f"nothing was moved: {found}", now_ns)
        return True

    def check(self, now_ns: int) -> bool:
        """Look at conditions and the time limit; True when they end the advice."""
        advice = self._advice
        if advice is None:
            return False
        if self._asked is not None:
            if now_ns <= advice.due_ns:
                return False
            self.end(A.LAPSED, "nobody answered in time", now_ns)
            return True
        reason = self._conditions.broken(self._situation.plant, now_ns) or self._moved()
        if reason:
            self.end(A.INTERRUPTED, reason, now_ns)
        return bool(reason)

    def end(self, state: AdviceState, reason: str, now_ns: int) -> None:
        """End the open advice, if there is one."""
        advice, test = self._advice, self._test
        if advice is None:
            return
        curve = test.curve if test is not None else ()
        self._out.append(msgspec.structs.replace(advice, stamp=Stamp(now_ns), state=state, reason=reason, curve=curve))
        self._situation.advise_over(advice.transaction)
        self._alarms.clear(self._name, now_ns)
        self._advice = self._asked = self._test = None

    def _moved(self) -> str:
        """Whether a person moved the set-point meanwhile: then the material tells of that."""
        advice = self._advice
        latest = self._situation.plant.get(self._loop.tag)
        if advice is None or latest is None:
            return ""
        slack = self._situation.resolution(self._loop.tag)
        moved = abs(latest.value - advice.old) > slack
        return f"{advice.tag} was moved to {latest.value:g} {advice.unit}" if moved else ""

    def _make(self, facts: Facts, remedy: Remedy, level: Level, limited_by: str, now_ns: int) -> Advice:
        loop, situation = self._loop, self._situation
        return Advice(
            stamp=Stamp(now_ns),
            trace=facts.trace,
            transaction=facts.transaction,
            loop=loop.name,
            defect=loop.watch.defect,
            side=loop.side,
            level=level.name.lower(),
            limited_by=limited_by,
            state=A.OPEN,
            reason="nothing is moved; the rate is watched",
            rule=facts.rule,
            evidence=facts.evidence,
            tag=loop.tag,
            unit=loop.unit,
            old=facts.old,
            proposed=facts.target,
            rate_per_m=facts.baseline_per_m,
            gain=-math.expm1(-abs(remedy.influence)),
            side_effects=side_effects(situation.cell, loop, remedy),
            drift_share=drift_share(situation.setpoint(loop.tag), facts.target),
            due_ns=0,
            curve=(),
            words=loop.advise,
        )


def side_effects(cell: ResolvedCell, loop: Loop, remedy: Remedy) -> dict[str, float]:
    """Other class → factor of its rate that the influence matrix expects of the move, where above 1."""
    found = {}
    for row in cell.defects:
        entry = row.influence.get(remedy.tag)
        change = remedy.sign * entry.per_step if entry is not None else 0.0
        if row.name != loop.watch.defect and change > 0.0:
            found[row.name] = math.exp(change)
    return found


def advice_text(advice: Advice) -> str:
    """The advice in one sentence, for a person."""
    if advice.words:
        side = f" ({advice.side})" if advice.side is not Side.NONE else ""
        return f"{advice.defect}{side} is above its alarm rate: {advice.words}"
    worse = ", ".join(f"{name} x{factor:.2f}" for name, factor in advice.side_effects.items())
    return (
        f"{advice.defect} ({advice.side}) is above its alarm rate: move {advice.tag} from {advice.old:g} to "
        f"{advice.proposed:g} {advice.unit}; expected: {advice.gain:.0%} fewer"
        + (f", but {worse}" if worse else "")
        + f"; {advice.drift_share:.0%} of the drift budget in use then"
    )
