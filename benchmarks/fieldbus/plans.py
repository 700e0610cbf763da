"""The set-points of the line that is attacked, in counts for the model and in units for the guard."""

from __future__ import annotations

from typing import NamedTuple

from benchmarks.fieldbus.model import Ages
from benchmarks.fieldbus.point import Limits
from cellctl.config.resolved import GuardRules, Setpoint
from cellctl.config.resolved.guard import DriftOver

AGES = Ages(proposal=2.0, evidence=2.5, shown=0.3, state=1.0)
LOOP, ROGUE, STRANGER, IDLE = "loop", "rogue", "stranger", "idle"
"""Two loops that may move every set-point, one that nobody has configured, and one that may move none."""
NEVER = 1 << 40
"""So many breaches never come together."""
_MAY = frozenset({LOOP, ROGUE})
LIMITS = {
    "plc.load_left": Limits("kPa", 0.01, 2000, 1700, 2300, 40, 100, 120, _MAY),
    "plc.load_right": Limits("kPa", 0.01, 2000, 1700, 2300, 40, 100, 120, _MAY),
    "plc.tension": Limits("N", 1.0, 120, 60, 180, 20, 12, 20, _MAY),
    "plc.trim": Limits("mm", 0.05, 0, -100, 100, 30, 20, 30, _MAY),
}
"""Four set-points; the last one has its recipe value at zero."""


class Plan(NamedTuple):
    """What a shift goes by.

    Attributes:
        name: for people.
        limits: set-point → its limits.
        trip: breaches within a minute that trip a loop; `NEVER` where every loop breaks every rule all the time.
    """

    name: str
    limits: dict[str, Limits]
    trip: int = NEVER

    def rules(self) -> GuardRules:
        """The same as the guard is told it."""
        return GuardRules(
            setpoints=tuple(setpoint(tag, limits) for tag, limits in self.limits.items()), proposal_age_s=AGES.proposal,
            evidence_age_s=AGES.evidence, input_age_s=AGES.shown, state_age_s=AGES.state,
            loops={LOOP: tuple(self.limits), ROGUE: tuple(self.limits), IDLE: ()}, trip=self.trip,
        )  # fmt: skip


def setpoint(tag: str, limits: Limits) -> Setpoint:
    """The same limits in units."""
    count = limits.resolution
    return Setpoint(
        tag=tag, unit=limits.unit, recipe=limits.recipe * count, minimum=limits.lowest * count,
        maximum=limits.highest * count, slew_per_s=limits.slew_per_s * count, per_event=limits.per_event * count,
        drift=limits.drift * count, resolution=count, drift_over=limits.over, drift_window_s=limits.window_s,
        cool_down_s=limits.cool_down_s, tries=limits.tries, tries_window_s=limits.tries_s, safe=limits.recipe * count,
    )  # fmt: skip


def _with(**changes: object) -> dict[str, Limits]:
    return {tag: Limits(**{**limits._asdict(), **changes}) for tag, limits in LIMITS.items()}


PLANS = (
    Plan("drift from the recipe", LIMITS),
    Plan("drift per running time, cool-down", _with(over=DriftOver.RUNNING, window_s=20.0, cool_down_s=0.4)),
    Plan("drift per lot, tries", _with(over=DriftOver.LOT, tries=4, tries_s=5.0)),
    Plan("a loop that trips", LIMITS, trip=3),
)
