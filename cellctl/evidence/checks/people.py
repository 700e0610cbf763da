"""Whoever moved something was allowed to, and every label answers a question that was asked."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from cellctl.config.resolved import ResolvedCell
from cellctl.evidence.canonical import restore
from cellctl.evidence.checks.base import Check, verdict
from cellctl.evidence.kinds import RecordKind, RunOpened
from cellctl.evidence.record import Record
from cellctl.model import Advice, AdviceState, Correction, Escalation, Label, TransactionState

MAY_MOVE = frozenset({"confirm", "auto"})
"""Authorities that lead to a correction (`docs/loop.md`)."""


class PeopleChecker:
    """Holds corrections against the authority of their loop and a person's yes, and labels against the questions."""

    def __init__(self) -> None:
        self._cell: ResolvedCell | None = None
        self._allowed: dict[str, Advice] = {}
        self._corrections: dict[str, Correction] = {}
        self._questions: dict[str, tuple[str, ...]] = {}
        self._labels: list[Label] = []
        self._faults: list[str] = []

    def see(self, record: Record) -> None:
        """Take the configuration, the corrections, what was allowed, the questions and the answers."""
        try:
            if record.kind == RecordKind.RUN_OPENED:
                self._cell = restore(restore(record.body, RunOpened).config, ResolvedCell)
            elif record.kind == RecordKind.CORRECTION:
                correction = restore(record.body, Correction)
                self._corrections.setdefault(correction.transaction, correction)
            elif record.kind == RecordKind.ADVICE:
                advice = restore(record.body, Advice)
                if advice.state is AdviceState.CONFIRMED:
                    self._allowed[advice.transaction] = advice
            elif record.kind == RecordKind.ESCALATION:
                question = restore(record.body, Escalation)
                self._questions[question.id] = question.objects
            elif record.kind == RecordKind.LABEL:
                self._labels.append(restore(record.body, Label))
        except msgspec.ValidationError as error:
            if record.kind in {RecordKind.ADVICE, RecordKind.ESCALATION, RecordKind.LABEL}:
                self._faults.append(f"record {record.sequence} cannot be read: {error}")

    def conclude(self) -> Check:
        """Say whether each correction was allowed, and each label asked for."""
        loops = {loop.name: loop.authority for loop in self._cell.loops} if self._cell else {}
        for correction in self._corrections.values():
            authority = loops.get(correction.loop)
            if authority is not None:  # the verdicts' check reports a loop that is not configured
                self._faults += [f"{correction.transaction}: {fault}" for fault in self._move(correction, authority)]
        for label in self._labels:
            self._faults += [f"label of {label.object_id}: {fault}" for fault in self._label(label)]
        found = f"{len(self._allowed)} moves allowed by a person, {len(self._labels)} labels"
        return verdict("people", self._faults, found)

    def _move(self, correction: Correction, authority: str) -> Iterator[str]:
        if authority not in MAY_MOVE:
            yield f"made by loop {correction.loop}, whose authority is {authority}"
        if authority != "confirm":
            return
        advice = self._allowed.get(correction.transaction)
        if advice is None:
            yield "made without a person's yes on record"
        elif (advice.tag, advice.unit, advice.proposed) != (correction.tag, correction.unit, correction.proposed):
            yield f"a person allowed {advice.tag} to go to {advice.proposed:g}, not {correction.proposed:g}"
        elif advice.stamp.t_ns > correction.times_ns.get(TransactionState.PROPOSED, -1):
            yield "it was proposed before a person allowed it"

    def _label(self, label: Label) -> Iterator[str]:
        objects = self._questions.get(label.escalation)
        if objects is None:
            yield f"nobody asked {label.escalation}"
        elif label.object_id not in objects:
            yield f"{label.escalation} did not ask about it"
