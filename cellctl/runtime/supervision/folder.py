"""The runtime folder of a running cell: sockets in a private folder, frame pools in memory, nothing left behind."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from cellctl.config.resolved import ResolvedCell
from cellctl.errors import ConfigError, Where, text
from cellctl.evidence.files import make_folder

PREFIX = "cellctl-"
RESOLVED = "resolved.json"
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


def make_run_folder(path: Path, cell: ResolvedCell) -> None:
    """The folder for evidence, journal and logs; ConfigError (CELL-1061, 1062) when it cannot be one."""
    where = Where(str(path))
    if (path / RESOLVED).exists():
        raise ConfigError("CELL-1061", "this folder already holds a run", where=where, do="choose another with --out")
    try:
        str(path.absolute()).encode()  # every process is told it as text
        make_folder(path / "log")
        (path / RESOLVED).write_bytes(cell.to_json())
    except (OSError, UnicodeEncodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else text("its name is no UTF-8")
        raise ConfigError("CELL-1062", "cannot make the run folder: {reason}", where=where,
                          do="choose another with --out", reason=reason) from error  # fmt: skip


def sweep() -> None:
    """Remove what this user's cells left behind when they were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}[0-9]*-*"):
        with suppress(OSError):  # another cell may sweep at the same moment
            if abandoned(folder) and folder.stat().st_uid == os.getuid():
                _remove(folder)


def abandoned(folder: Path) -> bool:
    """Whether the process that a runtime folder is named after is gone."""
    owner = folder.name.removeprefix(PREFIX).split("-")[0]
    return owner.isdigit() and not Path(f"/proc/{owner}").exists()


def _remove(folder: Path) -> None:
    for pool in MEMORY.glob(f"{folder.name}-*"):
        with suppress(OSError):
            pool.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
