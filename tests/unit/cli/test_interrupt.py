"""Ctrl-C is never lost, wherever in the program it comes."""

from __future__ import annotations

import signal
import sys
import threading
import time

import pytest

from cellctl.__main__ import _interrupt


@pytest.fixture(autouse=True)
def ours():
    """Our handler, as the command line sets it."""
    before = signal.signal(signal.SIGINT, _interrupt)
    yield
    signal.signal(signal.SIGINT, before)
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join()


def frame_of_an_import():
    """A frame as the import system has them: what is raised in one of its callbacks is printed and forgotten."""
    names = {"sys": sys}
    exec(compile("frame = sys._getframe()", "<frozen importlib._bootstrap>", "exec"), names)
    return names["frame"]


def test_amid_an_import_it_comes_a_moment_later():
    """Nothing is raised in the import, and the program is interrupted all the same."""
    _interrupt(signal.SIGINT, frame_of_an_import())
    with pytest.raises(KeyboardInterrupt):
        time.sleep(5)


def test_elsewhere_it_comes_at_once():
    """The frame that it arrives in is the program's own."""
    with pytest.raises(KeyboardInterrupt):
        _interrupt(signal.SIGINT, sys._getframe())
