"""Film weight: set by the load on the blade, read 64.5 m of web later."""

from __future__ import annotations

import math
from collections import deque
from typing import NamedTuple

import numpy as np

from cellsim.plant.constants import FILM_GAUGE_MM, RECIPE_FILM_G_M2, RECIPE_LOAD_KPA, STRIP_MM

BETA = 0.35
"""Exponent of the loaded blade: `h = h0·(P/P0)^-β` (½ is the rigid limit; less for a finite stiffness)."""
_NOISE = 0.003
"""Standard deviation of the gauge over one second, relative."""
_READING_MM = 1000.0
"""The gauge averages over this length of web."""


def film_weight(left_kpa: float, right_kpa: float) -> float:
    """Dry film weight over the lane, g/m²: the mean of both sides."""
    left, right = (math.pow(load / RECIPE_LOAD_KPA, -BETA) for load in (left_kpa, right_kpa))
    return RECIPE_FILM_G_M2 * (left + right) / 2


class Reading(NamedTuple):
    """One reading of the gauge and the encoder position at which it was taken."""

    film_g_m2: float
    encoder_mm: float


class FilmGauge:
    """A ring of strips indexed by metres, read `FILM_GAUGE_MM` behind the blade.

    A delay line indexed by time would be wrong as soon as the web's speed changes.

    Args:
        rng: noise of the gauge.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._underway = deque([RECIPE_FILM_G_M2] * round(FILM_GAUGE_MM / STRIP_MM))
        self._window: deque[float] = deque([RECIPE_FILM_G_M2], maxlen=round(_READING_MM / STRIP_MM))
        self._since_mm = 0.0
        self.reading = Reading(RECIPE_FILM_G_M2, 0.0)

    def strip(self, film_g_m2: float, encoder_mm: float) -> None:
        """One strip leaves the blade, hence another passes the gauge."""
        self._underway.append(film_g_m2)
        self._window.append(self._underway.popleft())
        self._since_mm += STRIP_MM
        if self._since_mm >= _READING_MM:
            self._since_mm = 0.0
            mean = sum(self._window) / len(self._window)
            noise = 1.0 + _NOISE * float(self._rng.standard_normal())
            self.reading = Reading(mean * noise, encoder_mm)
