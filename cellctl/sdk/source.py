"""What sources of frames and of waveforms have in common: one that can wait, and one that comes to its end."""

from __future__ import annotations

from typing import Any


class EndOfData(Exception):  # an event, not an error: a finite source has given everything
    """Raised by `grab` when nothing more will ever come; the cell ends when all its sources have said so."""


def waits(driver: type[Any]) -> bool:
    """Whether a source may be held back: a folder waits, a camera does not.

    A driver says so by the class attribute `waits = True`. Its host then takes nothing from it for which there is no
    room, and nothing is lost; of a source that does not wait, what finds no room is dropped and counted.
    """
    return bool(getattr(driver, "waits", False))
