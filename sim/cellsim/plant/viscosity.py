"""Slurry viscosity: a slow Ornstein-Uhlenbeck wander around the recipe."""

from __future__ import annotations

import math

import numpy as np

_SIGMA = 0.04
_TAU_S = 900.0


class Viscosity:
    """Relative deviation of the viscosity, standard deviation 4 %, correlation time 900 s."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self.deviation = 0.0

    def step(self, seconds: float) -> float:
        """Advance; exact for any step length."""
        keep = math.exp(-seconds / _TAU_S)
        kick = _SIGMA * math.sqrt(1.0 - keep * keep)
        self.deviation = keep * self.deviation + kick * float(self._rng.standard_normal())
        return self.deviation
