"""The guard's journals: whole, unaltered, and with an intent on disk before each move that the ledger reports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from cellctl.errors import EvidenceError
from cellctl.evidence.canonical import restore
from cellctl.evidence.chain import read_chain
from cellctl.evidence.checks.base import Check, verdict
from cellctl.evidence.journal import JOURNAL_FILES
from cellctl.evidence.kinds import JournalEnd, RecordKind, RunClosed
from cellctl.evidence.record import GENESIS, Record
from cellctl.model import Kind, Outcome, Proposal, WritePhase, WriteResult

INTENT = "intent"
RESULT = "result"
"""Kinds of a journal's records; their bodies hold the `proposal` and the `result` as they were sent."""

ON_THE_WAY = ("source", "sequence")
"""What the link adds to a message after the journal had it."""


class Intent(msgspec.Struct, frozen=True):
    """What the guard meant to do, and when that was put on disk."""

    t_ns: int
    proposal: Proposal


class JournalChecker:
    """Follows every journal of the run and holds the ledger's write results against it."""

    def __init__(self, run: Path) -> None:
        self._run = run
        self._stated: dict[str, JournalEnd] | None = None
        self._results: list[tuple[WriteResult, dict[str, Any]]] = []
        self._corrections: set[str] = set()
        self._regulated: set[str] = set()
        self._intents: dict[tuple[str, Kind], list[Intent]] = {}
        self._reported: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
        self._faults: list[str] = []
        self._config = ""

    def see(self, record: Record) -> None:
        """Take the write results, the names of the corrections and the closing record."""
        try:
            if record.kind == RecordKind.RUN_OPENED:
                self._config = record.config
            elif record.kind == RecordKind.RESULT:
                result = restore(record.body, WriteResult)
                self._results.append((result, record.body))
                if result.kind is Kind.REGULATE:  # a regulator's move has no record but its results
                    self._regulated.add(result.transaction)
            elif record.kind == RecordKind.CORRECTION:
                self._corrections.add(str(record.body.get("transaction")))
            elif record.kind == RecordKind.RUN_CLOSED:
                self._stated = restore(record.body, RunClosed).journals
        except msgspec.ValidationError:
            return  # the checks of the corrections and of the closing record report it

    def conclude(self) -> Check:
        """Read the journals and compare."""
        ends = {path.name: self._read(path) for path in sorted(self._run.glob(JOURNAL_FILES))}
        self._faults += _ends_differ(self._stated, ends)
        for result, body in self._results:
            self._faults += [f"{result.transaction}: {fault}" for fault in self._check(result, body)]
        intended = {transaction for transaction, _ in self._intents}
        if self._stated is not None:
            strangers = sorted({name for name, kind in self._intents if not self._knows(name, kind)})
            self._faults += [f"{name}: the journal intends a move that the ledger does not know" for name in strangers]
        records = sum(end.records for end in ends.values())
        found = f"{len(ends)} with {records} records, unbroken; {len(intended)} moves intended before they began"
        return verdict("journals", self._faults, found if ends else "none, and no move needs one")

    def _knows(self, transaction: str, kind: Kind) -> bool:
        """Whether the ledger tells of a move: of a correction by its record, of a regulator by its results."""
        return transaction in (self._regulated if kind is Kind.REGULATE else self._corrections)

    def _read(self, path: Path) -> JournalEnd:
        end, strangers = JournalEnd(0, GENESIS), 0
        try:
            for record in read_chain(path):
                end = JournalEnd(record.sequence + 1, record.hash)
                self._take(record)
                strangers += bool(self._config) and record.config != self._config
        except (EvidenceError, OSError, msgspec.ValidationError) as error:
            self._faults.append(f"{path.name}: {error}")
        if strangers:
            self._faults.append(f"{path.name}: {strangers} records were made with another configuration")
        return end

    def _take(self, record: Record) -> None:
        """Keep what a journal says of a move."""
        if record.kind == INTENT:
            proposal = restore(record.body.get("proposal"), Proposal)
            self._intents.setdefault((proposal.transaction, proposal.kind), []).append(Intent(record.t_ns, proposal))
        elif record.kind == RESULT:
            result = restore(record.body.get("result"), WriteResult)
            self._reported.setdefault(_moment(result), []).append(_as_sent(record.body["result"]))

    def _check(self, result: WriteResult, body: dict[str, Any]) -> Iterator[str]:
        if result.outcome is Outcome.REFUSED and result.phase is WritePhase.DECIDED:
            return  # refused before anything moved: it needs no intent
        intents = self._intents.get((result.transaction, result.kind), [])
        if not any(_leads_to(intent, result) for intent in intents):
            yield f"no journal holds an intent before its {result.kind} ({result.phase})"
        reported = self._reported.get(_moment(result))
        in_force = result.phase is not WritePhase.DECIDED and result.outcome is Outcome.CONFIRMED
        if in_force and not reported and self._stated is not None:
            yield f"no journal knows that its {result.kind} was in force ({result.phase})"
        if reported and _as_sent(body) not in reported:
            yield f"ledger and journal differ about its {result.kind} ({result.phase})"


def _leads_to(intent: Intent, result: WriteResult) -> bool:
    """Whether an intent of this move was on disk before its decision, its first write and its report."""
    moments = (result.stamp.t_ns, *(t_ns for t_ns in (result.intent_ns, result.written_ns) if t_ns))
    same = (intent.proposal.tag, intent.proposal.target) == (result.tag, result.proposed)
    return same and intent.t_ns <= min(moments)


def _ends_differ(stated: dict[str, JournalEnd] | None, found: dict[str, JournalEnd]) -> Iterator[str]:
    """Whether the journals end where the closing record says; an unclosed run states nothing."""
    if stated is None:
        return
    for name in sorted(stated.keys() | found.keys()):
        if name not in found:
            yield f"{name} is missing"
        elif name not in stated:
            yield f"the closing record does not know {name}"
        elif found[name] != stated[name]:
            yield f"{name} ends at record {found[name].records}, the closing record says {stated[name].records}"


def _moment(result: WriteResult) -> tuple[str, str, str]:
    return result.transaction, result.kind.value, result.phase.value


def _as_sent(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in ON_THE_WAY}
