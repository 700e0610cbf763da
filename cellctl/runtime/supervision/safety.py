"""Whether the plant has reached its safe state, and how long the way there can take."""

from __future__ import annotations

from cellctl.config.resolved import GuardRules
from cellctl.model import Reading

MARGIN_S = 1.0
"""For the last increment, its confirmation and the next poll."""


def longest_way_back_s(rules: GuardRules) -> float:
    """Longest time from anywhere to the safe state; 0 where the safe state is to stay."""
    if rules.safe_state != "recipe":
        return 0.0
    return MARGIN_S + max((point.drift / point.slew_per_s for point in rules.setpoints), default=0.0)


def is_safe(rules: GuardRules, latest: Reading | None) -> bool:
    """Whether every guarded set-point is shown in force at its recipe value."""
    if latest is None:
        return not rules.setpoints
    for point in rules.setpoints:
        value = latest.get(point.tag)
        if value is None or not value.quality.is_good or abs(value.value - point.recipe) > point.resolution / 2:
            return False
    return True
