"""The section `regulators:` of the YAML file: loops that hold a measured characteristic at its target."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from cellctl.config.checking.validation import Section
from cellctl.config.sections.names import Authority, Name, Tag
from cellctl.errors import text
from cellctl.units import AnyQuantity, Fraction, MetresPerSecond, Quantity, Seconds

Law = Literal["ewma", "double_ewma", "pulse_and_wait", "pi", "smith", "mpc"]
ONE_INPUT = frozenset({"ewma", "double_ewma", "pulse_and_wait", "pi", "smith"})
"""Laws that move one set-point; only `mpc` shares the work among several."""


class GainSection(Section):
    """How a set-point acts on the characteristic, where it needs more than its gain."""

    gain: Annotated[AnyQuantity, Field(description="change of the characteristic per unit of the set-point")]
    delay: Annotated[Seconds, Field(ge=0, description="from the value in force to the first effect on the web")] = 0.0
    lag: Annotated[Seconds, Field(ge=0, description="time constant of the effect")] = 0.0
    acts_at: Annotated[Name | None, Field(description="station where it acts on the web; the blade without")] = None


class LimitSection(Section):
    """Another measured value that the moves of `mpc` must not raise above a limit."""

    tag: Annotated[Tag, Field(description="tag of the measured value, DEVICE.NAME")]
    at_most: Annotated[AnyQuantity, Field(description="the limit")]
    gains: Annotated[dict[Tag, AnyQuantity], Field(description="set-point → change of the value per unit of it")]


class RegulateSection(Section):
    """How the characteristic is held: set-points with their gains, the law and its numbers."""

    gains: Annotated[
        dict[Tag, AnyQuantity | GainSection],
        Field(min_length=1, description="set-point → change of the characteristic per unit of it"),
    ]
    law: Annotated[Law, Field(description="how the moves are computed; all but mpc move one set-point")] = "ewma"
    every: Annotated[Seconds, Field(gt=0, description="period of the decisions; what came in between is averaged")] = 5
    weight: Annotated[float, Field(gt=0, le=1, description="of the newest value in the estimate (lambda)")] = 0.5
    trend_weight: Annotated[float, Field(gt=0, le=1, description="of the newest slope, double_ewma")] = 0.2
    disturbance: Annotated[Seconds, Field(gt=0, description="time constant of what is to be taken out")] = 600.0
    lasting: Annotated[
        Seconds | None, Field(gt=0, description="ewma: also take out what lasts, with this time constant")
    ] = None
    dead_band: Annotated[AnyQuantity, Field(description="moves with less effect on the characteristic are not made")]
    neighbours: Annotated[AnyQuantity | None, Field(description="mpc: largest difference between neighbours")] = None
    coupling: Annotated[Fraction, Field(ge=0, lt=0.5, description="mpc: share of a neighbouring zone's air")] = 0.0
    limits: Annotated[tuple[LimitSection, ...], Field(description="mpc: what the moves must not exceed")] = ()


class FeedForwardSection(Section):
    """A measured disturbance: the characteristic goes with (value / nominal) ** exponent."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    source: Annotated[Tag, Field(alias="from", description="tag of the disturbance, DEVICE.NAME")]
    nominal: Annotated[AnyQuantity, Field(description="its value when all is well")]
    exponent: Annotated[float, Field(description="how strongly the characteristic goes with it")]
    filter: Annotated[Seconds, Field(ge=0, description="time constant against the sensor's noise")] = 10.0
    at_most: Annotated[Fraction, Field(gt=0, description="share of the target that it may compensate")] = 0.1


class FreezeSection(Section):
    """When a regulator stands still."""

    speed_below: Annotated[MetresPerSecond, Field(ge=0, description="slower than this it stands still")] = 10.0 / 60.0
    older_than: Annotated[Seconds, Field(gt=0, description="a measurement older than this is no longer used")] = 5.0


class RegulatorSection(Section):
    """One regulator: which characteristic it holds, and with which set-points."""

    authority: Authority = "off"
    hold: Annotated[Name, Field(description="the characteristic that is held at its target")]
    adjust: Annotated[RegulateSection, Field(description="with which set-points, and how")]
    feed_forward: Annotated[
        tuple[FeedForwardSection, ...], Field(description="measured disturbances that are compensated at once")
    ] = ()
    freeze: Annotated[FreezeSection, Field(description="when it stands still")] = FreezeSection()
    report: Annotated[Seconds, Field(gt=0, description="period of its reports in the evidence")] = 60.0

    @model_validator(mode="after")
    def _law_fits_its_inputs(self) -> RegulatorSection:
        law, count = self.adjust.law, len(self.adjust.gains)
        if law in ONE_INPUT and count != 1:
            raise ValueError(text("the law {law} moves one set-point, {count} are listed; use mpc for several",
                                  law=law, count=count))  # fmt: skip
        if law not in ONE_INPUT and self.feed_forward:
            raise ValueError(text("feed_forward offsets one set-point, and {law} moves several", law=law))
        if law == "pulse_and_wait" and self.feed_forward:
            raise ValueError(
                text("pulse_and_wait waits for material made with one value; feed_forward would move it always")
            )
        return self


def gain_of(entry: Quantity | GainSection) -> Quantity:
    """The gain of an entry in its short or long form."""
    return entry.gain if isinstance(entry, GainSection) else entry
