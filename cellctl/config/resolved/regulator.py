"""A resolved regulator: absolute values in the units of the tags, metres and seconds."""

from __future__ import annotations

import msgspec


class RegulatorInput(msgspec.Struct, frozen=True):
    """A set-point that a regulator moves, and its first-order effect on the characteristic.

    Attributes:
        tag: of the set-point.
        unit: of the set-point.
        gain: change of the characteristic per unit of the set-point (signed).
        delay_s: from the value in force to the first effect on the web.
        lag_s: time constant of the effect.
        acts_at_m: where along the web it acts, metres from the blade.
    """

    tag: str
    unit: str
    gain: float
    delay_s: float = 0.0
    lag_s: float = 0.0
    acts_at_m: float = 0.0


class FeedForward(msgspec.Struct, frozen=True):
    """A measured disturbance: characteristic = target * (value / nominal) ** exponent.

    Attributes:
        tag: of the measured disturbance.
        nominal: its value when the characteristic is at its target, in the tag's unit.
        exponent: of the power law.
        filter_s: time constant against the sensor's noise.
        at_most: share of the target that it may compensate.
    """

    tag: str
    nominal: float
    exponent: float
    filter_s: float
    at_most: float


class RegulatorLimit(msgspec.Struct, frozen=True):
    """Another value that moves must not raise above `at_most`; `gains` by set-point, in its unit per unit."""

    tag: str
    at_most: float
    gains: dict[str, float]


class Regulator(msgspec.Struct, frozen=True):
    """One loop on a measured characteristic.

    Attributes:
        name: as in the YAML.
        authority: `off`, `shadow`, `advisory`, `confirm` or `auto`.
        hold: name of the characteristic that is held at its target.
        law: `ewma`, `double_ewma`, `pulse_and_wait`, `pi`, `smith` or `mpc`.
        inputs: the set-points that it moves.
        every_s: period of its decisions.
        weight: of the newest value in the estimate.
        trend_weight: of the newest slope in the estimate (double EWMA).
        disturbance_s: time constant of the disturbance that is to be taken out.
        lasting_s: time constant with which the EWMA also takes out what lasts; 0 leaves it out.
        dead_s: from a decision to its effect at the gauge at the recipe's web speed (the longest of its inputs).
        dead_band: moves with less effect than this on the characteristic are not made.
        feed_forward: measured disturbances.
        speed_below_m_s: slower than this it stands still.
        older_than_s: older measurements are not used.
        report_s: period of its reports.
        neighbours: largest difference between neighbouring set-points; 0 for no limit.
        coupling: share of a neighbour's air that a zone gets.
        limits: other values that its moves must not exceed.
    """

    name: str
    authority: str
    hold: str
    law: str
    inputs: tuple[RegulatorInput, ...]
    every_s: float
    weight: float
    trend_weight: float
    disturbance_s: float
    dead_s: float
    dead_band: float
    feed_forward: tuple[FeedForward, ...] = ()
    speed_below_m_s: float = 10.0 / 60.0
    older_than_s: float = 5.0
    report_s: float = 60.0
    lasting_s: float = 0.0
    neighbours: float = 0.0
    coupling: float = 0.0
    limits: tuple[RegulatorLimit, ...] = ()
