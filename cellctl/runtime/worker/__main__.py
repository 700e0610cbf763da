"""Entry point of every worker process: `python -m cellctl.runtime.worker FOLDER NAME PARENT NEEDS`.

It gives up every right that it does not need before it loads anything else.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

from cellctl.runtime.privileges import confine

PR_SET_PDEATHSIG = 1


def main(folder: str, name: str, parent: str, needs: str) -> int:
    """Confine the process, then run the worker. Returns the exit status."""
    confinement = confine(frozenset(needs.split(",")) - {""})
    _die_with(int(parent))
    sys.stderr.write(f"{name}: {confinement}\n")
    from cellctl.runtime.worker.body import run  # noqa: PLC0415  # see above

    return run(Path(folder), name, confinement)


def _die_with(parent: int) -> None:
    """Ask the kernel to end this process when the supervisor ends, however it ends; new rights take that back."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before we asked
        sys.exit(1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5]))
