"""Pulse-and-wait: one move, then wait until its material is measured."""

from __future__ import annotations

import math

from cellctl.loop.adjust.laws.base import Aim, Sample
from cellctl.loop.adjust.laws.suitable import prediction_gain


class PulseAndWait:
    """Moves once per dead time, when the material of its last move has come to the gauge.

    `d = y − T − b·(u(t−θ) − u₀)` and `a ← λ·d + (1−λ)·a` at every sample; when the gauge sees material of the set-point
    in force, `u = u₀ − g·a/b`, else everything stays. A move stands for P = θ + Δt, so g is the mean share of the
    disturbance that is still there in that time: `g = exp(−θ/τ)·(1 − exp(−P/τ))·τ/P`. It never fights its own past,
    which is why coating lines with a far gauge use it. Source: pulse-and-wait of coating-weight control on
    galvanizing lines; Dahlin 1968; g is the least-squares gain of a held prediction, derived here.

    Args:
        aim: operating point and gain.
        dead_s: dead time θ, in seconds.
        disturbance_s: correlation time τ of the disturbance, in seconds.
        period_s: time between samples Δt, in seconds.
        weight: λ, above 0 and at most 1.
        resolution: set-points that differ by no more are the same.
        prediction: replaces g; for studies.
    """

    def __init__(
        self,
        aim: Aim,
        *,
        dead_s: float,
        disturbance_s: float,
        period_s: float,
        weight: float = 0.5,
        resolution: float = 1e-9,
        prediction: float | None = None,
    ) -> None:
        if not 0.0 < weight <= 1.0 or not period_s > 0.0:
            raise ValueError(f"expected a weight in (0, 1] and a period above 0, got {weight:g} and {period_s:g}")
        self.aim = aim
        self.weight = weight
        self.resolution = resolution
        self.prediction = held_gain(disturbance_s, dead_s, dead_s + period_s) if prediction is None else prediction
        self._estimate = 0.0
        self._value: float | None = None

    def update(self, sample: Sample, *, frozen: bool = False) -> float:
        """The target, in the unit of the set-point."""
        if frozen:
            self.hand_over(sample.in_force)
            return sample.in_force
        disturbance = self.aim.disturbance(sample.measurement, sample.delayed)
        self._estimate += self.weight * (disturbance - self._estimate)
        if abs(sample.delayed - sample.in_force) <= self.resolution:
            self._value = self.aim.cancel(self.prediction * self._estimate)
        return sample.in_force if self._value is None else self._value

    def hand_over(self, in_force: float) -> None:
        """Stay at this value until material made with it is measured."""
        self._value = in_force


def held_gain(tau_s: float, dead_s: float, held_s: float) -> float:
    """Mean of `exp(−s/τ)` over the time a move stands, from θ to θ + P after the measured material."""
    share = held_s / tau_s
    return prediction_gain(tau_s, dead_s) * (-math.expm1(-share) / share if share > 0.0 else 1.0)
