"""The way back: asking for the old value until it is confirmed, taken by somebody else, or given up.

A roll-back states an absolute value, so asking again is harmless. It is asked for in Execute only; until then it
stays owed.
"""

from __future__ import annotations

from enum import StrEnum

from cellctl.clock import NS_PER_S
from cellctl.config.resolved import Loop
from cellctl.loop.diagnose.situation import Situation

ATTEMPTS = 3
"""After so many attempts without a confirmation a person is needed."""


class Way(StrEnum):
    """What to do next on the way back."""

    WAIT = "wait"
    ASK = "ask"
    TAKEN_OVER = "taken over"
    GIVE_UP = "give up"


class Rollback:
    """The roll-back of one correction between `old` and `target`.

    Args:
        loop: the loop whose set-point goes back.
        situation: shared with the other loops.
        span: old and target value, in either order.
        patience_s: longest wait for the guard's final report, ramp included.
    """

    def __init__(self, loop: Loop, situation: Situation, span: tuple[float, float], patience_s: float) -> None:
        self.failure = ""
        self._loop = loop
        self._situation = situation
        self._low, self._high = min(span), max(span)
        self._patience_ns = round(patience_s * NS_PER_S)
        self._due_ns = 0
        self._attempts = 0
        self._asked = False

    @property
    def waits(self) -> bool:
        """Whether an attempt is out and its report has not come."""
        return self._asked

    def begin_again(self, pause_s: float, now_ns: int) -> None:
        """Forget the attempts made so far and pause before the next."""
        self._attempts = 0
        self._asked = False
        self._due_ns = now_ns + round(pause_s * NS_PER_S)

    def failed(self, reason: str, now_ns: int) -> None:
        """The last attempt was refused, is unknown, or was not answered; the next one waits a while."""
        self.failure = reason
        self._asked = False
        self._due_ns = now_ns + self._patience_ns

    def check(self, now_ns: int) -> Way:
        """What to do now; ASK is said once per attempt."""
        if self._asked and now_ns > self._due_ns:
            self.failed("no report of the guard in time", now_ns)
        if not self._asked and self._attempts >= ATTEMPTS:
            return Way.GIVE_UP
        if self._asked or now_ns < self._due_ns or not self._situation.executing:
            return Way.WAIT
        if self._is_elsewhere(now_ns):
            return Way.TAKEN_OVER
        self._attempts += 1
        self._asked = True
        self._due_ns = now_ns + self._patience_ns
        return Way.ASK

    def _is_elsewhere(self, now_ns: int) -> bool:
        """Whether the set-point stands where this correction cannot have put it."""
        plant, tag = self._situation.plant, self._loop.tag
        if plant.fault((tag,), now_ns):
            return False
        slack = self._situation.resolution(tag)
        return not self._low - slack <= plant.value(tag) <= self._high + slack
