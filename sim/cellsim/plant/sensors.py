"""What the sensors of the register map show, in engineering units by tag name."""

from __future__ import annotations

from cellsim.plant.constants import RECIPE_VISCOSITY_MPA_S, ZONES
from cellsim.plant.process import Process

_VISCOMETER = 0.005
"""Standard deviation of the viscometer, relative."""
_TENSION_N = 120.0
_LEL = 0.3
"""Standard deviation of the solvent sensor from reading to reading, %; its accuracy is wider."""
AIR_TAGS = tuple(f"zone_air_t_{zone + 1}" for zone in range(ZONES))
WEB_TAGS = tuple(f"web_t_{zone + 1}" for zone in range(ZONES))


def read_sensors(process: Process, encoder_mm: float, seconds: float) -> dict[str, float]:
    """All readings as of now; noise changes with the slow tick only, so that asking more often changes nothing.

    Args:
        process: what is measured.
        encoder_mm: length of web that has passed the blade.
        seconds: since the web started.
    """
    noise = process.noise
    reading = process.gauge.reading
    values: dict[str, float] = {
        "web_speed": process.speed.speed_m_s(seconds) * 1e6,
        "encoder_pos": encoder_mm,
        "blade_load_left": process.load_left.value,
        "blade_load_right": process.load_right.value,
        "blade_gap_left": process.gap.value,
        "blade_gap_right": process.gap.value,
        "pool_level": process.pool.level_mm,
        "feed_pressure": process.pool.feed_kpa,
        "slurry_t": process.slurry.temperature_c,
        "viscosity": RECIPE_VISCOSITY_MPA_S * (1.0 + process.slurry.deviation) * (1.0 + _VISCOMETER * noise[20]),
        "lel": max(0.0, process.lel_percent + _LEL * noise[21]),
        "exhaust": process.oven.exhaust_m3_h,
        "residual_solvent": process.outcome.residual * 1e6,
        "film_weight": reading.film_g_m2,
        "film_weight_pos": reading.encoder_mm,
        "tension": _TENSION_N,
        "foil_lot": float(process.foil.lot(encoder_mm)),
        "splice_flag": float(process.foil.splice_passes(encoder_mm)),
    }
    values.update(zip(AIR_TAGS, process.air_readings, strict=True))
    values.update(zip(WEB_TAGS, process.web_readings, strict=True))
    return values
