"""One master per controller: two cells that write to the same one would undo each other's moves."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from cellctl.config.resolved import Device, ResolvedCell
from cellctl.devices.modbus.settings import MODBUS, line_of
from cellctl.errors import PlantError, text

MOST_BYTES = 1000


class Masters:
    """Holds a lock for each controller of a cell, among the cells of this user on this machine.

    A lock ends with its process, however that ends; another machine's cell is not seen.

    Args:
        cell: whose controllers are taken.
        run_dir: named to whoever comes second.

    Raises PlantError CELL-2016 when a running cell has one of them; nothing is held then.
    """

    def __init__(self, cell: ResolvedCell, run_dir: Path) -> None:
        self._held: list[tuple[Path, int]] = []
        self._note = f"{cell.id} ({run_dir.resolve()})".encode(errors="replace")[:MOST_BYTES]
        try:
            self._take_all(device for device in cell.devices if device.driver in MODBUS)
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Let others have them; may be called twice."""
        while self._held:
            path, descriptor = self._held.pop()
            with suppress(OSError):
                path.unlink()  # before the lock ends: who then locks the old file finds that it is gone
            os.close(descriptor)

    def _take_all(self, devices: Iterable[Device]) -> None:
        for device in devices:
            path = _lock_path(device)
            if any(path == taken for taken, _ in self._held):
                continue  # two connections of this cell
            self._take(path, device)

    def _take(self, path: Path, device: Device) -> None:
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                other = os.pread(descriptor, MOST_BYTES, 0).decode(errors="replace")
                os.close(descriptor)
                raise _taken(device, other) from None
            if _is_still_there(path, descriptor):
                self._held.append((path, descriptor))
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, self._note, 0)
                return
            os.close(descriptor)


def _lock_path(device: Device) -> Path:
    controller = f"{line_of(device.settings)}:{device.settings['unit']}"
    digest = hashlib.sha256(controller.encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"cellctl-master-{os.getuid()}-{digest}"


def _is_still_there(path: Path, descriptor: int) -> bool:
    """Whether the file that was locked is the one that others will find."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _taken(device: Device, other: str) -> PlantError:
    return PlantError(
        "CELL-2016",
        "{device}: the controller at {place} has a master on this machine already: {other}",
        do="stop that cell first, or give this one another controller",
        device=device.name,
        place=line_of(device.settings),
        other=other or text("a cell that is just starting"),
    )
