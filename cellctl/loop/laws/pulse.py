"""Pulse-and-wait: one move, then wait until its material is measured."""

from __future__ import annotations

import math

from cellctl.loop.laws.base import Aim, Sample
from cellctl.loop.laws.suitable import prediction_gain


class PulseAndWait:
    """Moves once per dead time, by the mean disturbance of the material made since the last move.

    While the gauge still sees material of the old set-point it waits; then it averages n samples and sets
    `u = u₀ − g·mean(d)/b`. The move stands for about `P = θ + n·Δt`, so g is the mean share of the disturbance that is
    still there in that time: `g = exp(−θ/τ)·(1 − exp(−P/τ))·τ/P`. It never fights its own past, which is why coating
    lines with a far gauge use it. Source: pulse-and-wait of coating-weight control on galvanizing lines; Dahlin
    1968; g is the least-squares gain of a held prediction, derived here.

    Args:
        aim: operating point and gain.
        dead_s: dead time θ, in seconds.
        disturbance_s: correlation time τ of the disturbance, in seconds.
        period_s: time between samples Δt, in seconds.
        samples: n, how many samples of new material are averaged, at least 1.
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
        samples: int = 1,
        resolution: float = 1e-9,
        prediction: float | None = None,
    ) -> None:
        if samples < 1 or not period_s > 0.0:
            raise ValueError(f"expected at least 1 sample and a period above 0, got {samples} and {period_s:g}")
        self.aim = aim
        self.samples = samples
        self.resolution = resolution
        held = dead_s + samples * period_s
        self.prediction = held_gain(disturbance_s, dead_s, held) if prediction is None else prediction
        self._sum = 0.0
        self._count = 0
        self._value: float | None = None

    def update(self, sample: Sample, *, frozen: bool = False) -> float:
        """The target, in the unit of the set-point."""
        if frozen:
            self.hand_over(sample.in_force)
            return sample.in_force
        if abs(sample.delayed - sample.in_force) > self.resolution:
            self._restart()
        else:
            self._sum += self.aim.disturbance(sample.measurement, sample.delayed)
            self._count += 1
        if self._count >= self.samples:
            self._value = self.aim.cancel(self.prediction * self._sum / self._count)
            self._restart()
        return sample.in_force if self._value is None else self._value

    def hand_over(self, in_force: float) -> None:
        """Stay at this value until material made with it has been measured."""
        self._value = in_force
        self._restart()

    def _restart(self) -> None:
        self._sum = 0.0
        self._count = 0


def held_gain(tau_s: float, dead_s: float, held_s: float) -> float:
    """Mean of `exp(−s/τ)` over the time a move stands, from θ to θ + P after the measured material."""
    share = held_s / tau_s
    return prediction_gain(tau_s, dead_s) * (-math.expm1(-share) / share if share > 0.0 else 1.0)
