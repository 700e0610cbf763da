"""Cuts the power of a traced program after each of its calls, and judges what its successor would remember."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cellctl.errors import EvidenceError
from cellctl.model.guarding import Memory
from cellctl.runtime.bus.state import GuardState
from tests.faults.disk import Disk, Files, lay_out
from tests.faults.favour import Effect
from tests.faults.trace import Event, Said

Recalling = Callable[[Path], Memory]


@dataclass
class Verdict:
    """What all cuts showed.

    Attributes:
        calls: after which the power was cut.
        outcomes: disks that were looked at, each beside what was in effect then.
        different: of those disks.
        favours: where the memory was more favourable than what was in effect.
        refused: where there was no memory at all, and a person would have been asked.
    """

    calls: int = 0
    outcomes: int = 0
    different: int = 0
    favours: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether no cut did harm."""
        return not self.favours and not self.refused


def recalled(folder: Path) -> Memory:
    """What the guard of the program would begin with."""
    return GuardState(folder / "state", "plc").recall()


def judge(events: list[Event], root: str, scratch: Path, recalling: Recalling = recalled) -> Verdict:
    """Cut after every event, in every way that a disk may show, and ask for the memory.

    Args:
        events: of the program.
        root: the folder that it worked in.
        scratch: where disks are laid out; must not exist.
        recalling: asks a folder for the memory.
    """
    disk, effect, verdict = Disk(root), Effect(), Verdict()
    bench = _Bench(root, scratch, recalling)
    for number, event in enumerate(events):
        disk.follow(event)
        if isinstance(event, Said):
            effect.hear(event.text)
        verdict.calls += 1
        for files in disk.outcomes():
            verdict.outcomes += 1
            memory = bench.recall(files)
            if isinstance(memory, str):
                verdict.refused.append(f"call {number}: {memory}")
            elif favours := effect.favours(memory):
                verdict.favours.append(f"call {number}: {favours}")
    verdict.different = len(bench.known)
    return verdict


class _Bench:
    """Lays disks out one after the other, and remembers what each said."""

    def __init__(self, root: str, scratch: Path, recalling: Recalling) -> None:
        self._root, self._scratch, self._recalling = root, scratch, recalling
        self._there: Files = {}
        self.known: dict[int, Memory | str] = {}

    def recall(self, files: Files) -> Memory | str:
        """The memory, or why there is none."""
        key = hash(frozenset(files.items()))
        if key not in self.known:
            self._lay_out(files)
            try:
                self.known[key] = self._recalling(self._scratch)
            except EvidenceError as error:
                self.known[key] = str(error)
        return self.known[key]

    def _lay_out(self, files: Files) -> None:
        """Only what differs from the disk before."""
        for path in sorted(self._there.keys() - files.keys(), reverse=True):
            place = self._scratch / Path(path).relative_to(self._root)
            place.rmdir() if self._there[path] is None else place.unlink()
        new = {path: data for path, data in files.items() if path not in self._there or self._there[path] != data}
        lay_out(new, self._root, self._scratch)
        self._there = files
