"""The test after a pulse on a long object: has it gone from its place, in the material made after the pulse?

No statistics: the object is either there or it is not. It has gone when nothing goes on at its place for as much
inspected material as had raised the alarm; it has not when anything of its class goes on there.
"""

from __future__ import annotations

from cellctl.config.resolved import Loop
from cellctl.loop.verify.sequential import Decision, SequentialTest
from cellctl.model.correction import CurvePoint


class PresenceTest:
    """Answers in the words of `SequentialTest`, whose place in a correction it takes.

    Args:
        clear_m: inspected metres without the object that show that it has gone.
    """

    def __init__(self, clear_m: float) -> None:
        self.metres = 0.0
        self.events = 0
        self.decision = Decision.OPEN
        self.truncate_m = clear_m

    def add(self, metres: float, events: int) -> Decision:
        """Account for inspected metres and what goes on at the place; a decided test stays decided."""
        if self.decision is Decision.OPEN:
            self.events += events
            self.metres += metres if not self.events else 0.0
            if self.events:
                self.decision = Decision.NOT_IMPROVED
            elif self.metres >= self.truncate_m:
                self.decision = Decision.IMPROVED
        return self.decision

    @property
    def curve(self) -> tuple[CurvePoint, ...]:
        """The start, and where the test stands now; there is no likelihood in it."""
        start, now = CurvePoint(0.0, 0, 0.0), CurvePoint(self.metres, self.events, 0.0)
        return (start, now) if now != start else (start,)

    def found(self, baseline_per_m: float) -> str:  # noqa: ARG002  # no rate is compared
        """What was seen, in words."""
        seen = "it goes on" if self.events else "it is gone"
        return f"{seen} at its place in {self.metres:.1f} m made after the move"


def make_test(loop: Loop, baseline_per_m: float) -> SequentialTest | PresenceTest:
    """The test that fits what the loop watches: a rate, or one object that goes on."""
    if loop.watch.persists_m:
        return PresenceTest(loop.watch.persists_m)
    return SequentialTest(baseline_per_m, loop.verify)
