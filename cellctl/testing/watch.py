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
from types import FrameType
from typing import Any

CALLS: dict[Any, str] = {
    time.sleep: "sleeps",
    _thread.start_new_thread: "starts a thread",
    getattr(_thread, "start_joinable_thread", None): "starts a thread",
}
"""Built-in function → what calling it means."""
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


def watched(function: Callable[..., Any], *arguments: Any) -> tuple[Any, list[str]]:
    """The function's result, and what it did that a handler must not do, in the calling thread."""
    if not _HOOKED:
        sys.addaudithook(_heard)
        _HOOKED.append(True)
    thread = threading.get_ident()
    _SEEN[thread] = seen = []
    before = sys.getprofile()

    def called(_frame: FrameType, event: str, what: Any) -> None:
        if event == "c_call" and (meaning := _meaning(what)):
            seen.append(meaning)

    sys.setprofile(called)
    try:
        return function(*arguments), seen
    finally:
        sys.setprofile(before)
        del _SEEN[thread]


def _meaning(what: Any) -> str:
    try:
        return CALLS.get(what, "")
    except TypeError:  # a method of something that has no hash
        return ""


def _heard(event: str, _arguments: tuple[Any, ...]) -> None:
    seen = _SEEN.get(threading.get_ident())
    if seen is not None and event in EVENTS:
        seen.append(EVENTS[event])
