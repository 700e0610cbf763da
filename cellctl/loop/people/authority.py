"""How far a loop may go now: the level it was granted, less what the evidence takes away.

Levels: `off` sees nothing, `shadow` records what it would do, `advisory` tells a person, `confirm` acts after a
person's yes, `auto` acts. What takes authority away leaves `advisory` at most, and ends as it began:

| reason | given back |
|---|---|
| more than `unsure` (30 %) of the last 20 objects below the confidence limit | when the share falls |
| more than 10 % of the last 400 frames lost or not judged | when the share falls |
| the drift budget has no room for another step away from the recipe | when the set-point is nearer to it |
| somebody else moved the set-point | at the recipe again, or by `cellctl hand-back` |

A failed verification is stricter: nothing is proposed or advised until the episode ends.
"""

from __future__ import annotations

from enum import IntEnum

from cellctl.config.resolved import DriftOver, Loop, Setpoint


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
    """Share of the drift budget in use with the set-point at `value`; 0 where it does not count from the recipe."""
    if setpoint is None or setpoint.drift_over is not DriftOver.RECIPE:
        return 0.0
    return abs(value - setpoint.recipe) / setpoint.drift


def drift_fault(setpoint: Setpoint | None, in_force: float, target: float) -> str:
    """Why the drift budget leaves no room for a move, in words; empty when it does.

    The guard would refuse the move; a person who is told beforehand can change the recipe, or look for the cause.
    """
    if setpoint is None or setpoint.drift_over is not DriftOver.RECIPE:
        return ""
    away = abs(target - setpoint.recipe) > abs(in_force - setpoint.recipe)
    if not away or abs(target - setpoint.recipe) <= setpoint.drift + setpoint.resolution / 2.0:
        return ""
    used = drift_share(setpoint, in_force)
    return f"{used:.0%} of the drift budget of {setpoint.tag} is in use, and another step does not fit in"
