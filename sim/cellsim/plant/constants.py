"""Numbers of the reference line that no scenario changes."""

from __future__ import annotations

STEP_MS = 10
"""The PLC's scan and the live line's physics advance in steps of this length."""
STEP_S = STEP_MS / 1000.0
TICK_S = 0.5
"""What is slow (slurry, pool, oven, drying, sensors' noise) advances in steps of this length."""

STRIP_MM = 10.0
"""Plans along the web are asked for in strips of this length."""
FILM_STRIP_MM = 100.0
"""Film and drying follow the web in strips of this length."""

RECIPE_LOAD_KPA = 20.0
LOAD_STEP = 0.05
"""One step of the edge model is this share of the recipe's blade load."""
RECIPE_GAP_UM = 250.0
RECIPE_FEED_L_MIN = 4.68
RECIPE_FEED_KPA = 5.0
RECIPE_POOL_MM = 50.0
RECIPE_ZONE_T_C = (80.0, 95.0, 105.0, 110.0, 115.0, 120.0, 120.0, 115.0, 105.0, 85.0)
RECIPE_FAN_PERCENT = 60.0
ZONES = len(RECIPE_ZONE_T_C)

RECIPE_FILM_G_M2 = 200.0
RECIPE_SOLIDS = 0.70
RECIPE_WET_UM = 129.9
SLURRY_KG_M3 = 2200.0
LANE_M = 0.60
RECIPE_VISCOSITY_MPA_S = 5000.0
"""At 10 1/s and 25 °C."""

WET_CAMERA_MM = 1500.0
OVEN_ENTRY_MM = 3000.0
ZONE_MM = 6000.0
OVEN_EXIT_MM = OVEN_ENTRY_MM + ZONES * ZONE_MM
FILM_GAUGE_MM = 64_500.0
DRY_CAMERA_MM = 66_000.0
"""Stations, mm of web behind the blade."""
