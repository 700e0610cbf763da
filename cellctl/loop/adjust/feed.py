"""Measured disturbances of a regulator: what they ask of its set-point now, and asked when the web was made."""

from __future__ import annotations

from cellctl.clock import NS_PER_S
from cellctl.config.resolved import Characteristic, Setpoint
from cellctl.config.resolved.regulator import Regulator
from cellctl.loop.adjust.by_metre import ByMetre
from cellctl.loop.adjust.laws import FeedForward, Influence
from cellctl.loop.diagnose.plant import PlantView

PERIOD_S = 1.0
"""Between two looks at the measured disturbances; the sensors are no faster."""


class Feed:
    """Turns measured disturbances into an offset of the set-point.

    Attributes:
        offset: in the unit of the set-point, what they ask for now; 0 without any.
        asked: the same by metre of web.

    Args:
        regulator: the configuration; its first input is the one that is offset.
        setpoint: envelope of that input.
        held: the characteristic.
    """

    def __init__(self, regulator: Regulator, setpoint: Setpoint, held: Characteristic) -> None:
        self.offset = 0.0
        self.asked = ByMetre(setpoint.resolution / 20.0)
        self._put = regulator.inputs[0]
        self._tags = tuple(it.tag for it in regulator.feed_forward)
        self._age_ns = round(regulator.older_than_s * NS_PER_S)
        # the set-point that keeps `target * (x / nominal) ** exponent` at its target, by the same power law
        share = held.target / (self._put.gain * setpoint.recipe) if setpoint.recipe else 0.0
        influences = tuple(
            Influence(it.nominal, -it.exponent * share, lag_s=it.filter_s) for it in regulator.feed_forward
        )
        most = min((it.at_most for it in regulator.feed_forward), default=0.0)
        self._most = most * held.target / abs(self._put.gain)
        self._law = FeedForward(setpoint.recipe, influences, period_s=PERIOD_S) if influences else None
        self._due_ns = 0

    def follow(self, plant: PlantView, encoder_mm: float, now_ns: int) -> None:
        """Take the measured values, and write down what they ask for the web that passes now."""
        if self._law is not None and now_ns >= self._due_ns:
            self._due_ns = now_ns + round(PERIOD_S * NS_PER_S)
            values = self._values(plant, now_ns)
            self._law.update(values, frozen=not values)
            self.offset = max(-self._most, min(self._most, self._law.offset))
        self.asked.record(encoder_mm - self._put.acts_at_m * 1000.0, self.offset)

    def _values(self, plant: PlantView, now_ns: int) -> tuple[float, ...]:
        """The values of all causes; empty when one of them cannot be used."""
        values = []
        for tag in self._tags:
            latest = plant.get(tag)
            if latest is None or not latest.quality.is_good or now_ns - latest.t_ns > self._age_ns:
                return ()
            if latest.value <= 0.0:
                return ()
            values.append(latest.value)
        return tuple(values)
