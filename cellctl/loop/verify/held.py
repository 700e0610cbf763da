"""One effective correction after its verdict: held, released, and the material after its release watched.

A fault that ended by itself inside the window of the test looks like a cure. Taking the correction back tells the two
apart: a fault that our move suppresses comes back, one that has ended does not. So the set-point goes back towards the
recipe by the size of its step, and a stretch of material made from then on is watched.

Nothing is assumed of the way back either: until its value is confirmed in force the correction counts as held, and a
watch whose conditions break says nothing about the fault.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from cellctl.config.resolved import Loop, Setpoint
from cellctl.loop.diagnose.conditions import Conditions
from cellctl.loop.diagnose.dead_time import DeadTime
from cellctl.loop.diagnose.situation import Situation
from cellctl.loop.verify.ask import patience_s, proposal
from cellctl.loop.verify.record import Record
from cellctl.loop.verify.rollback import Rollback, Way
from cellctl.loop.verify.sequential import MOST_PASSED
from cellctl.loop.verify.transaction import Event, following
from cellctl.model.correction import Evidence, Kind, Outcome, Released, TransactionState, WritePhase, WriteResult
from cellctl.model.inspection import Inspection, Judgement
from cellctl.model.message import Message

LATER_S = 60.0
"""Pause after three attempts in vain: by then a person has been told, and the set-point stays where it is."""


class Phase(StrEnum):
    """Where a held correction stands."""

    HOLDING = "holding"
    ASKING = "asking"
    SETTLING = "settling"
    WATCHING = "watching"
    OVER = "over"


def release_target(record: Record, setpoint: Setpoint | None) -> float | None:
    """Where the set-point goes back to: by the step, at most to the recipe; None when it would lead away from it."""
    if setpoint is None:
        return None
    recipe, held = setpoint.recipe, record.facts.target
    if (recipe - held) * (record.old - held) <= 0.0:
        return None
    return record.old if abs(record.old - held) <= abs(recipe - held) else recipe


class Held:
    """Follows one correction from EFFECTIVE on; it appends what is to be sent to `out`.

    Args:
        record: of the correction.
        target: where its release goes, in the unit of the set-point.
        situation: shared with the other loops.
        answer_s: longest wait for the guard's next report, beside its ramp.
        out: messages to send.

    Attributes:
        stuck: what to tell a person about a release that was asked for three times in vain, else empty.
    """

    def __init__(
        self, record: Record, target: float, situation: Situation, *, answer_s: float, out: list[Message]
    ) -> None:
        self.record = record
        self.phase = Phase.HOLDING
        self.stuck = ""
        self._loop: Loop = record.loop
        self._target = target
        self._situation = situation
        self._out = out
        self._since_ns = record.target_in_force_ns
        self._why = self._spoilt = ""
        self._moved = False
        self._slack = situation.resolution(self._loop.tag)
        self._dead_time = DeadTime(self._loop, situation)
        self._conditions: Conditions | None = None
        self._patience_s = patience_s(self._loop, situation, distance=record.facts.target - target, answer_s=answer_s)
        self._way = self._new_way()

    @property
    def transaction(self) -> str:
        """Its name."""
        return self.record.facts.transaction

    @property
    def judged(self) -> bool:
        """Whether the watch has shown that the fault returned, or that it did not."""
        released = self.record.released
        return self.phase is Phase.OVER and released is not None and released.in_force_ns > 0 and released.judged

    @property
    def released(self) -> Released:
        """The way back as far as it has come."""
        return self.record.released or Released(self._target)

    def restore(self, reason: str, now_ns: int) -> None:
        """Go on after a restart of the loop; nobody has watched meanwhile, so a release says nothing any more."""
        self._since_ns = now_ns
        released = self.record.released
        if self.record.state is TransactionState.EFFECTIVE:
            return
        self._situation.claim(self.transaction, self._loop)
        self._moved = True
        if released is not None and released.in_force_ns:
            self.phase = Phase.SETTLING
            self.spoil(reason, now_ns)
        else:
            self.phase, self._spoilt = Phase.ASKING, reason

    def resume(self, now_ns: int) -> None:
        """Nothing lies above this correction any more; from now on its value is the one in force."""
        self._since_ns = now_ns

    def begin(self, reason: str, now_ns: int) -> None:
        """Ask for the release; the caller has found nothing in the way."""
        self.phase = Phase.ASKING
        self._why = reason
        self._way = self._new_way()
        self._go_back(now_ns)

    def hold_on(self) -> None:
        """The rate rose before the release was accepted: it is not the time for it."""
        if self.phase is Phase.ASKING and not self._moved and not self._way.waits:
            self.phase = Phase.HOLDING

    def result(self, result: WriteResult, now_ns: int) -> None:
        """Take one report of the guard about the release."""
        if result.kind is not Kind.RELEASE or self.phase is not Phase.ASKING:
            return
        self.record.take(result)
        if result.was_taken_over:
            self._leave(f"{result.reason}; it is left there", now_ns)
        elif result.outcome is not Outcome.CONFIRMED:
            self._failed(result, now_ns)
        else:
            self._confirmed(result, now_ns)

    def _confirmed(self, result: WriteResult, now_ns: int) -> None:
        self._moved = True
        self._apply(Event.RELEASE, self._why, now_ns)
        if result.phase is not WritePhase.TARGET:
            return
        self.stuck, self._since_ns = "", result.stamp.t_ns
        self.phase = Phase.SETTLING
        self._dead_time.in_force(result.stamp.t_ns, result.encoder_mm)
        self._set(in_force_ns=result.stamp.t_ns)
        if self._spoilt:
            self.spoil(self._spoilt, now_ns)
        else:
            self._settle(now_ns)

    def _failed(self, result: WriteResult, now_ns: int) -> None:
        clean = result.outcome is Outcome.REFUSED and result.phase is WritePhase.DECIDED
        self._moved = self._moved or not clean
        self._way.failed(f"{result.outcome.value}, {result.reason or 'no reason given'}", now_ns)
        self._free()

    def _free(self) -> None:
        """Let others act again, unless the set-point may be on its way."""
        if not self._moved:
            self._situation.release(self.transaction)

    def check(self, now_ns: int) -> None:
        """Look at the value in force, the conditions and the time limits."""
        if self.phase is Phase.OVER:
            return
        if self._is_elsewhere(now_ns):
            value = self._value(self._situation.plant.value(self._loop.tag))
            self._leave(f"somebody else moved the set-point to {value}; it is left there", now_ns)
            return
        broken = self._broken(now_ns)
        if broken:
            self.spoil(broken, now_ns)
        if self.phase is Phase.ASKING:
            self._go_back(now_ns)
        elif self.phase is Phase.SETTLING:
            self._settle(now_ns)

    def _broken(self, now_ns: int) -> str:
        """Which condition of the watch no longer holds; asked from the first attempt that may have moved something."""
        under_way = self.phase in {Phase.SETTLING, Phase.WATCHING} or (self.phase is Phase.ASKING and self._way.waits)
        if self._conditions is None or not under_way:
            return ""
        return self._conditions.broken(self._situation.plant, now_ns)

    def _go_back(self, now_ns: int) -> None:
        waited = self._way.waits
        if not waited and not self._moved and self._situation.obstacle(self._loop, now_ns):
            return
        way = self._way.check(now_ns)
        if waited and not self._way.waits:
            self._moved = True  # no report in time: the guard may have moved it
        if way is Way.ASK:
            self._ask(now_ns)
        elif way is Way.GIVE_UP:
            self.stuck = f"release of {self.transaction} to {self._value(self._target)} failed: {self._way.failure}"
            self._way.begin_again(LATER_S, now_ns)

    def _ask(self, now_ns: int) -> None:
        facts = self.record.facts
        self._situation.claim(self.transaction, self._loop)
        if not self._moved:
            self._conditions, self._spoilt = self._situation.conditions(self._loop), ""
        self.record.released = Released(self._target)
        self._out.append(
            proposal(
                facts,
                self._loop,
                self._situation,
                kind=Kind.RELEASE,
                target=self._target,
                stamps_ns=(facts.exposure_ns, facts.first_line_ns),
                now_ns=now_ns,
            )
        )

    def _settle(self, now_ns: int) -> None:
        """Begin to watch once it is known which material shows the release."""
        if not self._dead_time.look():
            return
        self.phase = Phase.WATCHING
        self._set(from_mm=self._dead_time.from_mm)
        self._situation.release(self.transaction)
        at, start_m = self._value(self._target), self._dead_time.from_mm / 1000.0
        self.record.reason = f"{self._why}; at {at} again, material from {start_m:.2f} m on is watched"
        self._out.append(self.record.message(now_ns))

    def inspect(self, inspection: Inspection, watch_m: float, now_ns: int) -> None:
        """Account for material; the watch ends after so many inspected metres."""
        if self.phase is not Phase.WATCHING:
            return
        released = self.released
        judged = inspection.judgement is not Judgement.INDETERMINATE
        metres = inspection.span.clipped(released.from_mm).length_m if judged else 0.0
        self._set(metres=released.metres + metres)
        passed_m = (inspection.span.to_mm - released.from_mm) / 1000.0
        if self.released.metres >= watch_m:
            at = self._value(self._target)
            self._end(Event.STAYED_AWAY, f"no return in {self.released.metres:.1f} m at {at}", now_ns)
        elif passed_m > MOST_PASSED * watch_m:
            self.spoil(f"only {self.released.metres:.1f} of {passed_m:.1f} m could be judged", now_ns)

    def returned(self, objects: tuple[Evidence, ...], now_ns: int) -> None:
        """The rate rose again in the watched material."""
        self._set(objects=objects)
        text = f"{len(objects)} objects within {self.released.metres:.1f} m after the release: the fault is back"
        self._end(Event.RETURNED, text, now_ns)

    def repeated(self, transaction: str, now_ns: int) -> None:
        """The correction that repeats this one is EFFECTIVE."""
        self.record.confirmed_by = transaction
        self._apply(Event.REPEATED, f"{self.record.reason}, and went again with {transaction}", now_ns)

    def spoil(self, reason: str, now_ns: int) -> None:
        """What is seen after the release says nothing about the fault any more."""
        self._spoilt = self._spoilt or reason
        if self.phase in {Phase.SETTLING, Phase.WATCHING}:
            self._set(judged=False)
            at = self._value(self._target)
            self._end(Event.SPOILT, f"released to {at}; whether the fault returns was not judged: {reason}", now_ns)

    def cell_changed(self, now_ns: int) -> None:
        """The cell left Execute, or its epoch changed."""
        situation = self._situation
        self.spoil(situation.interruption, now_ns)
        if situation.recipe_changes:
            self.end(f"{situation.interruption}: the set-point is left to the line", now_ns)
            return
        why = situation.state.reason if situation.state is not None else ""
        if situation.goes_safe(self._loop.tag) and self.phase is not Phase.OVER:
            self._leave(f"safe state ({why}): the guard brings the set-point to its safe value", now_ns)

    def end(self, reason: str, now_ns: int) -> None:
        """Give the release up: the set-point is no longer this correction's."""
        if self.phase is not Phase.OVER:
            self._leave(reason, now_ns)

    def _leave(self, reason: str, now_ns: int) -> None:
        """Somebody else has the set-point: a watch is spoilt, and a release that is owed will not be asked for."""
        if self.phase in {Phase.SETTLING, Phase.WATCHING}:
            self.spoil(reason, now_ns)
            return
        self.phase = Phase.OVER
        self._situation.release(self.transaction)
        self.record.reason = f"{self.record.reason}; not released: {reason}"
        self._out.append(self.record.message(now_ns))

    def _end(self, event: Event, reason: str, now_ns: int) -> None:
        self.phase = Phase.OVER
        self._situation.release(self.transaction)
        self._apply(event, reason, now_ns)

    def _apply(self, event: Event, reason: str, now_ns: int) -> None:
        state = following(self.record.state, event)
        if state is not None:
            self.record.enter(state, reason, now_ns)
            self._out.append(self.record.message(now_ns))

    def _set(self, **changes: object) -> None:
        self.record.released = msgspec.structs.replace(self.released, **changes)

    def _is_elsewhere(self, now_ns: int) -> bool:
        """Whether the plant confirms a value that this correction and its release cannot explain."""
        plant, tag = self._situation.plant, self._loop.tag
        latest = plant.get(tag)
        if latest is None or latest.t_ns <= self._since_ns:
            return False
        low, high = self._span()
        if low - self._slack <= latest.value <= high + self._slack:
            return False
        return not plant.fault((tag,), now_ns)

    def _span(self) -> tuple[float, float]:
        """The values that may be in force."""
        held, target = self.record.facts.target, self._target
        if self.phase is Phase.HOLDING:
            return held, held
        return (min(held, target), max(held, target)) if self.phase is Phase.ASKING else (target, target)

    def _new_way(self) -> Rollback:
        return Rollback(self._loop, self._situation, (self._target, self.record.facts.target), self._patience_s)

    def _value(self, value: float) -> str:
        return f"{value:g} {self._loop.unit}"
