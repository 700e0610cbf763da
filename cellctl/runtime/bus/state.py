"""What a guard remembers from one run to the next: one small file per device, in the cell's state folder.

A run's journal is the memory's own record while the run lasts: the file names it, and says what was known before its
first record. So a move costs no second sync, and the file never grows. When a run ends in good order the file holds
everything, and the journal is evidence only.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from cellctl.errors import EvidenceError, Text, Where, sentence_of, text
from cellctl.evidence.canonical import canonical, restore, sha256_hex
from cellctl.evidence.files import write_file
from cellctl.evidence.journal import Journal
from cellctl.model.guarding import Memory
from cellctl.runtime.bus.intents import ARMED, armed_body, recall

FORMAT = 1
NEW_MEMORY = "look whether the plant's set-points stand as they should, then remove {file}: the guard begins anew"


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file's content; `journal` is relative to its folder, empty after an end in good order."""

    format: int
    device: str
    memory: Memory
    journal: str
    hash: str = ""


class GuardState:
    """The memory of one device's guard, as it outlives runs; one process at a time.

    Nothing of it is ever taken for new because it cannot be read: only a file that was never there, or that a person
    removed, is a guard that has done nothing yet.

    Args:
        folder: the cell's state folder.
        device: whose guard it is.
    """

    def __init__(self, folder: Path, device: str) -> None:
        self.path = folder / f"guard-{device}.json"
        self._device = device

    def recall(self) -> Memory:
        """What the guard remembers: the file's memory, and what the journal that it names says after it.

        Raises EvidenceError: CELL-4033 for a damaged file, CELL-4034 when the journal is gone or damaged.
        """
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return Memory()
        except OSError as error:
            raise self._damaged(text("{reason}", reason=error)) from error
        kept = self._read(data)
        if not kept.journal:
            return kept.memory
        journal = (self.path.parent / kept.journal).resolve()
        try:
            return recall(Journal.read(journal), kept.memory)
        except (OSError, EvidenceError, msgspec.ValidationError, KeyError) as error:
            raise self._lost(journal, error) from error

    def begin(self, path: Path, config: str = "") -> Journal:
        """A run's journal, with what the guard remembers as its first record; from then on the file names it.

        The journal is on disk before the file says that it goes on there. Raises EvidenceError as `recall`, as
        `Journal`, and CELL-4035 when the file cannot be written.
        """
        memory = self.recall()
        journal = Journal(path, config=config)
        try:
            journal.append(ARMED, armed_body(memory))
            self._write(memory, os.path.relpath(path.resolve(), self.path.parent.resolve()))
        except EvidenceError:
            journal.close()
            raise
        return journal

    def settle(self) -> None:
        """The run has ended in good order: nothing but this file is needed any more."""
        self._write(self.recall(), "")

    def _write(self, memory: Memory, journal: str) -> None:
        kept = _Kept(FORMAT, self._device, memory, journal)
        sealed = msgspec.structs.replace(kept, hash=sha256_hex(canonical(kept)))
        try:
            write_file(self.path, canonical(sealed) + b"\n")
        except OSError as error:
            raise EvidenceError(
                "CELL-4035",
                "cannot keep the guard's memory: {reason}",
                where=Where(str(self.path)),
                do="check the disk and the rights of the state folder",
                reason=error,
            ) from error

    def _read(self, data: bytes) -> _Kept:
        try:
            kept = restore(msgspec.json.decode(data), _Kept)
        except (ValueError, RecursionError) as error:
            raise self._damaged(text("{reason}", reason=error)) from error
        bare = msgspec.structs.replace(kept, hash="")
        if kept.hash != sha256_hex(canonical(bare)) or canonical(kept) + b"\n" != data:
            raise self._damaged(text("its hash does not match its content"))
        if (kept.format, kept.device) != (FORMAT, self._device):
            raise self._damaged(text("format {format} of device {device}", format=kept.format, device=kept.device))
        return kept

    def _damaged(self, reason: Text) -> EvidenceError:
        return EvidenceError(
            "CELL-4033",
            "the guard's memory is damaged: {reason}",
            where=Where(str(self.path)),
            do=NEW_MEMORY,
            reason=reason,
            file=self.path,
        )

    def _lost(self, journal: Path, error: Exception) -> EvidenceError:
        gone = text("it is gone") if isinstance(error, FileNotFoundError) else sentence_of(error)
        return EvidenceError(
            "CELL-4034",
            "the run before was cut off, and the guard's memory of it lies in {journal}: {reason}",
            where=Where(str(self.path)),
            do=text("put that run's folder back, or: {new}", new=text(NEW_MEMORY, file=self.path)),
            journal=journal,
            reason=gone,
        )
