"""What sources of frames and of waveforms have in common: one that can wait, and one that comes to its end."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable


class EndOfData(Exception):  # an event, not an error: a finite source has given everything
    """Raised by `grab` when nothing more will ever come; the cell ends when all its sources have said so."""


def waits(driver: type[Any]) -> bool:
    """Whether a source may be held back: a folder waits, a camera does not.

    A driver says so by the class attribute `waits = True`. Its host then takes nothing from it for which there is no
    room, and nothing is lost; of a source that does not wait, what finds no room is dropped and counted.
    """
    return bool(getattr(driver, "waits", False))


@runtime_checkable
class Repeatable(Protocol):
    """A source that can be read in virtual time, because what it gives does not depend on when it is asked."""

    def in_virtual_time(self) -> float:
        """From now on give the next at once when asked, and never None; returns how far apart two are, s."""
        ...
