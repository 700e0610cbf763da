"""Says what a piece of code asked of the operating system while it ran: sleep, sockets, processes, threads.

Calls of built-in functions are seen by the thread's profile hook, however the function was imported; what Python's own
modules do on the way is seen by an audit hook. That one cannot be taken back, so there is one, which looks only at
threads that are being watched.
"""

from __future__ import annotations

import _thread
import sys
import threading
import time
from collections.abc import Callable
from datetime import date, datetime
from types import FrameType
from typing import Any, NamedTuple

CALLS: dict[Any, str] = {
    time.sleep: "sleeps",
    _thread.start_new_thread: "starts a thread",
    getattr(_thread, "start_joinable_thread", None): "starts a thread",
}
"""Built-in function → what calling it means."""
CLOCKS: frozenset[Any] = frozenset(
    {time.time, time.time_ns, time.monotonic, time.monotonic_ns, time.perf_counter, time.perf_counter_ns,
     datetime.now, datetime.utcnow, date.today}
)  # fmt: skip
"""Built-in functions that read the machine's clock; libraries may (a log does), a plugin's own code may not."""
EVENTS = {
    "socket.__new__": "opens a socket",
    "socket.connect": "connects a socket",
    "subprocess.Popen": "starts a process",
    "os.system": "starts a process",
    "os.fork": "starts a process",
}
"""Audit event → what it means."""
_SEEN: dict[int, list[str]] = {}
"""Watched thread → what it did."""
_HOOKED: list[bool] = []


class Did(NamedTuple):
    """What a watched function did that a handler must not do.

    Attributes:
        blocking: sleep, sockets, processes, threads.
        clocks: functions that read the machine's clock.
    """

    blocking: list[str]
    clocks: list[str]


def watched(home: str, function: Callable[..., Any], *arguments: Any) -> tuple[Any, Did]:
    """The function's result, and what it did in the calling thread.

    Args:
        home: top-level package of the code whose looks at the clock count.
        function: what to call.
        arguments: of the function.
    """
    if not _HOOKED:
        sys.addaudithook(_heard)
        _HOOKED.append(True)
    thread = threading.get_ident()
    did = Did([], [])
    _SEEN[thread] = did.blocking
    before = sys.getprofile()

    def called(frame: FrameType, event: str, what: Any) -> None:
        if event != "c_call" or not _hashable(what):
            return
        if what in CALLS:
            did.blocking.append(CALLS[what])
        elif what in CLOCKS and str(frame.f_globals.get("__name__")).partition(".")[0] == home:
            did.clocks.append(what.__qualname__)

    sys.setprofile(called)
    try:
        return function(*arguments), did
    finally:
        sys.setprofile(before)
        del _SEEN[thread]


def _hashable(what: Any) -> bool:
    """A method of something that has no hash has none itself."""
    try:
        hash(what)
    except TypeError:
        return False
    return True


def _heard(event: str, _arguments: tuple[Any, ...]) -> None:
    seen = _SEEN.get(threading.get_ident())
    if seen is not None and event in EVENTS:
        seen.append(EVENTS[event])
