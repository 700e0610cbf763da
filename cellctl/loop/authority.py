"""How far a loop may go now: the level it was granted, less what the evidence takes away.

Levels: `off` sees nothing, `shadow` records what it would do, `advisory` tells a person, `confirm` acts after a
person's yes, `auto` acts. What takes authority away leaves `advisory` at most, and ends as it began:

| reason | given back |
|---|---|
| more than 30 % of the last 20 objects below the confidence limit | when the share falls |
| more than 10 % of the last 400 frames lost or not judged | when the share falls |
| the move would use more than 90 % of the drift budget, and leads away from the recipe | nearer to the recipe |
| somebody else moved the set-point | at the recipe again, or by `cellctl hand-back` |

A failed verification is stricter: nothing is proposed or advised until the episode ends.
"""

from __future__ import annotations

from enum import IntEnum

from cellctl.config.resolved import Loop, Setpoint

DRIFT_LIMIT = 0.9
"""Share of the drift budget that a loop uses by itself; the last tenth is a person's."""


class Level(IntEnum):
    """Levels of authority; a higher one may do all that a lower one may."""

    OFF = 0
    SHADOW = 1
    ADVISORY = 2
    CONFIRM = 3
    AUTO = 4


def granted(loop: Loop) -> Level:
    """The level that the configuration grants."""
    return Level[loop.authority.upper()]


def reduced(level: Level, reasons: tuple[str, ...]) -> Level:
    """The level that is left when these reasons speak against acting."""
    return min(level, Level.ADVISORY) if reasons else level


def drift_share(setpoint: Setpoint | None, value: float) -> float:
    """Share of the drift budget in use with the set-point at `value`; 0 without rules for it."""
    return abs(value - setpoint.recipe) / setpoint.drift if setpoint is not None else 0.0


def drift_fault(setpoint: Setpoint | None, in_force: float, target: float) -> str:
    """Why the drift budget forbids to act alone, in words; empty when it does not.

    The guard allows the whole budget; a move towards the recipe is always allowed.
    """
    share = drift_share(setpoint, target)
    if setpoint is None or share <= max(DRIFT_LIMIT, drift_share(setpoint, in_force)):
        return ""
    return f"with {setpoint.tag} at {target:g} {setpoint.unit} {share:.0%} of its drift budget would be used"
