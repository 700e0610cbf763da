"""`cellctl` and `python -m cellctl`: Ctrl-C ends it without a traceback, also while it is still loading."""

from __future__ import annotations

import io
import os
import signal
import sys
from threading import Timer
from types import FrameType

INTERRUPTED = 130
"""Exit status of a program that SIGINT ended."""
LATER_S = 0.02


def main() -> None:
    """Run the command line."""
    before = signal.signal(signal.SIGINT, _end_at_once)
    _print_anything()
    from cellctl.cli.front import answer  # noqa: PLC0415  # may be interrupted, as below
    from cellctl.cli.language import take_option  # noqa: PLC0415  # as above

    sys.argv[1:] = take_option(sys.argv[1:])
    if answer(sys.argv[1:]):
        return
    from cellctl.cli.app import run_app  # noqa: PLC0415  # loading takes long enough to be interrupted

    signal.signal(signal.SIGINT, _interrupt if before is signal.default_int_handler else before)
    try:
        run_app()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(INTERRUPTED)


def _print_anything() -> None:
    """A terminal that lacks a character (`µ`, or all of Chinese) shows its number instead: that ends no command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # not where a test or a caller has put something else
            stream.reconfigure(errors="backslashreplace")


def _end_at_once(_signal: int, _frame: FrameType | None) -> None:
    """While modules load there is nothing to clean up, and an exception may be lost in an import's own callbacks."""
    os.write(2, b"interrupted\n")
    os._exit(INTERRUPTED)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt; not amid an import, whose callbacks lose exceptions: there, a moment later."""
    if frame is None or not frame.f_code.co_filename.startswith("<frozen importlib"):
        raise KeyboardInterrupt
    again = Timer(LATER_S, signal.raise_signal, (number,))
    again.daemon = True
    again.start()


if __name__ == "__main__":
    main()
