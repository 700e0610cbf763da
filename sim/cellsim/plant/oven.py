"""The oven's air: temperatures and fans per zone, exhaust and the solvent in it."""

from __future__ import annotations

import math
from collections import deque

import numpy as np
import numpy.typing as npt

from cellsim.plant.constants import LANE_M, RECIPE_FAN_PERCENT, RECIPE_ZONE_T_C, TICK_S, ZONES
from cellsim.plant.setpoints import Setpoints

DEAD_S = 5.0
TAU_S = 90.0
RAMP_C_PER_S = 3.0 / 60.0
FAN_TAU_S = 3.0
COUPLING = 0.07
"""Share of its neighbours' deviations from the recipe that reaches a zone."""
RECIPE_ALPHA = 60.0
"""Heat transfer at the recipe's fans, W/(m²·K)."""
_FAN_EXPONENT = 0.7
EXHAUST_M3_H = 24_000.0
"""Exhaust at the recipe's fans; it follows their mean speed."""
LFL_G_M3 = 0.013 * 4056.0
"""Lower flammability limit of NMP, 1.3 vol %, as a mass in air at 25 °C."""
LEL_ALARM_PERCENT = 25.0
LEL_TRIP_PERCENT = 50.0

Floats = npt.NDArray[np.float64]


def lel_percent(evaporated_g_s: float, exhaust_m3_h: float) -> float:
    """Solvent in the exhaust as a share of the lower explosive limit, %."""
    return 100.0 * evaporated_g_s / (exhaust_m3_h / 3600.0) / LFL_G_M3


class Oven:
    """Ten zones; each set-point is ramped, waits, and is followed in first order.

    Args:
        exhaust_share: of the exhaust air that the blower moves.

    Attributes:
        air_c: air temperature per zone.
        alpha: heat transfer per zone, W/(m²·K).
        exhaust_m3_h: exhaust air.
        lel: solvent in the exhaust, % of the lower explosive limit.
    """

    def __init__(self, exhaust_share: float = 1.0) -> None:
        self._full_exhaust_m3_h = EXHAUST_M3_H * exhaust_share
        self._recipe: Floats = np.array(RECIPE_ZONE_T_C)
        self.air_c = self._recipe.copy()
        self._ramped = self._recipe.copy()
        self._late: deque[Floats] = deque(self._recipe for _ in range(round(DEAD_S / TICK_S)))
        self._fans: Floats = np.full(ZONES, RECIPE_FAN_PERCENT)
        self._keep = math.exp(-TICK_S / TAU_S)
        self._keep_fan = math.exp(-TICK_S / FAN_TAU_S)
        self._steady = (Setpoints.recipe().zone_t, Setpoints.recipe().zone_fan)
        self._settled = True
        self.alpha: Floats = np.full(ZONES, RECIPE_ALPHA)
        self.exhaust_m3_h = self._full_exhaust_m3_h
        self.lel = 0.0

    def tick(self, setpoints: Setpoints) -> None:
        """Advance by one tick."""
        asked = (setpoints.zone_t, setpoints.zone_fan)
        if self._settled and asked == self._steady:
            return
        self._settled, self._steady = False, asked
        self._move_air(np.array(setpoints.zone_t))
        self._move_fans(np.array(setpoints.zone_fan))
        self._settled = self._is_settled(*asked)

    def breathe(self, evaporated_g_m2_s: float) -> None:
        """Take up what the web gives off, mean over the oven's length."""
        length_m = ZONES * 6.0
        self.lel = lel_percent(evaporated_g_m2_s * length_m * LANE_M, self.exhaust_m3_h)

    def _move_air(self, asked: Floats) -> None:
        limit = RAMP_C_PER_S * TICK_S
        self._ramped = self._ramped + np.clip(asked - self._ramped, -limit, limit)
        self._late.append(self._ramped)
        off = np.zeros(ZONES + 2)
        off[1:-1] = self.air_c - self._recipe
        goal = self._late.popleft() + COUPLING * (off[:-2] + off[2:])
        self.air_c = goal + self._keep * (self.air_c - goal)

    def _move_fans(self, asked: Floats) -> None:
        self._fans = asked + self._keep_fan * (self._fans - asked)
        share = np.maximum(self._fans, 1.0) / RECIPE_FAN_PERCENT
        self.alpha = RECIPE_ALPHA * share**_FAN_EXPONENT
        self.exhaust_m3_h = self._full_exhaust_m3_h * float(share.mean())

    def _is_settled(self, zone_t: tuple[float, ...], zone_fan: tuple[float, ...]) -> bool:
        """Only at the recipe, where nothing moves any more and the coupling is at rest."""
        at_recipe = zone_t == RECIPE_ZONE_T_C and bool(np.all(np.abs(self.air_c - self._recipe) < 1e-6))
        return at_recipe and bool(np.all(np.abs(self._fans - np.array(zone_fan)) < 1e-6))
