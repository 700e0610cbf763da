"""When effective corrections are taken back: one at a time, the newest first, after a stretch in control.

The stretch grows: each return of the fault doubles it, because a fault that returns is a fault that lasts, and every
release of it costs product. A release after which the fault stayed away brings it back to where it began.
"""

from __future__ import annotations

from collections.abc import Iterable

from cellctl.config.resolved import Loop
from cellctl.loop.diagnose.situation import Situation
from cellctl.loop.verify.held import Held, Phase, release_target
from cellctl.loop.verify.record import Record
from cellctl.model.correction import Evidence, TransactionState, WriteResult
from cellctl.model.inspection import Inspection
from cellctl.model.message import Message

S = TransactionState


class Releases:
    """The effective corrections of one loop that are still in force.

    Args:
        loop: the loop's configuration.
        situation: shared with the other loops.
        answer_s: longest wait for the guard's next report, beside its ramp.
        out: messages to send.

    Attributes:
        hold_m: metres in control before the next release.
        confirming: transaction that the next correction repeats, because its release brought the fault back.
    """

    def __init__(self, loop: Loop, situation: Situation, *, answer_s: float, out: list[Message]) -> None:
        self.hold_m = loop.release.after_m
        self._loop = loop
        self._rules = loop.release
        self._situation = situation
        self._answer_s = answer_s
        self._out = out
        self._stack: list[Held] = []
        self._returned: Held | None = None
        self._calm_m = 0.0
        self._epoch = situation.epoch
        self._fresh_mm: float | None = None

    def __bool__(self) -> bool:
        return bool(self._stack)

    @property
    def confirming(self) -> str:
        """The transaction that the next correction of this loop repeats, else empty."""
        return self._returned.transaction if self._returned is not None else ""

    @property
    def newest(self) -> Held | None:
        """The correction whose value is in force."""
        return self._stack[-1] if self._stack else None

    @property
    def is_watching(self) -> bool:
        """Whether material made after a release is being watched."""
        return bool(self._stack) and self._stack[-1].phase is Phase.WATCHING

    @property
    def stuck(self) -> str:
        """What to tell a person about a release that does not come through."""
        return self._stack[-1].stuck if self._stack else ""

    def judged(self, record: Record, now_ns: int) -> None:
        """A correction of this loop has its verdict: hold it if it helped, and prove the one that it repeats."""
        returned = self._returned
        repeats = returned is not None and record.facts.confirms == returned.transaction
        if repeats and record.state is not S.REFUSED:
            self._returned = None
        if returned is not None and repeats and record.state is S.EFFECTIVE:
            returned.repeated(record.facts.transaction, now_ns)
        if record.state is S.EFFECTIVE:
            self.hold(record)
        elif record.state is S.UNDECIDED and record.in_force == record.facts.target:
            self._give_up(f"{record.facts.transaction} stays on top of it without an answer, a person decides", now_ns)
        self._resume(now_ns)

    def _give_up(self, reason: str, now_ns: int) -> None:
        """None of these corrections is in force as it was left, and none will be asked to go back."""
        for held in self._stack:
            held.end(reason, now_ns)
        self._stack.clear()

    def fresh_material(self) -> float | None:
        """Where the watched material begins, mm; said once, when the watch begins."""
        fresh, self._fresh_mm = self._fresh_mm, None
        return fresh

    def restore(self, records: Iterable[Record], hold_m: float, reason: str, now_ns: int) -> None:
        """Go on after a restart of the loop with the corrections that are in force, oldest first."""
        self.hold_m = hold_m
        for record in records:
            self.hold(record)
        for held in self._stack:
            held.restore(reason, now_ns)
        self._settle(now_ns)

    def hold(self, record: Record) -> None:
        """A correction is in force, and its release is owed, if there is something to give back."""
        target = release_target(record, self._situation.setpoint(self._loop.tag))
        if self._rules.enabled and self._loop.law == "step" and target is not None:
            self._stack.append(Held(record, target, self._situation, answer_s=self._answer_s, out=self._out))

    def _resume(self, now_ns: int) -> None:
        self._calm_m = 0.0
        if self._stack:
            self._stack[-1].resume(now_ns)

    def advance(self, metres: float) -> None:
        """Account for inspected material without an alarm so far."""
        self._calm_m += metres

    def disturbed(self) -> None:
        """The rate rose: the stretch in control begins anew."""
        self._calm_m = 0.0
        if self._stack:
            self._stack[-1].hold_on()

    def consider(self, now_ns: int) -> None:
        """Release the newest correction when it is time and nothing is in the way."""
        newest = self.newest
        if newest is None or newest.phase is not Phase.HOLDING or self._calm_m < self.hold_m:
            return
        if not self._situation.obstacle(self._loop, now_ns):
            newest.begin(f"release after {self._calm_m:.0f} m in control", now_ns)

    def inspect(self, inspection: Inspection, now_ns: int) -> None:
        """Account for one inspection of watched material."""
        if self._stack:
            self._stack[-1].inspect(inspection, self._rules.watch_m, now_ns)
            self._settle(now_ns)

    def returned(self, objects: tuple[Evidence, ...], now_ns: int) -> None:
        """The rate rose in the watched material: the correction is still needed, and is to be made again."""
        newest = self._stack[-1]
        newest.returned(objects, now_ns)
        self._returned = newest
        self.hold_m = min(2.0 * self.hold_m, self._rules.longest_m)
        self._settle(now_ns)

    def episode_ended(self) -> None:
        """Whatever comes now is another fault: it repeats nothing."""
        self._returned = None

    def result(self, result: WriteResult, now_ns: int) -> bool:
        """Take one report of the guard; False when it is about none of these corrections."""
        newest = self.newest
        if newest is None or result.transaction != newest.transaction:
            return False
        newest.result(result, now_ns)
        self._settle(now_ns)
        return True

    def spoil(self, reason: str, now_ns: int) -> None:
        """Something happened after which the watched material says nothing about the fault."""
        if self._stack and self._stack[-1].phase is not Phase.HOLDING:
            self._stack[-1].spoil(reason, now_ns)
            self._settle(now_ns)

    def check(self, now_ns: int) -> None:
        """Look at conditions and time limits."""
        if self._stack:
            self._stack[-1].check(now_ns)
            self._settle(now_ns)

    def cell_changed(self, now_ns: int) -> None:
        """The cell's state was told; it may be the same."""
        situation = self._situation
        if situation.executing and situation.epoch == self._epoch:
            return
        self._epoch, self._calm_m = situation.epoch, 0.0
        self._returned = None  # what has happened at the line meanwhile is not known: nothing is repeated after it
        for held in self._stack:
            held.cell_changed(now_ns)
        self._stack = [held for held in self._stack if held.phase is not Phase.OVER]
        self._resume(now_ns)

    def _settle(self, now_ns: int) -> None:
        """Draw the consequences when a watch begins, or the newest correction is no longer held."""
        newest = self.newest
        if newest is not None and newest.phase is Phase.WATCHING and not newest.released.metres:
            self._fresh_mm = newest.released.from_mm
        if newest is None or newest.phase is not Phase.OVER:
            return
        self._stack.pop()
        if newest.record.state in {S.EFFECTIVE, S.RELEASING}:  # taken over: what lies below is not in force either
            self._give_up("the set-point was moved by somebody else", now_ns)
        elif newest.record.state is S.RESTORED and newest.judged:
            self.hold_m = self._rules.after_m
        self._resume(now_ns)
