"""Between the plant's engineering values and the PLC's registers."""

from __future__ import annotations

from collections.abc import Mapping

from cellsim.plant.coater import Coater
from cellsim.plant.setpoints import Setpoints
from cellsim.plc import registers as reg
from cellsim.plc.program import Inputs

_NAMED = {
    "web_speed",
    "encoder_pos",
    "blade_load_left",
    "blade_load_right",
    "viscosity",
    "film_weight",
    "film_weight_pos",
}
"""Sensors that `Inputs` names."""
_CUT = {"encoder_pos", "film_weight_pos"}
"""A counter shows whole units that are complete."""


def raw(tag: str, value: float) -> int:
    """A reading in raw units of its register, kept within what the register can hold."""
    sensor = reg.SENSORS[tag]
    whole = int(value / sensor.scale) if tag in _CUT else round(value / sensor.scale)
    return max(0, min(0xFFFF_FFFF if sensor.words == 2 else 0x7FFF, whole))


def inputs_of(coater: Coater) -> Inputs:
    """What the PLC reads from the plant in one scan."""
    values = coater.sensors()
    others: list[tuple[int, int]] = []
    for tag, value in values.items():
        if tag in _NAMED:
            continue
        sensor, number = reg.SENSORS[tag], raw(tag, value)
        words = reg.split_u32(number) if sensor.words == 2 else (number,)
        others.extend((sensor.register + place, word) for place, word in enumerate(words))
    return Inputs(
        speed_um_s=raw("web_speed", values["web_speed"]),
        encoder_mm=raw("encoder_pos", values["encoder_pos"]),
        load_left=raw("blade_load_left", values["blade_load_left"]),
        load_right=raw("blade_load_right", values["blade_load_right"]),
        viscosity=raw("viscosity", values["viscosity"]),
        film_weight=raw("film_weight", values["film_weight"]),
        film_encoder_mm=raw("film_weight_pos", values["film_weight_pos"]),
        others=tuple(others),
        alarms=alarm_bits(coater),
    )


def alarm_bits(coater: Coater) -> int:
    """Interlocks of the plant as bits of the alarm register."""
    lel, trip, residual = coater.process.alarms
    return lel * reg.ALARM_LEL | trip * reg.ALARM_LEL_TRIP | residual * reg.ALARM_RESIDUAL


def setpoints_in_force(in_force: Mapping[int, float]) -> Setpoints:
    """Engineering values of the registers in force (holding register → raw value)."""
    zones = range(reg.ZONES)
    return Setpoints(
        load_left=_value(in_force, reg.HR_LOAD_LEFT),
        load_right=_value(in_force, reg.HR_LOAD_RIGHT),
        gap=_value(in_force, reg.HR_GAP),
        feed=_value(in_force, reg.HR_FEED),
        purge=_value(in_force, reg.HR_PURGE),
        zone_t=tuple(_value(in_force, reg.HR_ZONE_TEMPERATURE + zone) for zone in zones),
        zone_fan=tuple(_value(in_force, reg.HR_ZONE_FAN + zone) for zone in zones),
    )


def _value(in_force: Mapping[int, float], register: int) -> float:
    """Divided by the units per engineering unit, so that a recipe value comes out exactly as it is written."""
    return in_force[register] / round(1.0 / reg.CLAMPS[register].scale)
