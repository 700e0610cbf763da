"""How often an alarm was raised: one that stands is not raised again by a new text."""

from __future__ import annotations


class AlarmCount:
    """Follows alarms.

    Attributes:
        raised: how many times one was raised.
    """

    def __init__(self) -> None:
        self.raised = 0
        self._standing: set[str] = set()

    def see(self, name: str, *, active: bool) -> None:
        """Take one message about the alarm of this name."""
        if not active:
            self._standing.discard(name)
        elif name not in self._standing:
            self._standing.add(name)
            self.raised += 1
