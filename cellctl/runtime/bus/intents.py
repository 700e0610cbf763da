"""The journal's side of the bus process: intents before moves, results after them, memory after a restart.

Records are written by one thread of their own, in order: a disk that stalls delays corrections, never the heartbeat
and never the safe state.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import msgspec

from cellctl.errors import EvidenceError
from cellctl.evidence.canonical import restore
from cellctl.evidence.record import Record
from cellctl.model.correction import Kind, Outcome, Proposal, WritePhase, WriteResult
from cellctl.model.guarding import Memory
from cellctl.model.people import Instruction
from cellctl.runtime.bus.ports import JournalPort

INTENT = "intent"
RESULT = "result"
ARMED = "armed"
ORDER = "order"
STANDING = "standing"
"""Kinds of records: a move is meant, became of it, the cell's epoch changed, a person ordered something, somebody has
a set-point or a loop has tripped."""

STALLED_S = 1.0
"""A journal that has still not taken a record so long after its proposal was refused is at fault."""

MAX_WAITING = 256
"""Records that may wait for the disk: some minutes of moves; beyond that the journal counts as failed."""


def intent_body(proposal: Proposal, old: float, memory: Memory) -> dict[str, Any]:
    """Body of an `intent` record."""
    return {"proposal": msgspec.to_builtins(proposal), "old": old, "memory": msgspec.to_builtins(memory)}


def result_body(result: WriteResult, memory: Memory) -> dict[str, Any]:
    """Body of a `result` record."""
    return {"result": msgspec.to_builtins(result), "memory": msgspec.to_builtins(memory)}


def armed_body(memory: Memory) -> dict[str, Any]:
    """Body of an `armed` and of a `standing` record."""
    return {"memory": msgspec.to_builtins(memory)}


def order_body(instruction: Instruction, memory: Memory) -> dict[str, Any]:
    """Body of an `order` record."""
    return {"instruction": msgspec.to_builtins(instruction), "memory": msgspec.to_builtins(memory)}


class Intents:
    """Stores records without holding up the loop.

    Attributes:
        fault: why the last record could not be stored, empty when it was.

    Args:
        journal: where records go.
        on_fault: called with every new `fault`, whichever record it came from; empty: the journal works again.
    """

    def __init__(self, journal: JournalPort, on_fault: Callable[[str], None]) -> None:
        self._journal = journal
        self._on_fault = on_fault
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._waiting: set[asyncio.Future[Any]] = set()
        self.fault = ""

    async def intend(self, proposal: Proposal, old: float, memory: Memory, limit_s: float) -> str:
        """Store an intent; returns why it is not known to be on disk after `limit_s`, or empty."""
        stored = self._store(INTENT, intent_body(proposal, old, memory))
        if stored is None:
            return self.fault
        try:
            async with asyncio.timeout(limit_s):
                await asyncio.shield(stored)
        except TimeoutError:
            asyncio.get_running_loop().call_later(STALLED_S, self._look_at, stored)
            return f"not on disk within {limit_s:g} s"
        except EvidenceError as error:
            self._say(str(error))
        return self.fault

    def result(self, result: WriteResult, memory: Memory) -> None:
        """Store what became of a proposal, when the disk comes to it."""
        self._store(RESULT, result_body(result, memory))

    def armed(self, memory: Memory) -> None:
        """Store the epoch, when the disk comes to it."""
        self._store(ARMED, armed_body(memory))

    def order(self, instruction: Instruction, memory: Memory) -> None:
        """Store what a person ordered, when the disk comes to it."""
        self._store(ORDER, order_body(instruction, memory))

    def standing(self, memory: Memory, then: Callable[[], None]) -> None:
        """Store who has what and which loops have tripped; `then` is called when the disk has it, or cannot take it."""
        stored = self._store(STANDING, armed_body(memory))
        if stored is None:
            then()
        else:
            stored.add_done_callback(lambda _: then())

    def try_again(self, memory: Memory) -> None:
        """While the journal is at fault and nothing waits for it: see whether it takes a record again."""
        if self.fault and not self._waiting:
            self.armed(memory)

    async def close(self, limit_s: float) -> None:
        """Let the disk have what still waits, for so long and no longer."""
        if self._waiting:
            await asyncio.wait(self._waiting, timeout=limit_s)
        self._thread.shutdown(wait=False)

    def _store(self, kind: str, body: dict[str, Any]) -> asyncio.Future[Any] | None:
        if len(self._waiting) >= MAX_WAITING:
            self._say(f"{MAX_WAITING} records wait for the disk")
            return None
        stored = asyncio.get_running_loop().run_in_executor(self._thread, self._journal.append, kind, body)
        self._waiting.add(stored)
        stored.add_done_callback(self._done)
        return stored

    def _look_at(self, stored: asyncio.Future[Any]) -> None:
        """A disk that was slow once costs one correction; one that stays away holds the cell."""
        if not stored.done():
            self._say(f"the disk has not taken a record for more than {STALLED_S:g} s")

    def _done(self, stored: asyncio.Future[Any]) -> None:
        self._waiting.discard(stored)
        if not stored.cancelled():
            error = stored.exception()
            self._say((str(error) or type(error).__name__) if error else "")

    def _say(self, fault: str) -> None:
        if fault != self.fault:
            self.fault = fault
            self._on_fault(fault)


def recall(records: Iterable[Record], memory: Memory | None = None) -> Memory:
    """The guard's memory after a restart.

    The last epoch counts as lost: only a newer one arms again. An intent without a final result counts as a failed
    move. Nothing is ever forgotten in the cell's favour.

    Args:
        records: of the journal, in order.
        memory: what was known before the first of them.
    """
    memory, origins = memory or Memory(), dict[str, tuple[str, float]]()
    open_moves: dict[tuple[str, str], _Open] = {}
    for record in records:
        memory = _after(memory, restore(record.body["memory"], Memory))
        if record.kind == INTENT:
            proposal = record.body["proposal"]
            tag = proposal["tag"]
            open_moves[proposal["transaction"], proposal["kind"]] = _Open(tag, memory.begun.get(tag, ()))
            if proposal["kind"] == Kind.STEP:
                origins[tag] = (proposal["transaction"], float(record.body["old"]))
        elif record.kind == RESULT:
            result = restore(record.body["result"], WriteResult)
            if result.outcome is not Outcome.CONFIRMED or result.phase is WritePhase.TARGET:
                open_moves.pop((result.transaction, result.kind), None)
    memory = msgspec.structs.replace(memory, lost_epoch=memory.epoch, origins=memory.origins | origins)
    for move in open_moves.values():
        memory = _ended(memory, move)
    return memory


def _after(memory: Memory, then: Memory) -> Memory:
    """What the next record says; one that crossed with an intent knows less of the sequences used."""
    if memory.epoch != then.epoch:
        return then
    sequences = memory.sequences | then.sequences
    newest = {it: max(memory.sequences.get(it, -1), used) for it, used in sequences.items()}
    return msgspec.structs.replace(then, sequences=newest)


class _Open(NamedTuple):
    """A move of which no end is on record: its set-point, and the steps begun so far, itself among them."""

    tag: str
    begun: tuple[int, ...]


def _ended(memory: Memory, move: _Open) -> Memory:
    """The memory once an open move counts as failed, begun and ended; a record after its intent may know less."""
    tag = move.tag
    begun = max(move.begun, memory.begun.get(tag, ()), key=lambda seen: seen[::-1])
    return msgspec.structs.replace(
        memory,
        failures=memory.failures | {tag: memory.failures.get(tag, 0) + 1},
        ended=memory.ended | {tag: memory.running_ns},
        begun=memory.begun | ({tag: begun} if begun else {}),
    )
