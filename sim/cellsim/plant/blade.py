"""The blade's actuator: what the set-point asks for becomes a load on the web."""

from __future__ import annotations

import math
from collections import deque

from cellsim.plant.constants import RECIPE_LOAD_KPA, STEP_S

DEAD_S = 0.03
TAU_S = 0.15


class Blade:
    """One side's actuator: dead time, then first order (servo)."""

    def __init__(self, load_kpa: float = RECIPE_LOAD_KPA) -> None:
        self.load_kpa = load_kpa
        self._dead = deque([load_kpa] * round(DEAD_S / STEP_S))
        self._gain = 1.0 - math.exp(-STEP_S / TAU_S)

    def step(self, setpoint_kpa: float) -> float:
        """Advance one step under `setpoint_kpa`; returns the load, kPa."""
        self._dead.append(setpoint_kpa)
        self.load_kpa += self._gain * (self._dead.popleft() - self.load_kpa)
        return self.load_kpa
