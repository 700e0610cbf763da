"""Whose set-point is it: notices that somebody else moved one, and until when the loops stand back from it.

The plant's value in force is compared with the value that the last confirmed move left there. A difference that two
readings half a second apart show, while no move of the cell is under way, is somebody else's hand. The set-point is
the cell's again when it stands at its recipe value, or when a person hands it back where it is. Who took it over by
an order has it until it is handed back, wherever it stands. The guard has the last word: what it refuses as taken over
is taken over.
"""

from __future__ import annotations

from dataclasses import dataclass

from cellctl.clock import NS_PER_S
from cellctl.config.resolved import ResolvedCell, Setpoint
from cellctl.model.correction import Outcome, WritePhase, WriteResult
from cellctl.model.tags import TagValue

SURE_NS = NS_PER_S // 2
"""A report of the guard about a move that a reading already shows is here by then."""
GRACE_S = 5.0
"""A move that was accepted and of which nothing more is heard is over so long after its ramp."""
CROSSING_S = 1.0
"""For so long after a set-point was handed back the guard may still refuse what crossed with the order."""


@dataclass
class _Hand:
    """What is known of one set-point."""

    expected: float | None = None
    since_ns: int = 0
    odd_ns: int = 0
    moving_until_ns: int = 0
    taken: str = ""
    ordered: bool = False
    back_ns: int = 0


class Custody:
    """Follows the guarded set-points of a cell; shared by its loops."""

    def __init__(self, cell: ResolvedCell) -> None:
        self._setpoints = {setpoint.tag: setpoint for setpoint in cell.guard.setpoints}
        self._hands = {tag: _Hand() for tag in self._setpoints}

    def result(self, result: WriteResult) -> None:
        """Take one report of the guard, about any loop's move; hearing it twice changes nothing."""
        hand, setpoint = self._hands.get(result.tag), self._setpoints.get(result.tag)
        if hand is None or setpoint is None:
            return
        refused = result.phase is WritePhase.DECIDED and result.outcome is Outcome.REFUSED
        if refused and not (result.was_taken_over and result.stamp.t_ns > hand.back_ns):
            return
        hand.since_ns, hand.odd_ns, hand.expected = result.stamp.t_ns, 0, None
        if result.was_taken_over:
            hand.taken, hand.moving_until_ns = result.reason, 0
        elif result.outcome is not Outcome.CONFIRMED:
            hand.moving_until_ns = 0
        elif result.phase is WritePhase.TARGET:
            hand.expected, hand.moving_until_ns = result.in_force, 0
        else:
            ramp_s = abs(result.proposed - result.old) / setpoint.slew_per_s
            hand.moving_until_ns = result.stamp.t_ns + round((ramp_s + GRACE_S) * NS_PER_S)

    def look(self, tag: str, latest: TagValue | None, *, executing: bool) -> str:
        """Who has the set-point, in words, judged by its latest reading; empty when it is the cell's."""
        hand = self._hands.get(tag)
        if hand is None or hand.ordered or latest is None or not latest.quality.is_good or latest.t_ns <= hand.since_ns:
            return hand.taken if hand is not None else ""
        setpoint = self._setpoints[tag]
        if latest.t_ns < hand.moving_until_ns:
            return hand.taken
        hand.moving_until_ns = 0
        if not executing:
            hand.expected, hand.odd_ns = None, 0
        elif abs(latest.value - setpoint.recipe) <= setpoint.resolution:
            hand.expected, hand.odd_ns, hand.taken = latest.value, 0, ""
        elif hand.expected is None:
            hand.expected = latest.value
        elif abs(latest.value - hand.expected) > setpoint.resolution:
            self._doubt(hand, setpoint, latest)
        else:
            hand.odd_ns = 0
        return hand.taken

    def take_over(self, tag: str, who: str) -> None:
        """A person takes the set-point, until it is handed back."""
        hand = self._hands.get(tag)
        if hand is not None:
            hand.taken, hand.ordered, hand.moving_until_ns = f"{who} has {tag}", True, 0

    def is_ordered(self, tag: str) -> bool:
        """Whether a person took the set-point by an order: then only a hand-back ends it."""
        hand = self._hands.get(tag)
        return hand is not None and hand.ordered

    def hand_back(self, tag: str, now_ns: int) -> bool:
        """A person gives the set-point back where it stands; False when nobody had taken it."""
        hand = self._hands.get(tag)
        if hand is None or not hand.taken:
            return False
        hand.taken, hand.ordered, hand.expected, hand.odd_ns = "", False, None, 0
        hand.back_ns = now_ns + round(CROSSING_S * NS_PER_S)
        return True

    def _doubt(self, hand: _Hand, setpoint: Setpoint, latest: TagValue) -> None:
        """The value is not ours: sure of it when a later reading says so too."""
        if not hand.odd_ns:
            hand.odd_ns = latest.t_ns
        elif latest.t_ns - hand.odd_ns >= SURE_NS:
            hand.taken = f"somebody else moved {setpoint.tag} to {latest.value:g} {setpoint.unit}"
            hand.expected, hand.odd_ns = latest.value, 0
