"""Whether the plant has reached its safe state, and how long the way there can take."""

from __future__ import annotations

from cellctl.config.resolved import GuardRules, Setpoint
from cellctl.model import Alarm, Reading
from cellctl.runtime.bus.orders import SOMEBODY_MOVED, TAKEN_OVER

MARGIN_S = 1.0
"""For the last increment, its confirmation and the next poll."""


def longest_way_back_s(rules: GuardRules) -> float:
    """Longest time from anywhere to the safe state; 0 where the safe state is to stay."""
    ways_s = [_way_s(point, point.safe) for point in rules.setpoints if point.safe is not None]
    return MARGIN_S + max(ways_s) if ways_s else 0.0


def _way_s(point: Setpoint, safe: float) -> float:
    return max(abs(point.highest - safe), abs(safe - point.lowest)) / point.slew_per_s


class Shown:
    """What the plant shows of the set-points, and which of them the guards have lent to a person."""

    def __init__(self) -> None:
        self._latest: dict[str, Reading] = {}
        self._lent: set[str] = set()

    def hear(self, message: Reading | Alarm) -> None:
        """Remember the latest values of each device, and who has what."""
        if isinstance(message, Reading):
            self._latest[message.device] = message
        elif message.id.endswith(TAKEN_OVER):
            lent = message.active and not message.text.startswith(SOMEBODY_MOVED)
            (self._lent.add if lent else self._lent.discard)(message.id.removesuffix(TAKEN_OVER))

    def is_safe(self, rules: GuardRules) -> bool:
        """Whether every guarded set-point is shown in force at its safe value.

        One that is to stay is safe where it is, and one that a person has is left to that person.
        """
        wanted = (point for point in rules.setpoints if point.tag not in self._lent)
        return all(self._is_there(point, point.safe) for point in wanted if point.safe is not None)

    def _is_there(self, point: Setpoint, safe: float) -> bool:
        latest = self._latest.get(point.tag.partition(".")[0])
        value = latest.get(point.tag) if latest is not None else None
        return value is not None and value.quality.is_good and abs(value.value - safe) <= point.resolution / 2
