"""Smith predictor: a fast loop over a dead time that is known in metres."""

from __future__ import annotations

import math

from cellctl.loop.adjust.laws.base import Aim, Sample
from cellctl.loop.adjust.laws.suitable import prediction_gain

FILTER_OVER_DEAD_TIME = 0.1
"""Shortest filter, in dead times, for which a model error of the sample's size does no harm."""


class SmithPredictor:
    """Compares the measurement with a model that has the same dead time, and cancels the rest.

    `x ← x + (1 − e^(−Δt/τ_p))·(u(t−θ) − x)`, `d = y − T − b·(x − u₀)`, `f ← f + (1 − e^(−Δt/T_f))·(d − f)`,
    `u = u₀ − g·f/b`, with `g = exp(−θ/τ)`. T_f ≥ 0.1·θ for an exact model, about 0.3·θ for ±20 % gain or ±10 % delay.
    It is the internal-model form of Smith's predictor; g makes it the minimum-variance predictor for a disturbance
    of correlation time τ. Source: Smith 1957; Morari and Zafiriou 1989 (internal model and its filter).

    It cannot wind up: its model is driven by what was in force.

    Args:
        aim: operating point and gain.
        dead_s: dead time θ, in seconds.
        lag_s: first-order lag τ_p from set-point to film, in seconds.
        disturbance_s: correlation time τ of the disturbance, in seconds.
        period_s: time between samples Δt, in seconds.
        filter_s: T_f, in seconds; without it 0.3·θ.
    """

    def __init__(
        self,
        aim: Aim,
        *,
        dead_s: float,
        disturbance_s: float,
        period_s: float,
        lag_s: float = 0.0,
        filter_s: float | None = None,
    ) -> None:
        filter_s = 0.3 * dead_s if filter_s is None else filter_s
        if filter_s < (1.0 - 1e-9) * FILTER_OVER_DEAD_TIME * dead_s:
            raise ValueError(f"expected a filter of at least {FILTER_OVER_DEAD_TIME * dead_s:g} s, got {filter_s:g} s")
        if not period_s > 0.0 or not lag_s >= 0.0:
            raise ValueError(f"expected a period above 0 and a lag of at least 0, got {period_s:g} and {lag_s:g}")
        self.aim = aim
        self.prediction = prediction_gain(disturbance_s, dead_s)
        self._follow = share_of(period_s, lag_s)
        self._smooth = share_of(period_s, filter_s)
        self._model: float | None = None
        self._filtered = 0.0

    def update(self, sample: Sample, *, frozen: bool = False) -> float:
        """The target, in the unit of the set-point."""
        before = sample.delayed if self._model is None else self._model
        self._model = before + self._follow * (sample.delayed - before)
        if frozen:  # the model goes on: the set-points of that time are known whatever the gauge says
            return sample.in_force
        disturbance = self.aim.disturbance(sample.measurement, self._model)
        self._filtered += self._smooth * (disturbance - self._filtered)
        return self.aim.cancel(self.prediction * self._filtered)

    def hand_over(self, in_force: float) -> None:
        """Go on from this value: believe the disturbance that it cancels, until the measurements say otherwise."""
        self._filtered = self.aim.cancelled_by(in_force) / self.prediction


def share_of(period_s: float, lag_s: float) -> float:
    """How far a first-order lag comes in one period, exactly: `1 − exp(−Δt/τ)`; 1 without a lag."""
    return -math.expm1(-period_s / lag_s) if lag_s > 0.0 else 1.0
