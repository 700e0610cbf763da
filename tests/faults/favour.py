"""Whether a memory after a power cut is more favourable to the cell than what was in effect before it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from cellctl.evidence.canonical import restore
from cellctl.model.guarding import Memory, extremes

LONG_AGO_NS = -(10**18)
WINDOW_NS = 45 * 10**9
"""So far back everything that was in force counts surely: the program's budget is over a minute."""


class Effect:
    """What was in effect outside, from what the program said.

    Attributes:
        acted: the guard's memory when it last sent a value to the plant; None before.
        in_force: set-point → value that may be in force in the plant.
        ended: set-point → running time at the end of the last move that somebody asked for.
        taken: set-points of which people were told that a person has them.
        tripped: loops of which people were told that they have tripped.
    """

    def __init__(self) -> None:
        self.acted: Memory | None = None
        self.in_force: dict[str, float] = {}
        self.ended: dict[str, int] = {}
        self.taken: set[str] = set()
        self.tripped: set[str] = set()

    def hear(self, text: str) -> None:
        """Take in what the program said, line by line."""
        for line in text.splitlines():
            said = json.loads(line)
            if said["what"] == "acted":
                self.acted = restore(said["memory"], Memory)
                self.in_force, self.ended = said["in_force"], said["ended"]
            elif said["what"] == "told":
                name, _, kind = said["kind"].rpartition(".")
                (self.taken if kind == "taken_over" else self.tripped).add(name)
            elif said["what"] == "gives-back":
                self.taken -= {tag.removeprefix("plc.") for tag in said["tags"]}
                self.tripped.discard(said["loop"])

    def favours(self, memory: Memory) -> str:
        """What of this memory is more favourable than what was in effect; empty when nothing is."""
        return "; ".join(self._favours(memory))

    def _favours(self, memory: Memory) -> Iterator[str]:
        if not self.taken <= {tag.removeprefix("plc.") for tag in memory.taken}:
            yield f"{self.taken} had been told to be taken over, known is {memory.taken}"
        if not self.tripped <= memory.tripped.keys():
            yield f"{self.tripped} had been told to have tripped, known is {memory.tripped}"
        acted = self.acted
        if acted is None:
            return
        if memory.epoch < acted.epoch or memory.lost_epoch < acted.epoch:
            yield f"acted in epoch {acted.epoch}, known are {memory.epoch} and lost {memory.lost_epoch}"
        if memory.epoch == acted.epoch:
            yield from self._in_the_same_epoch(memory, acted)
        for tag, begun in acted.begun.items():
            if not _as_recent(memory, memory.begun.get(tag, ()), acted, begun):
                yield f"{tag}: steps began at {begun}, known are {memory.begun.get(tag)}"
        for tag, ended_ns in self.ended.items():
            if not _as_recent(memory, (memory.ended.get(tag, LONG_AGO_NS),), acted, (ended_ns,)):
                yield f"{tag}: the last move ended at {ended_ns}, known is {memory.ended.get(tag)}"
        yield from self._drift(memory, acted)

    def _in_the_same_epoch(self, memory: Memory, acted: Memory) -> Iterator[str]:
        for source, sequence in acted.sequences.items():
            if memory.sequences.get(source, -1) < sequence:
                yield f"{source}: sequence {sequence} was used, known is {memory.sequences.get(source)}"
        for tag, (transaction, _) in acted.origins.items():
            if _number(memory.origins.get(tag, ("t-0", 0.0))[0]) < _number(transaction):
                yield f"{tag}: moved by {transaction}, known is {memory.origins.get(tag)}"

    def _drift(self, memory: Memory, acted: Memory) -> Iterator[str]:
        """What was in force counts, and so does what is in force now: the guard reads that when it begins again."""
        for tag, seen in acted.drift.items():
            recent = tuple(slot for slot in seen if slot[0] >= memory.running_ns - WINDOW_NS)
            known = (*extremes(memory.drift.get(tag, ())), self.in_force[tag])
            if recent and (min(known) > extremes(recent)[0] or max(known) < extremes(recent)[1]):
                yield f"{tag}: {extremes(recent)} were in force, known are {known}"


def _as_recent(memory: Memory, known: tuple[int, ...], acted: Memory, were: tuple[int, ...]) -> bool:
    """Whether none of these moments of running time has become older, counted from its beginning or from now."""
    if len(known) < len(were):
        return False
    older_ns = acted.running_ns - memory.running_ns
    return all(it >= min(was, was - older_ns) for it, was in zip(known[::-1], were[::-1], strict=False))


def _number(transaction: str) -> int:
    return int(transaction.partition("-")[2])
