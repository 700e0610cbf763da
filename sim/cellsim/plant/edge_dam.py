"""How often a coated edge throws spurs: a hidden deficit of the edge dam against the load on the blade.

`λ = min(cap·λ0, λ0·exp(κ·max(0, d - z_P)²))` per side, with the deficit d and the load z_P in steps of 5 %.
How much a step of load helps follows from this; no parameter sets it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from cellsim.plant.constants import LOAD_STEP, RECIPE_LOAD_KPA
from cellsim.plant.defects import CLASSES, SPUR

KAPPA = 1.4
_VISCOSITY_EFFECT = CLASSES[SPUR].effects.viscosity
"""Change of ln(λ) per +10 % of viscosity."""


@dataclass(frozen=True)
class EdgeDam:
    """The edge model of one line.

    Attributes:
        normal_per_m: λ0, rate in control per side, 1/m.
        cap: highest rate, as a multiple of λ0.
    """

    normal_per_m: float
    cap: float

    @property
    def ceiling_per_m(self) -> float:
        """The highest rate that the model can give, 1/m."""
        return self.cap * self.normal_per_m

    def rate_per_m(self, deficit: float, load_kpa: float, viscosity: float = 0.0, others: float = 0.0) -> float:
        """Rate of spurs of one side, 1/m.

        Args:
            deficit: of this side's edge dam, in steps of 5 % load.
            load_kpa: load on this side of the blade when the material passes it.
            viscosity: relative deviation of the slurry's viscosity.
            others: what speed and wear add to ln λ.
        """
        lack = max(0.0, deficit - load_steps(load_kpa))
        exponent = KAPPA * lack * lack + _VISCOSITY_EFFECT * viscosity / 0.10 + others
        return min(self.ceiling_per_m, self.normal_per_m * math.exp(exponent))


def load_steps(load_kpa: float) -> float:
    """z_P: how many 5 % steps a load lies above the recipe."""
    return (load_kpa / RECIPE_LOAD_KPA - 1.0) / LOAD_STEP


def deficit_for_rate(rate_per_m: float, normal_per_m: float) -> float:
    """The deficit that gives `rate_per_m` at the recipe's load (inverse of the model; 0 below λ0)."""
    return math.sqrt(max(0.0, math.log(rate_per_m / normal_per_m)) / KAPPA)
