"""What waits for a person: moves that are advised or need a yes, and questions to an expert."""

from __future__ import annotations

import msgspec

from cellctl.clock import NS_PER_S
from cellctl.hmi.view import AdviceRow, QuestionRow
from cellctl.model import Advice, Correction, Escalation, Label, Side, TransactionState

RECORDED_ONLY = "shadow"
"""The level whose advices are for the record: nobody is told."""
MOST_QUESTIONS = 1000
"""Questions that are remembered; the oldest are forgotten first."""


class Asked:
    """Follows advices and questions until they are answered or over."""

    def __init__(self) -> None:
        self._advices: dict[str, Advice] = {}
        self._questions: dict[str, tuple[QuestionRow, set[str]]] = {}
        self._about: dict[str, tuple[str, Side]] = {}

    def advice(self, message: Advice) -> None:
        """An advice was given, or is over."""
        self._advices.pop(message.transaction, None)
        if not message.state.is_final and message.level != RECORDED_ONLY:
            self._advices[message.transaction] = message

    def question(self, message: Escalation) -> None:
        """An expert is asked."""
        row = QuestionRow(message.id, message.question, len(message.objects))
        self._questions[message.id] = (row, set(message.objects))
        self._about[message.id] = (message.defect, message.side)
        if len(self._questions) > MOST_QUESTIONS:
            del self._questions[next(iter(self._questions))]
        if len(self._about) > MOST_QUESTIONS:
            del self._about[next(iter(self._about))]

    def correction(self, message: Correction) -> None:
        """With an EFFECTIVE verdict what was asked before it about the same class and side is settled."""
        if message.state is not TransactionState.EFFECTIVE:
            return
        for name, (row, left) in self._questions.items():
            if self._about.get(name) == (message.defect, message.side):
                self._questions[name] = (msgspec.structs.replace(row, settled=True), left)

    def label(self, message: Label) -> None:
        """One object was labelled; a question is answered when none of its objects is left."""
        _, left = self._questions.get(message.escalation, (None, set()))
        left.discard(message.object_id)
        if not left:
            self._questions.pop(message.escalation, None)

    def alarms(self) -> frozenset[str]:
        """Ids of the alarms that say the same as an advice or a question; an answered question is none any more."""
        advised = {f"advice.{advice.loop}.{advice.side}" for advice in self._advices.values()}
        return frozenset(advised | {f"escalation.{defect}.{side}" for defect, side in self._about.values()})

    def advices(self, now_ns: int) -> tuple[AdviceRow, ...]:
        """Newest first."""
        return tuple(_row(advice, now_ns) for advice in reversed(self._advices.values()))

    def questions(self) -> tuple[QuestionRow, ...]:
        """Newest first; settled ones last."""
        rows = (row for row, _ in reversed(self._questions.values()))
        return tuple(sorted(rows, key=lambda row: row.settled))


def _row(advice: Advice, now_ns: int) -> AdviceRow:
    left_s = max(0.0, (advice.due_ns - now_ns) / NS_PER_S) if advice.due_ns else None
    return AdviceRow(
        transaction=advice.transaction, defect=advice.defect, side=advice.side.value, tag=advice.tag,
        unit=advice.unit, old=advice.old, proposed=advice.proposed, gain=advice.gain, left_s=left_s,
    )  # fmt: skip
