"""The one small port behind which evidence is kept: files in the plant, memory in tests and lockstep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from cellctl.errors import EvidenceError
from cellctl.evidence.canonical import sha256_hex
from cellctl.evidence.chain import read_chain
from cellctl.evidence.images import ImageStore, StoredImage, check_image
from cellctl.evidence.journal import journal_ends
from cellctl.evidence.kinds import JournalEnd
from cellctl.evidence.ledger import Ledger
from cellctl.evidence.record import GENESIS, Entry, Record, seal
from cellctl.model import RoiImage

LEDGER_FILE = "ledger.jsonl"
IMAGE_FOLDER = "images"


class Store(Protocol):
    """Where evidence goes; what a method returned from is kept."""

    @property
    def head(self) -> str:
        """Hash of the last record."""
        ...

    @property
    def counts(self) -> Mapping[str, int]:
        """Kept records by kind."""
        ...

    @property
    def torn(self) -> bytes:
        """What was found after the last whole record when the store was opened."""
        ...

    def append(self, entries: Sequence[Entry]) -> Sequence[Record]:
        """Keep entries as one group; EvidenceError when they are not kept."""
        ...

    def put(self, image: RoiImage) -> StoredImage | None:
        """Keep an image, None when it is there already; EvidenceError when it is not kept."""
        ...

    def history(self) -> Iterator[Record]:
        """All records so far."""
        ...

    def journals(self) -> Mapping[str, JournalEnd]:
        """File name → where each journal beside this store ends."""
        ...

    def close(self) -> None:
        """Release what is open."""
        ...


class FileStore:
    """A run folder: `ledger.jsonl` and `images/`; with `sync` off, the system decides when they reach the disk."""

    def __init__(self, run: Path, *, sync: bool = True) -> None:
        try:
            run.mkdir(parents=True, exist_ok=True)
            self._images = ImageStore(run / IMAGE_FOLDER, sync=sync)
        except OSError as error:
            raise EvidenceError("CELL-4024", "cannot use the run folder: {reason}", reason=error) from error
        self._ledger = Ledger(run / LEDGER_FILE, sync=sync)
        self._run = run

    @property
    def head(self) -> str:
        """Hash of the last record."""
        return self._ledger.head

    @property
    def counts(self) -> Mapping[str, int]:
        """Kept records by kind."""
        return self._ledger.counts

    @property
    def torn(self) -> bytes:
        """What was found after the last whole record when the store was opened."""
        return self._ledger.torn

    def append(self, entries: Sequence[Entry]) -> Sequence[Record]:
        """See `Ledger.append`."""
        return self._ledger.append(entries)

    def put(self, image: RoiImage) -> StoredImage | None:
        """See `ImageStore.put`."""
        return self._images.put(image)

    def history(self) -> Iterator[Record]:
        """All records so far, read back from the file."""
        return read_chain(self._ledger.path)

    def journals(self) -> Mapping[str, JournalEnd]:
        """See `journal_ends`."""
        return journal_ends(self._run)

    def close(self) -> None:
        """Release the ledger's file."""
        self._ledger.close()


class MemoryStore:
    """Keeps everything in memory: for tests and for runs in virtual time.

    Attributes:
        records: the chain.
        images: hash → image.
    """

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.images: dict[str, RoiImage] = {}

    @property
    def head(self) -> str:
        """Hash of the last record."""
        return self.records[-1].hash if self.records else GENESIS

    @property
    def counts(self) -> Mapping[str, int]:
        """Kept records by kind."""
        return Counter(record.kind for record in self.records)

    @property
    def torn(self) -> bytes:
        """Memory is never torn."""
        return b""

    def append(self, entries: Sequence[Entry]) -> Sequence[Record]:
        """Seal and keep entries."""
        start = len(self.records)
        for entry in entries:
            self.records.append(seal(entry, sequence=len(self.records), previous=self.head))
        return self.records[start:]

    def put(self, image: RoiImage) -> StoredImage | None:
        """Keep an image, None when it is there already; EvidenceError (CELL-4030) when its hash is wrong."""
        check_image(image)
        if image.hash in self.images:
            return None
        self.images[image.hash] = image
        return StoredImage(image.hash, image.rows, image.columns, sha256_hex(image.pixels), len(image.pixels))

    def history(self) -> Iterator[Record]:
        """All records so far."""
        return iter(tuple(self.records))

    def journals(self) -> Mapping[str, JournalEnd]:
        """No journal is kept in memory."""
        return {}

    def close(self) -> None:
        """Nothing is open."""
