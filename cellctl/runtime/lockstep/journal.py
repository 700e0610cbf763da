"""The journal's side of a bus in virtual time: a record counts as stored at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cellctl.errors import EvidenceError
from cellctl.evidence.record import Record
from cellctl.model.correction import Proposal, WriteResult
from cellctl.model.guarding import Memory
from cellctl.model.people import Instruction
from cellctl.runtime.bus.intents import (
    ARMED,
    INTENT,
    ORDER,
    RESULT,
    STANDING,
    armed_body,
    intent_body,
    order_body,
    result_body,
)
from cellctl.runtime.bus.ports import JournalPort


class NoJournal:
    """For runs that keep nothing."""

    def append(self, kind: str, body: dict[str, Any]) -> None:
        """Forget it."""

    def records(self) -> list[Record]:
        """Nothing."""
        return []


class PromptIntents:
    """Stores records in the thread that asks.

    Attributes:
        fault: why the last record could not be stored, empty when it was.
    """

    def __init__(self, journal: JournalPort) -> None:
        self._journal = journal
        self._keeps = not isinstance(journal, NoJournal)
        self.fault = ""

    def intend(self, proposal: Proposal, old: float, memory: Memory) -> str:
        """Store an intent; returns why it is not stored, or empty."""
        if self._keeps:
            self._store(INTENT, intent_body(proposal, old, memory))
        return self.fault

    def result(self, result: WriteResult, memory: Memory) -> None:
        """Store what became of a proposal."""
        if self._keeps:
            self._store(RESULT, result_body(result, memory))

    def armed(self, memory: Memory) -> None:
        """Store the epoch."""
        if self._keeps:
            self._store(ARMED, armed_body(memory))

    def order(self, instruction: Instruction, memory: Memory) -> None:
        """Store what a person ordered."""
        if self._keeps:
            self._store(ORDER, order_body(instruction, memory))

    def standing(self, memory: Memory, then: Callable[[], None]) -> None:
        """Store who has what and which loops have tripped, then tell."""
        if self._keeps:
            self._store(STANDING, armed_body(memory))
        then()

    def _store(self, kind: str, body: dict[str, Any]) -> None:
        try:
            self._journal.append(kind, body)
        except EvidenceError as error:
            self.fault = str(error)
        else:
            self.fault = ""
