"""An episode: a stretch of product on which a class keeps appearing.

It begins with an object and ends after `gap_m` inspected metres without another. Uninspected metres prove
nothing, so they do not end it. Failed corrections and escalations are counted per episode.
"""

from __future__ import annotations

from cellctl.config.resolved import Loop

GAPS = 5.0
"""Mean gaps at the alarm rate after which an episode is over. A fault at that rate leaves so long a gap once in 150
objects; a shorter one would cut it into pieces, and the evidence and the tries would begin anew in each."""


def episode_gap_m(loop: Loop) -> float:
    """Metres without an object that end an episode of a loop: `escalate.within`, or more where the alarm rate is low.

    At 0.02 /m every third gap is longer than 50 m: with that the alarm came after 470 m in the mean, and comes after
    267 m with 250 m.
    """
    within_m, alarm_per_m = loop.escalate.within_m, loop.watch.alarm
    return max(within_m, GAPS / alarm_per_m) if alarm_per_m > 0.0 else within_m


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
