"""What the bus process needs of the world around it; the live host implements it over links, tests in memory."""

from __future__ import annotations

from typing import Any, Protocol

from cellctl.evidence.record import Record
from cellctl.model.correction import Proposal, WriteResult
from cellctl.model.events import Alarm
from cellctl.model.guarding import Memory
from cellctl.model.packml import CellState
from cellctl.model.people import Instruction
from cellctl.model.tags import Reading
from cellctl.sdk.ports import Sender


class BusSenders(Protocol):
    """What a bus says to the cell."""

    results: Sender[WriteResult]
    readings: Sender[Reading]
    alarms: Sender[Alarm]


class ResultsPort(Protocol):
    """Where the results of moves are put on record."""

    def result(self, result: WriteResult, memory: Memory) -> None:
        """Store what became of a proposal."""
        ...


class BusPorts(BusSenders, Protocol):
    """Messages in and out of one bus process; nothing here blocks its loop."""

    async def wait(self, timeout_s: float) -> None:
        """Return when a message may be there, at the latest after the time-out."""
        ...

    def receive(self) -> list[Proposal | CellState | Instruction]:
        """Everything that has arrived, in order; never waits."""
        ...


class JournalPort(Protocol):
    """Where intents are stored; `append` blocks until the record is on disk and raises EvidenceError.

    `cellctl.evidence.journal.Journal` is the one in use.
    """

    def append(self, kind: str, body: dict[str, Any]) -> Any:
        """Store one record."""
        ...

    def records(self) -> list[Record]:
        """All records stored so far."""
        ...
