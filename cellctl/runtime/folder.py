"""The runtime folder of a running cell: sockets in a private folder, frame pools in memory, nothing left behind."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

PREFIX = "cellctl-"
MEMORY = Path("/dev/shm")  # noqa: S108  # shared memory is what the pools are for; files are created O_EXCL, 0600


class RuntimeFolder:
    """A folder of mode 0700 named after this process, so that a successor can tell that its owner is dead."""

    def __init__(self) -> None:
        sweep()
        self.path = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))

    @property
    def pools(self) -> Path:
        """Where frame pools go; their names begin with this folder's name."""
        return MEMORY

    def remove(self) -> None:
        """Remove the folder and every pool that belongs to it."""
        _remove(self.path)


def sweep() -> None:
    """Remove what cells that were killed left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}[0-9]*-*"):
        owner = folder.name.removeprefix(PREFIX).split("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            _remove(folder)


def _remove(folder: Path) -> None:
    for pool in MEMORY.glob(f"{folder.name}-*"):
        pool.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
