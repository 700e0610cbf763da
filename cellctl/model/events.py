"""What the cell tells people: nonconformities, alarms and escalations."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from cellctl.model.correction import Evidence
from cellctl.model.message import Egress, Message
from cellctl.model.web import Side, WebSpan


class Nonconformity(Message, frozen=True, kw_only=True):
    """A nonconformity report: material that no correction of this cell can mend.

    Attributes:
        id: unique within the run, `NCR-<number>`.
        defect: class name.
        side: coated edge, or none.
        span: material from the first to the last object.
        cause: the cause as the configuration names it.
        reason: the rule that filed it, in words.
        lot: the running lot.
        evidence: the objects.
        exposure_ns: exposure of the block in which the last object closed.
    """

    egress: ClassVar[Egress] = Egress.FEATURES

    id: str
    defect: str
    side: Side
    span: WebSpan
    cause: str
    reason: str
    lot: str
    evidence: tuple[Evidence, ...]
    exposure_ns: int


class Priority(StrEnum):
    """Alarm priorities of ISA-18.2."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Alarm(Message, frozen=True, kw_only=True):
    """Something a person should look at.

    Attributes:
        id: stable name of the alarm, for example `escalation.coat_edge_spur.left`.
        active: raised (True) or returned to normal (False).
        priority: how soon.
        text: what happened and what to do next.
        objects: ids of the objects it rests on.
        holds: while it stands the cell may not act: a running cell goes to Held and its safe state, and it cannot
            be started.
    """

    egress: ClassVar[Egress] = Egress.FEATURES

    id: str
    active: bool
    priority: Priority
    text: str
    objects: tuple[str, ...] = ()
    holds: bool = False
