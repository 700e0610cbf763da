"""Numbers of the reference line that no scenario changes."""

from __future__ import annotations

STEP_MS = 10
"""Physics and the PLC's scan advance in steps of this length."""
STEP_S = STEP_MS / 1000.0

STRIP_MM = 10.0
"""The web is followed in strips of this length; each is coated under one blade load."""

RECIPE_LOAD_KPA = 20.0
LOAD_STEP = 0.05
"""One step of the edge model is this share of the recipe's blade load."""

RECIPE_FILM_G_M2 = 200.0
WET_CAMERA_MM = 1500.0
FILM_GAUGE_MM = 64_500.0
"""Stations, mm of web behind the blade."""
