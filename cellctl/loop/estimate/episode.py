"""An episode: a stretch of product on which a class keeps appearing.

It begins with an object and ends after `gap_m` inspected metres without another. Uninspected metres prove
nothing, so they do not end it. Failed corrections and escalations are counted per episode.
"""

from __future__ import annotations


class Episode:
    """Tells whether an episode of one class is running."""

    __slots__ = ("_since_m", "gap_m", "open")

    def __init__(self, gap_m: float) -> None:
        self.gap_m = gap_m
        self.open = False
        self._since_m = 0.0

    def advance(self, metres: float) -> bool:
        """Account for inspected metres; True when the episode ends with them."""
        if not self.open:
            return False
        self._since_m += metres
        self.open = self._since_m < self.gap_m
        return not self.open

    def see(self) -> None:
        """Account for one object."""
        self.open = True
        self._since_m = 0.0
