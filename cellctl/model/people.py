"""Between the cell and its people: what an expert is asked, and what people answer, allow and hand back."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from cellctl.model.message import Egress, Message
from cellctl.model.web import Side


class Escalation(Message, frozen=True, kw_only=True):
    """A question to an expert, asked in parallel: no loop waits for the answer.

    Attributes:
        id: unique within the run, `ESC-<class>-<side>-<number>`.
        defect: class name.
        side: coated edge, or none.
        reason: the rule that asks, in words.
        question: what the expert is asked.
        objects: ids of the objects to look at.
        transaction: the correction it is about, else empty.
    """

    egress: ClassVar[Egress] = Egress.FEATURES

    id: str
    defect: str
    side: Side
    reason: str
    question: str
    objects: tuple[str, ...]
    transaction: str = ""


class Label(Message, frozen=True, kw_only=True):
    """What an expert says an object is; `stamp` is when the cell took it in.

    Attributes:
        escalation: the question it answers.
        object_id: the object.
        label: class name, or the name of the classifier's background for "no defect".
        by: who said so, as they gave their name.
        note: in their words.
    """

    egress: ClassVar[Egress] = Egress.FEATURES

    escalation: str
    object_id: str
    label: str
    by: str
    note: str


class Order(StrEnum):
    """What a person tells a loop, or the guard."""

    CONFIRM = "confirm"
    """Make the move that was asked about."""
    DECLINE = "decline"
    """Do not make it."""
    TAKE_OVER = "take-over"
    """This set-point is the person's: the cell ends its ramp where it stands, and moves it no more."""
    HAND_BACK = "hand-back"
    """This set-point, or those of this loop, are the cell's again, at the value where they stand."""
    RESET = "reset"
    """This loop may ask again, after what it asked for had broken the envelope."""


class Instruction(Message, frozen=True, kw_only=True):
    """One order of a person to the loops and to the guard.

    Attributes:
        order: what to do.
        subject: the transaction to confirm or decline, the set-point to take over, the set-point or loop to hand back,
            or the loop to reset.
        by: who said so, as they gave their name.
    """

    order: Order
    subject: str
    by: str
