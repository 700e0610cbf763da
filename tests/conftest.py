"""Every test leaves the machine as it found it: no process, socket, thread or shared memory stays behind."""

import gc
import os
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import settings

os.environ["CELLCTL_LANG"] = "en"
"""Messages are compared in English, whatever language the machine speaks."""
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")
"""How long an example takes says something of the machine, and nothing of what is tested."""
PATIENCE_S = 1.0
"""Threads and sockets of a closed ZeroMQ context end a moment after it."""


def _held():
    """Processes, sockets, threads and frame pools that this process holds now."""
    children = set()
    for task in Path("/proc/self/task").iterdir():
        with suppress(OSError):  # a thread may end while we look
            children |= {f"process {pid}" for pid in (task / "children").read_text().split()}
    sockets = set()
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # so may a descriptor
            target = str(entry.readlink())
            sockets |= {target} if target.startswith("socket:") else set()
    threads = {f"thread {thread.name}" for thread in threading.enumerate() if not thread.daemon}
    pools = {str(path) for path in Path("/dev/shm").glob(f"cellctl-{os.getpid()}-*")}
    return children | sockets | threads | pools


@pytest.fixture(autouse=True)
def nothing_leaks():
    """Fail the test that leaves something behind."""
    before = _held()
    yield
    end = time.monotonic() + PATIENCE_S
    while left := _held() - before:
        gc.collect()
        if time.monotonic() > end:
            pytest.fail(f"left behind: {', '.join(sorted(left))}")
        time.sleep(0.01)
