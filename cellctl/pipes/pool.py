"""Frames in shared memory: loan → write → publish → borrow → release.

One writer, several readers. Each reading link owns one byte per slot (its *holder*): the writer sets it when
it sends, the reader clears it when it has done. A byte of one's own needs no atomic read-modify-write, and
the slots of a dead reader are freed by clearing its column. A slot is free when all its holders are zero.
Generation and CRC-32C travel in the message, so torn or recycled content is seen by whoever borrows it.
"""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cellctl.errors import EvidenceError, PluginError
from cellctl.kernels.checksum import crc32c
from cellctl.model.frame import SlotRef

HEADER = struct.Struct("<8sIIQ")
MAGIC = b"CELLPOOL"
PAGE = 4096


class FramePool:
    """A pool of equal slots in one file, usually under /dev/shm.

    Use `create` in the supervisor and `attach` in the workers.
    """

    def __init__(self, path: Path, memory: mmap.mmap) -> None:
        self.path = path
        self._memory = memory
        self.slots: int
        self.holders: int
        self.slot_bytes: int
        magic, self.slots, self.holders, self.slot_bytes = HEADER.unpack_from(memory, 0)
        if magic != MAGIC:
            raise PluginError("CELL-3011", "{path} is not a frame pool", do="restart the cell", path=path)
        self._view = np.frombuffer(memory, dtype=np.uint8)
        table = HEADER.size
        self._generation = self._view[table : table + 8 * self.slots].view(np.uint64)
        table += 8 * self.slots
        self._held = self._view[table : table + self.slots * self.holders].reshape(self.slots, self.holders)
        self._start = _data_start(self.slots, self.holders)
        self._next = 0

    @staticmethod
    def create(path: Path, slots: int, slot_bytes: int, holders: int) -> FramePool:
        """Make a new pool file, mode 0600; PluginError CELL-3011 when there is no room for it."""
        size = _data_start(slots, holders) + slots * _aligned(slot_bytes)
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, size)
                os.pwrite(descriptor, HEADER.pack(MAGIC, slots, holders, slot_bytes), 0)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise PluginError("CELL-3011", "cannot make a frame pool of {size} bytes at {path}: {reason}",
                              do="free shared memory (df -h /dev/shm)", size=size, path=path,
                              reason=error.strerror) from error  # fmt: skip
        return FramePool.attach(path)

    @staticmethod
    def attach(path: Path) -> FramePool:
        """Map an existing pool."""
        try:
            with path.open("r+b") as file:
                return FramePool(path, mmap.mmap(file.fileno(), 0))
        except (OSError, ValueError) as error:
            raise PluginError("CELL-3011", "cannot map the frame pool {path}: {reason}", do="restart the cell",
                              path=path, reason=error) from error  # fmt: skip

    def loan(self) -> int | None:
        """Index of a free slot for the writer, its generation already raised; None when all are held."""
        for offset in range(self.slots):
            index = (self._next + offset) % self.slots
            if not self._held[index].any():
                self._next = index + 1
                self._generation[index] += np.uint64(1)
                return index
        return None

    def buffer(self, index: int) -> memoryview:
        """The slot's bytes, writable."""
        start = self._start + index * _aligned(self.slot_bytes)
        return memoryview(self._memory)[start : start + self.slot_bytes]

    def publish(self, index: int, size: int) -> SlotRef:
        """Seal what was written; the reference goes into the message."""
        return SlotRef(self.path.name, index, int(self._generation[index]), crc32c(self.buffer(index)[:size]))

    def hold(self, index: int, holder: int) -> None:
        """The writer marks that a link will read the slot."""
        self._held[index, holder] = 1

    def release(self, index: int, holder: int) -> None:
        """The reader (or the writer, for a dropped message) gives the slot back."""
        self._held[index, holder] = 0

    def release_all(self, holder: int) -> None:
        """Free every slot of a link whose reader died."""
        self._held[:, holder] = 0

    @property
    def free(self) -> int:
        """Slots that can be loaned now."""
        return int((~self._held.any(axis=1)).sum())

    @contextmanager
    def borrow(self, ref: SlotRef, rows: int, columns: int) -> Iterator[npt.NDArray[np.uint8]]:
        """Read-only pixels of shape (rows, columns); EvidenceError CELL-4001 when they are not what was sent."""
        size = rows * columns
        if not 0 <= ref.index < self.slots or size > self.slot_bytes:
            raise EvidenceError("CELL-4001", "slot {index} of {size} bytes is outside pool {pool}", index=ref.index,
                                size=size, pool=ref.pool)  # fmt: skip
        if int(self._generation[ref.index]) != ref.generation:
            raise EvidenceError("CELL-4001", "slot {index} was overwritten before it was read", index=ref.index)
        start = self._start + ref.index * _aligned(self.slot_bytes)
        pixels = self._view[start : start + size]
        if crc32c(pixels) != ref.crc:
            raise EvidenceError("CELL-4001", "slot {index} does not match its CRC-32C: torn frame", index=ref.index)
        block = pixels.reshape(rows, columns)
        block.flags.writeable = False
        yield block

    def close(self) -> None:
        """Unmap; views that still exist keep the mapping alive until they go."""
        del self._view, self._generation, self._held
        with suppress(BufferError):
            self._memory.close()

    def unlink(self) -> None:
        """Remove the file; mapped pools stay valid."""
        self.path.unlink(missing_ok=True)


def _data_start(slots: int, holders: int) -> int:
    return _aligned(HEADER.size + 8 * slots + slots * holders)


def _aligned(size: int) -> int:
    return -(-size // PAGE) * PAGE
