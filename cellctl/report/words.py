"""Words that several parts of a report share."""

from __future__ import annotations

from cellctl.errors import Text, text
from cellctl.model import EFFECTIVE_STATES, AdviceState, TransactionState
from cellctl.report.document import Cell, Look

S, A = TransactionState, AdviceState

MEANS: dict[str, Text] = {
    S.EFFECTIVE: text("the rate fell after the move"),
    S.RELEASING: text("the rate fell; the move is being taken back to see whether it is still needed"),
    S.RESTORED: text("the rate fell; the move was taken back, and the fault stayed away or was not watched"),
    S.STILL_NEEDED: text("the rate fell; the move was taken back and the fault came back"),
    S.PROVEN: text("the fault went with the move, came back without it and went again with it"),
    S.INEFFECTIVE_ROLLED_BACK: text("it did not help, and the old value is in force again"),
    S.UNDECIDED: text("it could not be told whether it helped"),
    S.CONFOUNDED: text("something else spoilt the test"),
    S.REFUSED: text("the guard did not allow it; nothing was moved"),
}
"""What a verdict says in one clause; a state that is none of them is under way."""

BECAME: dict[str, Text] = {
    A.OPEN: text("no answer yet"),
    A.CONFIRMED: text("a person allowed it; see the correction of this name"),
    A.DECLINED: text("a person said no"),
    A.LAPSED: text("nobody answered in time"),
    A.WITHDRAWN: text("withdrawn: it no longer held"),
    A.PERSISTED: text("the rate stayed up: the alarm was real"),
    A.FELL: text("the rate fell by itself: a move would have looked effective"),
    A.UNDECIDED: text("the rate was in between"),
    A.INTERRUPTED: text("nothing can be said: conditions changed first"),
}
"""What became of the rate after an advice."""


def verdict(state: TransactionState, link: str = "") -> Cell:
    """A state as a cell of a table; one that asks for a person's look is marked."""
    return Cell(state.value, Look.PLAIN if state in EFFECTIVE_STATES else Look.ATTENTION, link=link)


def subject(defect: str, side: str) -> Text | str:
    """A class, and its coated edge when it has one."""
    if side == "left":
        return text("{defect}, left", defect=defect)
    return text("{defect}, right", defect=defect) if side == "right" else defect


def axis(*, in_metres: bool) -> Text:
    """What the axis of values says."""
    return text("material at the blade, m") if in_metres else text("time since the run began, min")
