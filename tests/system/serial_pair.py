"""Two ends of a serial line, made of two pseudo-terminals whose masters hand each other what they get."""

from __future__ import annotations

import asyncio
import os
import tty
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def serial_end() -> Iterator[tuple[str, int]]:
    """One end as a device file, the other as a descriptor that a test reads and writes itself."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    try:
        yield os.ttyname(theirs), ours
    finally:
        os.close(ours)
        os.close(theirs)


@contextmanager
def serial_pair() -> Iterator[tuple[str, str]]:
    """Both ends as device files; needs a running loop."""
    loop = asyncio.get_running_loop()
    with serial_end() as (first, first_end), serial_end() as (second, second_end):
        loop.add_reader(first_end, lambda: os.write(second_end, os.read(first_end, 1024)))
        loop.add_reader(second_end, lambda: os.write(first_end, os.read(second_end, 1024)))
        try:
            yield first, second
        finally:
            loop.remove_reader(first_end)
            loop.remove_reader(second_end)
