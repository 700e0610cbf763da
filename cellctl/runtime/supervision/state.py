"""The state folder of a cell: what outlives its runs, taken by one run at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable
from pathlib import Path

from cellctl.errors import EvidenceError, Where
from cellctl.evidence.files import make_folder
from cellctl.runtime.bus.state import GuardState

RUNS = "runs"
STATE = "state"


def state_dir(run_dir: Path, cell: str) -> Path:
    """Where a cell's state is by default: beside the folder `runs`, else beside the run's own folder.

    `out/runs/RUN` → `out/state/CELL`, `DIR/RUN` → `DIR/state/CELL`.
    """
    above = run_dir.absolute().parent
    return (above.parent if above.name == RUNS else above) / STATE / cell


class StateFolder:
    """Holds a cell's state folder for one run.

    Raises EvidenceError CELL-4035 when it cannot be used, CELL-4036 when another run has it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        try:
            make_folder(self.path)
            self._fd = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise EvidenceError("CELL-4035", "cannot keep the guard's memory: {reason}", where=Where(str(path)),
                                do="name another folder with --state", reason=error) from error  # fmt: skip
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self.close()
            raise EvidenceError("CELL-4036", "another run of this cell has this state folder", where=Where(str(path)),
                                do="stop that run first, or name another folder with --state") from error  # fmt: skip

    def newest_epoch(self, devices: Iterable[str]) -> int:
        """The newest epoch that any of these devices' guards has seen, -1 when none has. Raises as `GuardState`."""
        return max((GuardState(self.path, device).recall().epoch for device in devices), default=-1)

    def close(self) -> None:
        """Let the next run have it; may be called twice."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
