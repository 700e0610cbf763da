"""What the plant's actuators are asked for."""

from __future__ import annotations

from typing import NamedTuple

from cellsim.plant.constants import (
    RECIPE_FAN_PERCENT,
    RECIPE_FEED_L_MIN,
    RECIPE_GAP_UM,
    RECIPE_LOAD_KPA,
    RECIPE_ZONE_T_C,
    ZONES,
)


class Setpoints(NamedTuple):
    """Set-points in force, in engineering units.

    Attributes:
        load_left: blade load at the left edge, kPa.
        load_right: blade load at the right edge, kPa.
        gap: blade gap, µm.
        feed: feed pump, l/min.
        purge: how long the blade lifts, ms; a rising edge from 0 starts one purge.
        zone_t: air temperature per oven zone, °C.
        zone_fan: fan speed per oven zone, %.
    """

    load_left: float
    load_right: float
    gap: float
    feed: float
    purge: float
    zone_t: tuple[float, ...]
    zone_fan: tuple[float, ...]

    @classmethod
    def recipe(cls) -> Setpoints:
        """The recipe of the reference line."""
        return _RECIPE


_RECIPE = Setpoints(
    load_left=RECIPE_LOAD_KPA,
    load_right=RECIPE_LOAD_KPA,
    gap=RECIPE_GAP_UM,
    feed=RECIPE_FEED_L_MIN,
    purge=0.0,
    zone_t=RECIPE_ZONE_T_C,
    zone_fan=(RECIPE_FAN_PERCENT,) * ZONES,
)
