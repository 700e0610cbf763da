"""Film: set by blade, gap, pressure, slurry and speed; its weight is read 64.5 m of web later."""

from __future__ import annotations

import math
from collections import deque
from typing import NamedTuple

import numpy as np

from cellsim.plant.constants import (
    FILM_GAUGE_MM,
    FILM_STRIP_MM,
    RECIPE_FEED_KPA,
    RECIPE_FILM_G_M2,
    RECIPE_GAP_UM,
    RECIPE_LOAD_KPA,
    RECIPE_SOLIDS,
    RECIPE_WET_UM,
)

ALPHA = 0.35
BETA = 0.35
"""Exponents of the loaded blade: `h = h0·(µv/µ0v0)^a·(P/P0)^-β` (½ is the rigid limit; less for a finite stiffness)."""
_CONSISTENCY, _INDEX = 12.6, 0.6
"""Slurry: `µ = K·γ̇^(n-1)`, Pa·sⁿ."""
_LAND_M = 0.005
_KAPPA_GAP = 0.5
_NOISE = 0.003
"""Standard deviation of the gauge over one second, relative."""
_READING_MM = 1000.0
"""The gauge averages over this length of web."""


def film_weight(left_kpa: float, right_kpa: float) -> float:
    """Dry film weight over the lane at the recipe's other settings, g/m²: the mean of both sides."""
    return RECIPE_FILM_G_M2 * _load_factor(left_kpa, right_kpa)


def _load_factor(left_kpa: float, right_kpa: float) -> float:
    left, right = (math.pow(load / RECIPE_LOAD_KPA, -BETA) for load in (left_kpa, right_kpa))
    return (left + right) / 2


def rigid_gap_um(gap_um: float, pressure_kpa: float, speed_m_s: float = 1.0) -> float:
    """Wet film behind a rigid gap, µm: `κ·G + G³·ΔP/(12·µ(v/G)·v·L)`, drag flow plus pressure flow."""
    gap = gap_um * 1e-6
    viscosity = _CONSISTENCY * math.pow(speed_m_s / gap, _INDEX - 1.0)
    return 1e6 * (_KAPPA_GAP * gap + gap**3 * pressure_kpa * 1000.0 / (12 * viscosity * speed_m_s * _LAND_M))


_RIGID_RECIPE_UM = rigid_gap_um(RECIPE_GAP_UM, RECIPE_FEED_KPA)


def wet_film_um(
    left_kpa: float, right_kpa: float, *, gap_um: float, pressure_kpa: float, viscosity_ratio: float, speed_ratio: float
) -> float:
    """Wet film of a loaded blade, µm, mean over the lane.

    The load, viscosity and speed act by the lubrication balance; gap and pressure add what they add at a rigid gap.

    Args:
        left_kpa: load at the left edge.
        right_kpa: load at the right edge.
        gap_um: of the blade.
        pressure_kpa: before the blade.
        viscosity_ratio: over the recipe's.
        speed_ratio: over the recipe's.
    """
    loaded = RECIPE_WET_UM * _load_factor(left_kpa, right_kpa) * math.pow(viscosity_ratio * speed_ratio, ALPHA)
    if gap_um == RECIPE_GAP_UM and pressure_kpa == RECIPE_FEED_KPA:
        return loaded
    return loaded + rigid_gap_um(gap_um, pressure_kpa) - _RIGID_RECIPE_UM


def dry_weight(wet_um: float, solids: float) -> float:
    """Dry film weight of a wet film, g/m²."""
    return RECIPE_FILM_G_M2 * (wet_um / RECIPE_WET_UM) * (solids / RECIPE_SOLIDS)


class Reading(NamedTuple):
    """One reading of the gauge and the encoder position at which it was taken."""

    film_g_m2: float
    encoder_mm: float


class FilmGauge:
    """A ring of strips of 0.1 m indexed by metres, read `FILM_GAUGE_MM` behind the blade.

    A delay line indexed by time would be wrong as soon as the web's speed changes.

    Args:
        rng: noise of the gauge.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._underway = deque([RECIPE_FILM_G_M2] * round(FILM_GAUGE_MM / FILM_STRIP_MM))
        self._window: deque[float] = deque([RECIPE_FILM_G_M2], maxlen=round(_READING_MM / FILM_STRIP_MM))
        self._since_mm = 0.0
        self.reading = Reading(RECIPE_FILM_G_M2, 0.0)
        self.true_g_m2 = RECIPE_FILM_G_M2

    def strip(self, film_g_m2: float, encoder_mm: float, foil_g_m2: float = 0.0) -> None:
        """One strip of 0.1 m leaves the blade, so another passes the gauge, where the foil adds `foil_g_m2`."""
        self._underway.append(film_g_m2)
        self._window.append(self._underway.popleft())
        self._since_mm += FILM_STRIP_MM
        if self._since_mm >= _READING_MM:
            self._since_mm = 0.0
            self.true_g_m2 = sum(self._window) / len(self._window)
            noise = 1.0 + _NOISE * float(self._rng.standard_normal())
            self.reading = Reading((self.true_g_m2 + foil_g_m2) * noise, encoder_mm)
