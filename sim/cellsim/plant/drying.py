"""Drying: solvent, temperature and binder of every strip in the oven, advanced together.

Evaporation is driven by the vapour pressure at the film's temperature and falls once the film is nearly dry; heat
comes from the air of the zone. Strips of 0.1 m move by whole strips, so that the zones are fixed slices of the arrays.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cellsim.plant.constants import (
    FILM_STRIP_MM,
    RECIPE_FILM_G_M2,
    RECIPE_SOLIDS,
    RECIPE_ZONE_T_C,
    TICK_S,
    ZONE_MM,
    ZONES,
)
from cellsim.plant.oven import RECIPE_ALPHA

Floats = npt.NDArray[np.float64]

ZONE_STRIPS = round(ZONE_MM / FILM_STRIP_MM)
STRIPS = ZONES * ZONE_STRIPS
TWO_SIDED = 1.6
"""Heat reaches the web from both sides: 1.6 times that of the coated one."""
LEWIS = 1.96
"""Le^(2/3) of NMP in air."""
AIR_CP = 1005.0
GAS = 8.314
MOLAR_KG = 0.09913
HEAT_J_KG = 5.18e5
"""Heat of evaporation of NMP."""
CRITICAL = 0.12
"""Solvent over dry mass below which the rate falls in proportion."""
FOIL_J_M2_K = 29.0
DRY_J_G_K, SOLVENT_J_G_K = 0.8, 1.9
ENTRY_C = 25.0
BINDER_RATE = 3.0
"""Binder migrates while the film dries faster than this, g/(m²·s), with 30 to 70 % of its solvent left."""
BINDER_GAIN = 0.05
CRACK_FILM_G_M2 = 250.0
"""Dry weight at which a film cracks by itself at the reference rate."""
CRACK_RATE = 3.0
_LATENT = 6178.6
_S, _T, _B, _PEAK, _EARLY, _MID, _EARLY_S, _MID_S, _DRY, _S0 = range(10)
"""Rows: solvent, temperature, binder index, highest rate; solvent lost in zones 1-3 and in 4-6, and the seconds
that took; dry mass and solvent at the entry."""


class Outcome(NamedTuple):
    """What became of the material at the exit of the oven.

    Attributes:
        residual: solvent over dry mass.
        adhesion: relative to a film without binder migration.
        crack_index: 1 where the film cracks by itself.
        early_g: solvent lost per second in zones 1-3, mean, g/(m²·s).
        mid_g: likewise in zones 4-6.
    """

    residual: float
    adhesion: float
    crack_index: float
    early_g: float
    mid_g: float


def vapour_pressure(kelvin: Floats) -> Floats:
    """Vapour pressure of NMP, Pa."""
    out: Floats = np.exp(24.5296 - _LATENT / kelvin)
    return out


class Drying:
    """All strips in the oven; index 0 has just come in.

    Args:
        speed_m_s: of the recipe, for the steady state it starts in.

    Attributes:
        zone_rate: evaporation per zone, mean, g/(m²·s).
    """

    def __init__(self, speed_m_s: float) -> None:
        wet = RECIPE_FILM_G_M2 * (1 - RECIPE_SOLIDS) / RECIPE_SOLIDS
        self._web = np.zeros((10, STRIPS))
        self._web[_T] = ENTRY_C + 273.15
        self._web[_DRY] = RECIPE_FILM_G_M2
        self._web[_S] = self._web[_S0] = wet
        self._owed_mm = 0.0
        self.zone_rate: Floats = np.zeros(ZONES)
        self._outcome: Outcome | None = None
        self._settle(speed_m_s, wet)

    def tick(
        self, seconds: float, air_c: Floats, alpha: Floats, moved_mm: float, entering: list[tuple[float, float]]
    ) -> int:
        """Advance.

        Args:
            seconds: length of the step.
            air_c: air temperature per zone.
            alpha: heat transfer per zone, W/(m²·K).
            moved_mm: how far the web has moved.
            entering: (dry, solvent) g/m² of the strips that have come to the oven's entry, oldest first; the web
                moves by as many whole strips as `moved_mm` has filled, and missing ones are taken like the last.

        Returns:
            How many strips moved.
        """
        self._outcome = None
        self._owed_mm += moved_mm
        count = int(self._owed_mm / FILM_STRIP_MM + 1e-9)
        self._owed_mm -= count * FILM_STRIP_MM
        self._shift(count, entering)
        self._evaporate(seconds, np.repeat(air_c + 273.15, ZONE_STRIPS), np.repeat(alpha, ZONE_STRIPS))
        return count

    def web_c(self) -> Floats:
        """Web temperature at the end of each zone, °C."""
        out: Floats = self._web[_T, ZONE_STRIPS - 1 :: ZONE_STRIPS] - 273.15
        return out

    def early_g(self) -> float:
        """Mean rate that the strip at the end of zone 3 saw in zones 1-3, g/(m²·s)."""
        return self._mean_rate(_EARLY, _EARLY_S, 3 * ZONE_STRIPS - 1)

    def mid_g(self) -> float:
        """Mean rate that the strip at the end of zone 6 saw in zones 4-6, g/(m²·s)."""
        return self._mean_rate(_MID, _MID_S, 6 * ZONE_STRIPS - 1)

    def outcome(self) -> Outcome:
        """The strip at the exit; it changes with the tick only, and is asked for at every reading."""
        if self._outcome is None:
            self._outcome = self._at_exit()
        return self._outcome

    def _at_exit(self) -> Outcome:
        s, _, binder, peak, *_, dry, _ = self._web[:, -1].tolist()
        crack = (dry / CRACK_FILM_G_M2) ** 2 * peak / CRACK_RATE
        early, mid = self._mean_rate(_EARLY, _EARLY_S, -1), self._mean_rate(_MID, _MID_S, -1)
        return Outcome(s / dry, math.exp(-binder), crack, early, mid)

    def _mean_rate(self, lost: int, taken_s: int, strip: int) -> float:
        return float(self._web[lost, strip]) / max(1e-9, float(self._web[taken_s, strip]))

    def _settle(self, speed_m_s: float, wet: float) -> None:
        """Run until the oven is in its steady state at the recipe."""
        air, alpha = np.array(RECIPE_ZONE_T_C), np.full(ZONES, RECIPE_ALPHA)
        moved = speed_m_s * TICK_S * 1000.0
        for _ in range(round(1.3 * STRIPS * FILM_STRIP_MM / moved)):
            self.tick(TICK_S, air, alpha, moved, [(RECIPE_FILM_G_M2, wet)])

    def _shift(self, count: int, entering: list[tuple[float, float]]) -> None:
        if count <= 0:
            return
        web, count = self._web, min(count, STRIPS)
        web[:, count:] = web[:, : STRIPS - count].copy()
        fresh = (entering + [entering[-1]] * max(0, count - len(entering)))[:count]
        web[:, :count] = 0.0
        web[_T, :count] = ENTRY_C + 273.15
        for place, (dry, solvent) in enumerate(reversed(fresh)):
            web[_DRY, place] = dry
            web[_S, place] = web[_S0, place] = solvent

    def _evaporate(self, seconds: float, air: Floats, alpha: Floats) -> None:
        web = self._web
        s, t, dry = web[_S], web[_T], web[_DRY]
        wetness = s / (dry * CRITICAL)
        falling = wetness < 1.0
        transfer = alpha * (1000.0 * MOLAR_KG / (GAS * 353.0 * AIR_CP * LEWIS))
        # The air's density is that at the mean of film and air; the film's own temperature cancels out.
        boundary = 0.5 * (1.0 + air / t)
        rate = transfer * boundary * vapour_pressure(t) * np.minimum(wetness, 1.0)
        heat_capacity = dry * DRY_J_G_K + s * SOLVENT_J_G_K + FOIL_J_M2_K
        two_sided = TWO_SIDED * alpha
        cooling = rate * (HEAT_J_KG / 1000.0)
        steepness = _LATENT / (t * t)
        # Trapezoidal in the temperature, and the rate of the middle of the step: a step of 0.5 s is then fine enough.
        warmer = (two_sided * (air - t) - cooling) / (heat_capacity / seconds + 0.5 * (two_sided + cooling * steepness))
        t += warmer
        lost = rate * (seconds * (1.0 + 0.5 * warmer * steepness))
        # Exact to second order for the exponential fall of a nearly dry film; a wet film loses what the rate says.
        lost = np.where(falling, lost / (1.0 + 0.5 * lost / np.maximum(s, 1e-12)), lost)
        lost = np.minimum(lost, s)
        s -= lost
        rate = lost / seconds
        third = 3 * ZONE_STRIPS
        web[_EARLY, :third] += lost[:third]
        web[_MID, third : 2 * third] += lost[third : 2 * third]
        web[_EARLY_S, :third] += seconds
        web[_MID_S, third : 2 * third] += seconds
        np.maximum(web[_PEAK], rate, out=web[_PEAK])
        self.zone_rate = rate.reshape(ZONES, ZONE_STRIPS).sum(axis=1) / ZONE_STRIPS
        fast = rate > BINDER_RATE
        if fast.any():
            half_dry = fast & (s >= 0.3 * web[_S0]) & (s <= 0.7 * web[_S0])
            web[_B] += np.where(half_dry, BINDER_GAIN * seconds * (rate - BINDER_RATE), 0.0)
