"""Ctrl-C and SIGTERM ask a cell to end in good order; a second one, too, is waited for."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from cellctl.runtime.supervisor import LiveCell


@contextmanager
def interruptible(cell: LiveCell) -> Iterator[None]:
    """Within the block, SIGINT and SIGTERM call `cell.interrupt`; afterwards they do what they did before."""

    def ask(_signal: int, _frame: FrameType | None) -> None:
        cell.interrupt()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
