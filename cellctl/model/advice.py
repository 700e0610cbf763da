"""What a loop would do, or asks a person to allow; and what became of the defect rate afterwards."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from cellctl.model.correction import CurvePoint, Evidence
from cellctl.model.message import Egress, Message
from cellctl.model.web import Side


class AdviceState(StrEnum):
    """The life of an advice; all but the first are final."""

    OPEN = "OPEN"
    """Given; nothing was moved, and the rate is watched (or a person is waited for)."""
    CONFIRMED = "CONFIRMED"
    """A person allowed it in time; the correction of the same transaction follows."""
    DECLINED = "DECLINED"
    """A person said no."""
    LAPSED = "LAPSED"
    """Nobody answered in time."""
    WITHDRAWN = "WITHDRAWN"
    """It no longer holds: the run that raised the alarm ended, or something keeps the loop from acting."""
    PERSISTED = "PERSISTED"
    """Nothing was moved and the rate stayed up, at the stated risk: the alarm was real."""
    FELL = "FELL"
    """Nothing was moved and the rate fell all the same: a move would have looked effective."""
    UNDECIDED = "UNDECIDED"
    """The rate was in between."""
    INTERRUPTED = "INTERRUPTED"
    """Nothing can be said: a set-point moved, or the conditions changed, before the answer was clear."""

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to this advice."""
        return self is not AdviceState.OPEN


class Advice(Message, frozen=True, kw_only=True):
    """A move that was not made: recorded (shadow), told (advisory), or waiting for a yes (confirm).

    Sent at every change of its state; `stamp` is that change.

    Attributes:
        transaction: unique within the run; a confirmed advice becomes the correction of this name.
        loop: name of the loop.
        defect: the watched class.
        side: the coated edge.
        level: authority that the loop had: `shadow`, `advisory` or `confirm`.
        limited_by: why that is less than it was granted, else empty.
        state: where the advice stands.
        reason: what led to this state, in words.
        rule: the law, the test and the influence entry, in words.
        evidence: the objects that raised the alarm, the deciding one last.
        tag: the set-point.
        unit: of the values.
        old: value in force.
        proposed: value that it would move to.
        rate_per_m: honest rate of the class before, objects per metre (0 for an object that persists).
        gain: share of that rate that the influence matrix expects to go, 0 to 1.
        side_effects: other class → factor of its rate that the matrix expects, where above 1.
        drift_share: share of the set-point's drift budget in use after the move.
        due_ns: a person may say yes until then (0 when nobody is asked).
        curve: the test on the material after it, as for a correction, with nothing moved.
        words: what a person should do, of a loop that moves nothing; `tag` is then empty, and `gain` 0: not known.
    """

    egress: ClassVar[Egress] = Egress.FEATURES

    transaction: str
    loop: str
    defect: str
    side: Side
    level: str
    limited_by: str
    state: AdviceState
    reason: str
    rule: str
    evidence: tuple[Evidence, ...]
    tag: str
    unit: str
    old: float
    proposed: float
    rate_per_m: float
    gain: float
    side_effects: dict[str, float]
    drift_share: float
    due_ns: int
    curve: tuple[CurvePoint, ...]
    words: str = ""
