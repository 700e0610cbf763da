"""The slurry pool before the blade and the feed into it: level, and the pressure that drives the film."""

from __future__ import annotations

import math

import numpy as np

from cellsim.plant.constants import (
    LANE_M,
    RECIPE_FEED_KPA,
    RECIPE_FEED_L_MIN,
    RECIPE_POOL_MM,
    RECIPE_WET_UM,
    SLURRY_KG_M3,
    TICK_S,
)
from cellsim.plant.lag import Lag

_HEAD_KPA_PER_MM = SLURRY_KG_M3 * 9.81 * 1e-6
_LINE_TAU_S = 1.0
_SURFACE_M2 = 0.036
"""Free surface of the pool."""
_LEVEL_TAU_S = 30.0
"""The feed's own level control brings the level back with this time constant."""
_PERIOD_S = (20.0, 60.0)


class Pool:
    """Level and pressure.

    Args:
        swing_mm: amplitude of the level's swing, whose period is drawn anew for each swing.
        seed: of the scenario.
        speed_m_s: of the recipe.

    Attributes:
        level_mm: slurry before the blade.
        feed_kpa: pressure of the feed.
    """

    def __init__(self, swing_mm: float, seed: int, speed_m_s: float) -> None:
        self._swing_mm = swing_mm
        self._rng = np.random.default_rng([seed, 0x9001])
        self._phase, self._period_s = 0.0, float(self._rng.uniform(*_PERIOD_S))
        self._feed = Lag(RECIPE_FEED_L_MIN, 0.0, _LINE_TAU_S)
        self._balance = Lag(RECIPE_POOL_MM, 0.0, _LEVEL_TAU_S)
        self._speed_m_s = speed_m_s
        self._recipe_flow = RECIPE_WET_UM * 1e-6 * speed_m_s * LANE_M
        self.level_mm = RECIPE_POOL_MM
        self.feed_kpa = RECIPE_FEED_KPA

    @property
    def pressure_kpa(self) -> float:
        """Pressure before the blade: feed plus the head above the recipe's level."""
        return self.feed_kpa + _HEAD_KPA_PER_MM * (self.level_mm - RECIPE_POOL_MM)

    def tick(self, feed_l_min: float, wet_um: float, speed_ratio: float) -> None:
        """Advance by one tick with the feed's set-point and the film that the web carries away.

        The pump is slaved to the web: its set-point is the flow at nominal speed, so the pressure stays as it is.
        """
        flow = self._feed.advance(TICK_S, feed_l_min) / RECIPE_FEED_L_MIN
        self.feed_kpa = RECIPE_FEED_KPA * flow
        surplus = self._recipe_flow * flow * speed_ratio - wet_um * 1e-6 * speed_ratio * self._speed_m_s * LANE_M
        goal = RECIPE_POOL_MM + 1000.0 * surplus * _LEVEL_TAU_S / _SURFACE_M2
        self.level_mm = max(0.0, self._balance.advance(TICK_S, goal) + self._swing())

    def _swing(self) -> float:
        if self._swing_mm <= 0:
            return 0.0
        self._phase += TICK_S / self._period_s
        if self._phase >= 1.0:
            self._phase -= 1.0
            self._period_s = float(self._rng.uniform(*_PERIOD_S))
        return self._swing_mm * math.sin(2 * math.pi * self._phase)
