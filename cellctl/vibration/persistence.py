"""When windows in a row say the same, a person is told: one bad window is a knock, several are a machine."""

from __future__ import annotations


class Persistence:
    """Counts windows in a row that are alike.

    It is told when there are enough of them, and once more for each later recording that has enough of its own. A row
    goes on from one recording to the next: a logger that writes one file per window would else never be told of.

    Args:
        windows: so many in a row are worth telling.
    """

    def __init__(self, windows: int) -> None:
        self._windows = windows
        self._count = self._here = 0
        self._origin = ""
        self._told_of: str | None = None

    @property
    def is_standing(self) -> bool:
        """Whether it was told and has not ended."""
        return self._told_of is not None

    def more(self, origin: str) -> bool:
        """One more window of the kind; True when it is to be told, which is once per recording."""
        if origin != self._origin:
            self._origin, self._here = origin, 0
        self._count += 1
        self._here += 1
        due = self._here >= self._windows or (self._count >= self._windows and not self.is_standing)
        if not due or origin == self._told_of:
            return False
        self._told_of = origin
        return True

    def over(self) -> bool:
        """A window of another kind; True when something that was told has ended."""
        ended = self.is_standing
        self._told_of, self._count, self._here = None, 0, 0
        return ended
