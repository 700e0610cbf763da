"""The coater's process without its defects: actuators, slurry, pool, film, foil, oven, drying."""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from cellsim.plant.blade import DEAD_S, TAU_S, Blade
from cellsim.plant.constants import (
    FILM_GAUGE_MM,
    FILM_STRIP_MM,
    OVEN_ENTRY_MM,
    RECIPE_FILM_G_M2,
    RECIPE_GAP_UM,
    RECIPE_SOLIDS,
    RECIPE_WET_UM,
    TICK_S,
    ZONES,
)
from cellsim.plant.disturbances import Disturbances
from cellsim.plant.drying import Drying, Outcome
from cellsim.plant.film import FilmGauge, dry_weight, wet_film_um
from cellsim.plant.foil import Foil
from cellsim.plant.lag import Lag
from cellsim.plant.lip import LIFT_UM
from cellsim.plant.oven import LEL_ALARM_PERCENT, LEL_TRIP_PERCENT, Oven
from cellsim.plant.pool import Pool
from cellsim.plant.setpoints import Setpoints
from cellsim.plant.slurry import Slurry
from cellsim.plant.speed import SpeedPlan

_ROLL_MM = math.pi * 300.0
"""Circumference of the backing roll."""
_RIPPLE_HZ = 7.0
_GAP_TO_FILM = 0.53
"""∂h/∂G of the film, µm/µm."""
_PRESSURE_TO_FILM = 0.57
"""∂h/∂ΔP of the film, µm/kPa."""
_RESIDUAL_LIMIT = 0.005
_LEL_TAU_S = 7.0
_THERMOCOUPLE_C, _PYROMETER_C = 0.1, 0.3
"""Standard deviation from reading to reading."""
_WEB_C = (68.0, 85.0, 93.0, 96.0, 99.0, 104.0, 112.0, 112.0, 105.0, 86.0)
"""Web temperature after each zone at the recipe, for a line without drying."""
_NOISES = 25


