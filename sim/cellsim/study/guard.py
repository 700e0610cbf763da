"""The move as the plant shows it: what the guard reports when, and what the blade does in between."""

from __future__ import annotations

import bisect
from collections import deque
from typing import NamedTuple

from cellctl.config.resolved import Setpoint
from cellctl.model.correction import Outcome, Proposal, WritePhase

ACT_S = 0.15
"""From the decision to the first increment: the middle of the live cell's figures."""
FOLLOW_S = 0.18
"""The load follows the value in force: 30 ms dead time, and a lag of 150 ms, which delays a ramp by as much."""


class Report(NamedTuple):
    """What the guard will say at a time, and the value in force then."""

    at_s: float
    proposal: Proposal
    phase: WritePhase
    outcome: Outcome
    old: float
    in_force: float
    reason: str


class _Ramp(NamedTuple):
    from_s: float
    to_s: float
    old: float
    new: float


class Blade:
    """One guarded set-point: bounds, ramps at the allowed slew, and the load at any time since.

    Args:
        rules: the guard's rules of the set-point.
    """

    def __init__(self, rules: Setpoint) -> None:
        self.rules = rules
        self.in_force = rules.recipe
        self.due: deque[Report] = deque()
        self._ramps: list[_Ramp] = []
        self._starts: list[float] = []

    def ask(self, proposal: Proposal, now_s: float) -> None:
        """Take a proposal: what the guard will report is due from `ACT_S` on."""
        rules, old = self.rules, self.in_force
        allowed = rules.minimum <= proposal.target <= rules.maximum
        allowed &= abs(proposal.target - rules.recipe) <= rules.drift + 1e-9
        at_s = now_s + ACT_S
        if not allowed:
            why = "outside of the envelope"
            self.due.append(Report(at_s, proposal, WritePhase.DECIDED, Outcome.REFUSED, old, old, why))
            return
        end_s = at_s + abs(proposal.target - old) / rules.slew_per_s
        self._ramps.append(_Ramp(at_s, end_s, old, proposal.target))
        self._starts.append(at_s + FOLLOW_S)
        for phase, when_s, value in (
            (WritePhase.DECIDED, at_s, old),
            (WritePhase.FIRST_INCREMENT, at_s, old),
            (WritePhase.TARGET, end_s, proposal.target),
        ):
            self.due.append(Report(when_s, proposal, phase, Outcome.CONFIRMED, old, value, ""))

    def load(self, at_s: float) -> float:
        """Load on the web at a time that is not in the future."""
        number = bisect.bisect_right(self._starts, at_s) - 1
        if number < 0:
            return self.rules.recipe
        ramp = self._ramps[number]
        share = (at_s - FOLLOW_S - ramp.from_s) / max(1e-9, ramp.to_s - ramp.from_s)
        return ramp.old + (ramp.new - ramp.old) * min(1.0, share)
