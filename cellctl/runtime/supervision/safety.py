"""Whether the plant has reached its safe state, and how long the way there can take."""

from __future__ import annotations

from cellctl.config.resolved import GuardRules, Setpoint
from cellctl.model import Reading

MARGIN_S = 1.0
"""For the last increment, its confirmation and the next poll."""


def longest_way_back_s(rules: GuardRules) -> float:
    """Longest time from anywhere to the safe state; 0 where the safe state is to stay."""
    ways_s = [_way_s(point, point.safe) for point in rules.setpoints if point.safe is not None]
    return MARGIN_S + max(ways_s) if ways_s else 0.0


def _way_s(point: Setpoint, safe: float) -> float:
    return max(abs(point.highest - safe), abs(safe - point.lowest)) / point.slew_per_s


def is_safe(rules: GuardRules, latest: Reading | None) -> bool:
    """Whether every guarded set-point is shown in force at its safe value; one that is to stay is safe where it is."""
    if latest is None:
        return not rules.setpoints
    return all(_shows(point, point.safe, latest) for point in rules.setpoints if point.safe is not None)


def _shows(point: Setpoint, safe: float, latest: Reading) -> bool:
    value = latest.get(point.tag)
    return value is not None and value.quality.is_good and abs(value.value - safe) <= point.resolution / 2
