"""The slurry: viscosity that wanders, solids that rise, batches that differ, and the rolling bank that mixes them."""

from __future__ import annotations

import math

import numpy as np

from cellsim.plant.constants import RECIPE_SOLIDS, SLURRY_KG_M3
from cellsim.plant.disturbances import SlurryDisturbances

BANK_TAU_S = 1.5
"""Mixing time of the rolling bank before the blade: its cross section over the flow, 2e-4 m² / 1.3e-4 m²/s."""
_SOLVENT_KG_M3 = 1028.0
_PACKING = 0.64
"""Volume fraction of solids at which the slurry no longer flows."""
_TEMPERATURE_SHARE = 0.5
"""Part of the wander that is temperature; the rest is ageing and shear history."""
_PER_DEGREE = 0.03
"""Fall of ln µ per °C."""


def solids_effect(solids: float) -> float:
    """Viscosity relative to the recipe's, for mass fraction `solids`: `((1-φ/φm)/(1-φ0/φm))^(-2.5·φm)`."""
    ratio = (1 - _volume(solids) / _PACKING) / (1 - _volume(RECIPE_SOLIDS) / _PACKING)
    return math.pow(ratio, -2.5 * _PACKING)


def _volume(solids: float) -> float:
    """Volume fraction of the solids; the slurry's density hardly changes over the range of interest."""
    return 1.0 - SLURRY_KG_M3 * (1.0 - solids) / _SOLVENT_KG_M3


class Slurry:
    """What flows to the blade.

    Attributes:
        deviation: of the viscosity at the blade, relative to the recipe.
        solids: mass fraction at the blade.
        temperature_c: at the blade.
        batch: number of the batch, from 0.
    """

    def __init__(self, disturbances: SlurryDisturbances, seed: int) -> None:
        self._set = disturbances
        self._rng = np.random.default_rng([seed, 0x5100])
        self._batch_rng = np.random.default_rng([seed, 0x5101])
        self._wander = 0.0
        self._batch_viscosity = 0.0
        self._supply_solids = self.solids = RECIPE_SOLIDS
        self.deviation = 0.0
        self.temperature_c = 25.0
        self.batch = 0
        self._batch_left_s = self._batch_life()

    def tick(self, seconds: float) -> None:
        """Advance; exact for any step length but for when a batch changes."""
        keep = math.exp(-seconds / self._set.viscosity_tau_s)
        kick = self._set.viscosity_sigma * math.sqrt(1.0 - keep * keep)
        self._wander = keep * self._wander + kick * float(self._rng.standard_normal())
        self._supply_solids += self._set.solids_per_h * seconds / 3600.0
        self._batch_left_s -= seconds
        if self._batch_left_s <= 0:
            self._change_batch()
        mixed = 1.0 - math.exp(-seconds / BANK_TAU_S)
        self.solids += mixed * (self._supply_solids - self.solids)
        supply = (1 + self._wander) * (1 + self._batch_viscosity)
        if self._set.reaches_film:
            supply *= solids_effect(self._supply_solids)
        self.deviation += mixed * (supply - 1.0 - self.deviation)
        self.temperature_c = 25.0 - _TEMPERATURE_SHARE * math.log1p(max(-0.5, self._wander)) / _PER_DEGREE

    def _change_batch(self) -> None:
        self.batch += 1
        self._batch_viscosity = max(-0.3, self._set.batch_viscosity * float(self._batch_rng.standard_normal()))
        self._supply_solids = RECIPE_SOLIDS + self._set.batch_solids * float(self._batch_rng.standard_normal())
        self._batch_left_s += self._batch_life()

    def _batch_life(self) -> float:
        return math.inf if self._set.batch_s is None else float(self._batch_rng.uniform(*self._set.batch_s))
