"""The blade's actuator: what the set-point asks for becomes a load on the web."""

from __future__ import annotations

from cellsim.plant.constants import RECIPE_LOAD_KPA, STEP_S
from cellsim.plant.lag import Lag

DEAD_S = 0.03
TAU_S = 0.15


class Blade(Lag):
    """One side's actuator: dead time, then first order (servo)."""

    def __init__(self, load_kpa: float = RECIPE_LOAD_KPA) -> None:
        super().__init__(load_kpa, DEAD_S, TAU_S)

    @property
    def load_kpa(self) -> float:
        """Load on the web, kPa."""
        return self.value

    def step(self, setpoint_kpa: float) -> float:
        """Advance one step of 10 ms under `setpoint_kpa`; returns the load, kPa."""
        return self.advance(STEP_S, setpoint_kpa)
