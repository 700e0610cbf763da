"""When windows in a row say the same, a person is told: one bad window is a knock, several are a machine."""

from __future__ import annotations


class Persistence:
    """Counts windows in a row that are alike, within one recording.

    Args:
        windows: so many in a row are worth telling.
    """

    def __init__(self, windows: int) -> None:
        self._windows = windows
        self._count = 0
        self._origin = ""
        self._told = False

    @property
    def is_standing(self) -> bool:
        """Whether it was told and has not ended."""
        return self._told

    def more(self, origin: str) -> bool:
        """One more window of the kind; True when it is to be told, which is once per recording."""
        if origin != self._origin:
            self._origin, self._count = origin, 0
        self._count += 1
        if self._count != self._windows:
            return False
        self._told = True
        return True

    def over(self) -> bool:
        """A window of another kind; True when something that was told has ended."""
        ended, self._told, self._count = self._told, False, 0
        return ended
