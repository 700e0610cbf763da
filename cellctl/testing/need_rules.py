"""Sees what the calls of a driver ask of the operating system, and holds it against what the driver declares.

An audit hook cannot be taken back, so there is one, which looks only at threads that are being watched.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

from cellctl.sdk.needs import Need, needs_of
from cellctl.testing.breaches import Findings

HARMLESS = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/shm/")  # noqa: S108  # the kernel's
WORDS = {Need.NETWORK: "opens a network socket", Need.DEVICE_FILES: "opens a file under /dev"}
_WATCHED: dict[int, set[Need]] = {}
"""Watched thread → what it asked for."""
_HOOKED: list[bool] = []


class Asked:
    """What the calls of one driver asked for."""

    def __init__(self) -> None:
        self._needs: set[Need] = set()
        if not _HOOKED:
            sys.addaudithook(_heard)
            _HOOKED.append(True)

    def by(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, watched in whatever thread it is called."""

        def call(*arguments: Any) -> Any:
            thread = threading.get_ident()
            _WATCHED[thread] = self._needs
            try:
                return function(*arguments)
            finally:
                del _WATCHED[thread]

        return call

    def check(self, driver: type[Any], findings: Findings) -> None:
        """A cell would refuse it what it does not declare."""
        for need in sorted(self._needs - needs_of(driver)):
            findings.add("needs", f"it {WORDS[need]} and does not declare Need.{need.name}")


def declares_needs(driver: type[Any], findings: Findings) -> bool:
    """Whether `needs`, if there is one, is a frozenset of Need."""
    found: Any = getattr(driver, "needs", frozenset())
    if isinstance(found, frozenset) and all(isinstance(one, Need) for one in found):
        return True
    findings.add("needs", f"`needs` is {found!r}; write a frozenset of cellctl.sdk.Need")
    return False


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    needs = _WATCHED.get(threading.get_ident())
    if needs is None:
        return
    if event == "socket.__new__" and arguments[1] != socket.AF_UNIX:
        needs.add(Need.NETWORK)
    elif event == "open" and str(arguments[0]).startswith("/dev/") and not str(arguments[0]).startswith(HARMLESS):
        needs.add(Need.DEVICE_FILES)
