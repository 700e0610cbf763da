"""The measured side of a regulator: gauge values, each with the set-points that made its material."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from cellctl.config.resolved import Characteristic
from cellctl.loop.adjust.by_metre import ByMetre
from cellctl.loop.diagnose.plant import PlantView

MARGIN_MM = 1000.0
"""Web before and after a place that teaches nothing, which is not learnt from either: a gauge averages over a metre."""


class Measured(NamedTuple):
    """The mean of a decision's period.

    Attributes:
        value: of the characteristic.
        delayed: for every history, its value when the measured material was made.
        exposure_ns: when the newest of the values was read.
        first_ns: when the oldest was.
    """

    value: float
    delayed: tuple[float, ...]
    exposure_ns: int
    first_ns: int


class Gauge:
    """Collects the values of one gauge between two decisions.

    Args:
        characteristic: what the gauge measures, and where it stands.
        encoder: tag of the encoder position, for gauges without a position of their own.
        histories: what is to be known of the measured material.
        sound: 1 on web that may teach something, 0 where a splice or a purge passed or the web crept, and up to twice
            the margin behind it; it is asked one margin ahead.
        older_than_s: values older than this do not count.
    """

    def __init__(
        self,
        characteristic: Characteristic,
        encoder: str,
        histories: Sequence[ByMetre],
        sound: ByMetre,
        older_than_s: float,
    ) -> None:
        self.characteristic = characteristic
        self._position = characteristic.position or encoder
        self._has_position = bool(characteristic.position)
        self._histories = tuple(histories)
        self._sound = sound
        self._older_than_s = older_than_s
        self._last: tuple[float, int] = (math.nan, 0)
        self._seen: list[tuple[float, tuple[float, ...], int]] = []
        self.latest_ns = 0

    @property
    def tags(self) -> tuple[str, str]:
        """The tags of its value and of the position of it."""
        return self.characteristic.tag, self._position

    def fault(self, plant: PlantView, now_ns: int) -> str:
        """Why the gauge cannot be used now, in words; empty when it can."""
        return plant.fault(self.tags, now_ns, self._older_than_s)

    def look(self, plant: PlantView, now_ns: int) -> float | None:
        """Take the gauge's value if it is a new one; returns it when its material counts."""
        value, position = plant.get(self.characteristic.tag), plant.get(self._position)
        if value is None or position is None or (position.value, value.t_ns) == self._last:
            return None
        is_new = position.value != self._last[0] if self._has_position else value.t_ns != self._last[1]
        self._last = (position.value, value.t_ns)
        if not is_new or self.fault(plant, now_ns):
            return None
        s_mm = position.value - self.characteristic.station_m * 1000.0
        made = [history.at(s_mm) for history in self._histories]
        known = tuple(it for it in made if it is not None)
        if len(known) < len(made) or self._sound.at(s_mm + MARGIN_MM) != 1.0:
            return None
        self._seen.append((value.value, known, value.t_ns))
        self.latest_ns = value.t_ns
        return value.value

    def take(self) -> Measured | None:
        """The mean of what was collected since the last call; None without any."""
        seen, self._seen = self._seen, []
        if not seen:
            return None
        count = len(seen)
        delayed = tuple(sum(it) / count for it in zip(*(made for _, made, _ in seen), strict=True))
        return Measured(sum(value for value, _, _ in seen) / count, delayed, seen[-1][2], seen[0][2])
