"""Settings of a bearing under watch, and the check that a sensor's windows show its lines."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema, model_validator

from cellctl.config.resolved import Device
from cellctl.errors import ConfigError, text
from cellctl.units import Hertz, Millimetres, convert
from cellctl.vibration import Geometry, Line, lines, reaches


def _degrees(value: object) -> float:
    """`15 deg`; without the units library, which takes long to load."""
    number = str(value).strip()
    for unit in ("deg", "°"):
        if number.endswith(unit):
            try:
                return float(number.removesuffix(unit))
            except ValueError:
                break
    raise ValueError(text("expected an angle such as {example!r}, got {got!r:.60}", example="15 deg", got=value))


Degrees = Annotated[
    float,
    BeforeValidator(_degrees),
    PlainSerializer(lambda value: f"{value!r} deg", return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "examples": ["15 deg"], "description": "an angle"}),
]


class BearingSettings(BaseModel):
    """A rolling bearing whose outer ring stands still, and the speed of its shaft."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    balls: Annotated[int, Field(ge=3, le=200, description="Number of rolling elements")]
    ball_diameter: Annotated[Millimetres, Field(gt=0, description="Diameter of a rolling element")]
    pitch_diameter: Annotated[Millimetres, Field(gt=0, description="Diameter of the circle of their centres")]
    contact_angle: Annotated[Degrees, Field(ge=0, lt=90, description="Angle of contact, such as 15 deg")] = 0.0
    speed: Annotated[Hertz, Field(gt=0, description="Speed of the shaft, such as 1797 rpm; right to 1 %")]

    @model_validator(mode="after")
    def _is_a_bearing(self) -> BearingSettings:
        if self.ball_diameter >= self.pitch_diameter:
            raise ValueError(
                text("expected elements smaller than their circle, got {ball:g} mm on {pitch:g} mm",
                     ball=self.ball_diameter, pitch=self.pitch_diameter)
            )  # fmt: skip
        if self.balls * self.ball_diameter > math.pi * self.pitch_diameter:
            raise ValueError(
                text("expected elements that fit on their circle, got {balls} of {ball:g} mm on {pitch:g} mm",
                     balls=self.balls, ball=self.ball_diameter, pitch=self.pitch_diameter)
            )  # fmt: skip
        return self

    def lines(self) -> tuple[Line, ...]:
        """The lines that are looked for."""
        angle_rad = math.radians(self.contact_angle)
        return lines(Geometry(self.balls, self.ball_diameter, self.pitch_diameter, angle_rad))


def check_windows(bearing: BearingSettings, device: Device) -> None:
    """Compare a bearing with the windows of a sensor; ConfigError CELL-1199 where they cannot show its lines."""
    settings: dict[str, Any] = device.settings
    seconds, rate_hz = convert(settings.get("window") or "1 s", "s"), convert(settings["rate"], "Hz")
    if not reaches(round(seconds * rate_hz), rate_hz, bearing.lines(), bearing.speed):
        raise ConfigError(
            "CELL-1199",
            "bearing: windows of {seconds:g} s at {rate:g} Hz from {device} do not show lines up to {line:.4g} Hz",
            do="32 turns of the shaft or more in a `window`, and a `rate` of 12 times the highest line or more",
            seconds=seconds, rate=rate_hz, device=device.name,
            line=max(line.order for line in bearing.lines()) * bearing.speed,
        )  # fmt: skip
