"""The register map of the coater's PLC: unit 1, big-endian, 16 bit unless noted."""

from __future__ import annotations

from typing import NamedTuple

HOLDING = 30
"""Holding registers 0…29."""
INPUTS = 130
"""Input registers 0…129."""

HR_HEARTBEAT = 0
HR_CMD_SEQ = 1
HR_LOAD_LEFT = 2
HR_LOAD_RIGHT = 3
HR_GAP = 4
HR_FEED = 5
HR_PURGE = 6
HR_ZONE_TEMPERATURE = 10
HR_ZONE_FAN = 20
ZONES = 10

IR_HEARTBEAT = 0
IR_SEQ_ECHO = 1
IR_STATE = 2
IR_MODE = 3
IR_ALARMS = 4
IR_SPEED = 10
IR_ENCODER = 12
IR_LOAD_LEFT = 14
IR_LOAD_RIGHT = 15
IR_GAP_LEFT = 16
IR_GAP_RIGHT = 17
IR_POOL_LEVEL = 18
IR_FEED_PRESSURE = 19
IR_SLURRY_TEMPERATURE = 20
IR_VISCOSITY = 21
IR_AIR_TEMPERATURE = 30
IR_WEB_TEMPERATURE = 40
IR_LEL = 50
IR_EXHAUST = 51
IR_RESIDUAL = 52
IR_FILM_WEIGHT = 53
IR_FILM_ENCODER = 54
IR_TENSION = 60
IR_FOIL_LOT = 61
IR_SPLICE = 63
IR_ACCEPT = 99
IR_IN_FORCE = 100
"""Input register 100 + k holds what is in force of holding register k."""

ALARM_WATCHDOG = 1 << 0
ALARM_LEL = 1 << 1
ALARM_LEL_TRIP = 1 << 2
ALARM_RESIDUAL = 1 << 3
"""Bits of input register 4: the controller's heartbeat is missing; solvent in the exhaust above 25 % of the lower
explosive limit, and above 50 %, where the PLC takes everything back to the recipe; residual solvent above its limit."""


class Clamp(NamedTuple):
    """What the PLC lets through for one holding register, in raw units.

    Attributes:
        name: of the tag.
        lowest: smallest value taken.
        highest: largest value taken.
        slew_per_s: largest change over any 1 s (one more unit is allowed), None for no limit.
        recipe: the PLC's own recipe value.
        scale: engineering units per raw unit.
    """

    name: str
    lowest: int
    highest: int
    slew_per_s: int | None
    recipe: int
    scale: float


_ZONE_T = (800, 950, 1050, 1100, 1150, 1200, 1200, 1150, 1050, 850)

CLAMPS: dict[int, Clamp] = {
    HR_LOAD_LEFT: Clamp("blade_load_sp_left", 1500, 2500, 40, 2000, 0.01),
    HR_LOAD_RIGHT: Clamp("blade_load_sp_right", 1500, 2500, 40, 2000, 0.01),
    HR_GAP: Clamp("blade_gap_sp", 1500, 4000, 50, 2500, 0.1),
    HR_FEED: Clamp("feed_pump_sp", 0, 1000, 20, 468, 0.01),
    HR_PURGE: Clamp("blade_purge", 0, 400, None, 0, 1.0),
    **{HR_ZONE_TEMPERATURE + k: Clamp(f"zone_t_sp_{k + 1}", 400, 1400, 1, _ZONE_T[k], 0.1) for k in range(ZONES)},
    **{HR_ZONE_FAN + k: Clamp(f"zone_fan_sp_{k + 1}", 200, 1000, 20, 600, 0.1) for k in range(ZONES)},
}
"""The PLC's own table, built into it: no file of the controller can widen it."""


class Sensor(NamedTuple):
    """Where a sensor's reading stands.

    Attributes:
        register: first input register.
        scale: engineering units per raw unit.
        words: registers; two hold an unsigned number of 32 bit.
    """

    register: int
    scale: float
    words: int = 1


SENSORS: dict[str, Sensor] = {
    "web_speed": Sensor(IR_SPEED, 1, 2),
    "encoder_pos": Sensor(IR_ENCODER, 1, 2),
    "blade_load_left": Sensor(IR_LOAD_LEFT, 0.01),
    "blade_load_right": Sensor(IR_LOAD_RIGHT, 0.01),
    "blade_gap_left": Sensor(IR_GAP_LEFT, 0.1),
    "blade_gap_right": Sensor(IR_GAP_RIGHT, 0.1),
    "pool_level": Sensor(IR_POOL_LEVEL, 0.1),
    "feed_pressure": Sensor(IR_FEED_PRESSURE, 0.1),
    "slurry_t": Sensor(IR_SLURRY_TEMPERATURE, 0.1),
    "viscosity": Sensor(IR_VISCOSITY, 1),
    **{f"zone_air_t_{k + 1}": Sensor(IR_AIR_TEMPERATURE + k, 0.1) for k in range(ZONES)},
    **{f"web_t_{k + 1}": Sensor(IR_WEB_TEMPERATURE + k, 0.1) for k in range(ZONES)},
    "lel": Sensor(IR_LEL, 0.1),
    "exhaust": Sensor(IR_EXHAUST, 10),
    "residual_solvent": Sensor(IR_RESIDUAL, 10),
    "film_weight": Sensor(IR_FILM_WEIGHT, 0.01),
    "film_weight_pos": Sensor(IR_FILM_ENCODER, 1, 2),
    "tension": Sensor(IR_TENSION, 1),
    "foil_lot": Sensor(IR_FOIL_LOT, 1, 2),
    "splice_flag": Sensor(IR_SPLICE, 1),
}
"""All sensors of the line by tag name."""


def split_u32(value: int) -> tuple[int, int]:
    """A 32 bit value as two registers, high word first."""
    return (value >> 16) & 0xFFFF, value & 0xFFFF