class Process:
    """All of it; `advance` moves what is fast, `tick` what is slow (every 0.5 s).

    Attributes:
        load_left: blade at the left edge.
        load_right: blade at the right edge.
        wet_um: wet film at the blade now, mean over the lane.
        wear_um: of the lip.
        early: relative deviation of the dry rate that the strip at the end of zone 3 saw in zones 1-3.
        mid: likewise at the end of zone 6, zones 4-6.
        late: over-drying at the exit: -log2(residual solvent over the recipe's), within ±3.
        lel_percent: reading of the sensor in the exhaust.
        air_readings: thermocouple per zone, °C.
        web_readings: pyrometer at the end of each zone, °C.
        noise: one standard normal number per noisy sensor, drawn anew every tick.
    """

    def __init__(self, seed: int, speed_m_s: float, disturbances: Disturbances, *, drying: bool = True) -> None:
        self._set = disturbances
        self.speed = SpeedPlan(speed_m_s, disturbances.slowdown)
        self.speed_ratio = 1.0
        self.load_left, self.load_right = Blade(), Blade()
        self.gap = Lag(RECIPE_GAP_UM, DEAD_S, TAU_S)
        self.slurry = Slurry(disturbances.slurry, seed)
        self.pool = Pool(disturbances.pool_mm, seed, speed_m_s)
        self.foil = Foil(lots=disturbances.foil_lots, coil_m=disturbances.splice_m, seed=seed)
        self.gauge = FilmGauge(np.random.default_rng([seed, 0xF11A]))
        self.oven = Oven(disturbances.exhaust)
        self.drying = Drying(speed_m_s) if drying else None
        self.wet_um = RECIPE_WET_UM
        self.wear_um = disturbances.worn_um
        self.early = self.mid = self.late = 0.0
        self._reference = self.drying.outcome() if self.drying else Outcome(0.0018, 1.0, 0.7, 1.0, 1.0)
        self._noise_rng = np.random.default_rng([seed, 0x5E5])
        self.noise: list[float] = [0.0] * _NOISES
        self._setpoints = Setpoints.recipe()
        self._purge_left_s = 0.0
        self._base_um = RECIPE_WET_UM
        self._film_of: tuple[float, ...] = ()
        self._strip_sum = self._strip_mm = 0.0
        self._to_oven: deque[tuple[float, float]] = deque()
        self._fill_web()
        self._last_tick_mm = 0.0
        self._lel = Lag(0.0, 0.0, _LEL_TAU_S)
        self._breathe(first=True)
        self.air_readings: list[float] = []
        self.web_readings: list[float] = []
        self._read_oven()

    @property
    def lel_percent(self) -> float:
        """Solvent in the exhaust as its sensor shows it, % of the lower explosive limit, without noise."""
        return self._lel.value

    @property
    def outcome(self) -> Outcome:
        """What leaves the oven."""
        return self.drying.outcome() if self.drying else self._reference

    @property
    def alarms(self) -> tuple[bool, bool, bool]:
        """Interlocks: solvent in the exhaust above its alarm, above its trip, and residual solvent above its limit."""
        lel = self._lel.value
        return lel >= LEL_ALARM_PERCENT, lel >= LEL_TRIP_PERCENT, self.outcome.residual > _RESIDUAL_LIMIT

    def advance(self, seconds: float, setpoints: Setpoints, encoder_mm: float) -> bool:
        """Advance what is fast; returns whether a purge began."""
        left = self.load_left.advance(seconds, setpoints.load_left)
        right = self.load_right.advance(seconds, setpoints.load_right)
        gap = self.gap.advance(seconds, setpoints.gap)
        purges = setpoints.purge > 0.0 and self._setpoints.purge <= 0.0
        self._setpoints = setpoints
        if purges:
            self._purge_left_s = setpoints.purge / 1000.0
        if self._purge_left_s > 0.0:
            gap += LIFT_UM * min(1.0, self._purge_left_s / seconds)
            self._purge_left_s -= seconds
        self._coat(left, right, gap + self.wear_um - self._set.worn_um, encoder_mm)
        return purges

    def tick(self, now_s: float, encoder_mm: float) -> None:
        """Advance what is slow by one tick."""
        moved_mm = encoder_mm - self._last_tick_mm
        self._last_tick_mm = encoder_mm
        speed = self.speed.speed_m_s(now_s)
        self.speed_ratio = speed / self.speed.nominal_m_s
        self.slurry.tick(TICK_S)
        self.pool.tick(self._setpoints.feed, self._base_um, self.speed_ratio)
        self.wear_um += self._set.wear_um_per_m * moved_mm / 1000.0
        self.oven.tick(self._setpoints)
        self._dry(moved_mm)
        self._breathe()
        self.noise = self._noise_rng.standard_normal(_NOISES).tolist()
        self._read_oven()
        self._film_of = ()

    def _coat(self, left: float, right: float, gap_um: float, encoder_mm: float) -> None:
        film_of = (left, right, gap_um)
        if film_of != self._film_of:
            self._film_of = film_of
            viscosity = 1.0 + self.slurry.deviation if self._set.slurry.reaches_film else 1.0
            self._base_um = wet_film_um(
                left,
                right,
                gap_um=gap_um,
                pressure_kpa=self.pool.pressure_kpa,
                viscosity_ratio=viscosity,
                speed_ratio=self.speed_ratio,
            )
        wet = self._base_um
        if self._set.runout_um:
            wet += _GAP_TO_FILM * self._set.runout_um * math.sin(2 * math.pi * encoder_mm / _ROLL_MM)
        if self._set.ripple:
            phase = 2 * math.pi * _RIPPLE_HZ * encoder_mm / (1000.0 * self.speed.nominal_m_s)
            wet += _PRESSURE_TO_FILM * self.pool.feed_kpa * self._set.ripple * math.sin(phase)
        self.wet_um = wet
        self._lay_strips(wet, encoder_mm)

    def _lay_strips(self, wet_um: float, encoder_mm: float) -> None:
        """Fill strips of 0.1 m with what has been coated since; a full one leaves for gauge and oven."""
        laid_mm = self._strip_mm
        while encoder_mm - laid_mm >= FILM_STRIP_MM - self._filled(laid_mm) - 1e-6:
            end_mm = (math.floor(laid_mm / FILM_STRIP_MM + 1e-9) + 1) * FILM_STRIP_MM
            self._strip_sum += wet_um * (end_mm - laid_mm)
            self._close_strip(self._strip_sum / FILM_STRIP_MM, end_mm)
            self._strip_sum, laid_mm = 0.0, end_mm
        self._strip_sum += wet_um * max(0.0, encoder_mm - laid_mm)
        self._strip_mm = max(laid_mm, encoder_mm)

    @staticmethod
    def _filled(laid_mm: float) -> float:
        return laid_mm - math.floor(laid_mm / FILM_STRIP_MM + 1e-9) * FILM_STRIP_MM

    def _close_strip(self, wet_um: float, end_mm: float) -> None:
        solids = self.slurry.solids if self._set.slurry.reaches_film else RECIPE_SOLIDS
        dry = dry_weight(wet_um, solids)
        self.gauge.strip(dry, end_mm, self.foil.deviation_g_m2(max(0.0, end_mm - FILM_GAUGE_MM)))
        if self.drying is not None:
            self._to_oven.append((dry, dry * (1.0 - solids) / solids))

    def _dry(self, moved_mm: float) -> None:
        if self.drying is None:
            return
        waiting = self._to_oven
        count = max(0, len(waiting) - round(OVEN_ENTRY_MM / FILM_STRIP_MM))
        entering = [waiting.popleft() for _ in range(count)]
        self.drying.tick(TICK_S, self.oven.air_c, self.oven.alpha, moved_mm, entering or [waiting[0]])
        reference, now = self._reference, self.drying
        self.early = now.early_g() / reference.early_g - 1.0
        self.mid = now.mid_g() / reference.mid_g - 1.0
        self.late = max(-3.0, min(3.0, -math.log2(max(1e-6, now.outcome().residual) / reference.residual)))

    def _breathe(self, *, first: bool = False) -> None:
        if self.drying is None:
            return
        self.oven.breathe(float(self.drying.zone_rate.mean()))
        if first:
            self._lel = Lag(self.oven.lel, 0.0, _LEL_TAU_S)
        self._lel.advance(TICK_S, self.oven.lel)

    def _read_oven(self) -> None:
        """Thermocouples and pyrometers, with their noise."""
        noise = np.array(self.noise)
        self.air_readings = (self.oven.air_c + _THERMOCOUPLE_C * noise[:ZONES]).tolist()
        web = np.array(_WEB_C) if self.drying is None else self.drying.web_c()
        self.web_readings = (web + _PYROMETER_C * noise[ZONES : 2 * ZONES]).tolist()

    def _fill_web(self) -> None:
        """The web between blade and oven carries recipe film when the line starts."""
        wet = RECIPE_FILM_G_M2 * (1.0 - RECIPE_SOLIDS) / RECIPE_SOLIDS
        self._to_oven.extend([(RECIPE_FILM_G_M2, wet)] * round(OVEN_ENTRY_MM / FILM_STRIP_MM))
