"""Delay-compensated EWMA: the run-to-run law for a gauge far behind the set-point."""

from __future__ import annotations

from cellctl.loop.adjust.laws.base import Aim, Sample
from cellctl.loop.adjust.laws.suitable import prediction_gain, require_suitable


class Ewma:
    """Cancels the filtered disturbance of the material that is measured now, as far as it will last.

    `d = y − T − b·(u(t−θ) − u₀)`, `a ← λ·d + (1−λ)·a`, `m ← w·d + (1−w)·m`, `u = u₀ − (m + g·(a − m))/b`, with
    `g = exp(−θ/τ)`.

    Subtracting what the set-point of that time did keeps the law stable for any dead time; g keeps it from acting
    on what will be over before the move shows (g = 1 amplifies when θ is about τ). Because g is below 1, a lasting
    offset would be left at (1 − g) of itself; the slow mean m takes it out. Source: Box and Jenkins 1970
    (minimum variance); Ingolfsson and Sachs 1993 (EWMA run-to-run).

    It cannot wind up: it is given what was in force, not what it wanted.

    Args:
        aim: operating point and gain.
        dead_s: dead time θ at the speed of the web, in seconds.
        disturbance_s: correlation time τ of the disturbance, in seconds.
        weight: λ, above 0 and at most 1.
        period_s: time between samples, in seconds; needed with `mean_s`.
        mean_s: time constant of the slow mean, in seconds; 0 leaves it out. It integrates, so at least 2θ.
    """

    def __init__(
        self,
        aim: Aim,
        *,
        dead_s: float,
        disturbance_s: float,
        weight: float = 0.5,
        period_s: float = 0.0,
        mean_s: float = 0.0,
    ) -> None:
        _check_weight(weight)
        if mean_s:
            require_suitable(mean_s, dead_s, "the slow mean of an EWMA")
            if not 0.0 < period_s <= mean_s:
                raise ValueError(
                    f"expected a period above 0 and at most the {mean_s:g} s of the mean, got {period_s:g}"
                )
        self.aim = aim
        self.prediction = prediction_gain(disturbance_s, dead_s)
        self.weight = weight
        self.mean_weight = period_s / mean_s if mean_s else 0.0
        self._estimate = 0.0
        self._mean = 0.0

    @property
    def predicted(self) -> float:
        """Disturbance expected of the material that is made now, in the unit of the characteristic."""
        return self._mean + self.prediction * (self._estimate - self._mean)

    def update(self, sample: Sample, *, frozen: bool = False) -> float:
        """The target, in the unit of the set-point."""
        if frozen:
            return sample.in_force
        disturbance = self.aim.disturbance(sample.measurement, sample.delayed)
        self._estimate += self.weight * (disturbance - self._estimate)
        self._mean += self.mean_weight * (disturbance - self._mean)
        return self.aim.cancel(self.predicted)

    def hand_over(self, in_force: float) -> None:
        """Go on from this value: believe the disturbance that it cancels, until the measurements say otherwise."""
        self._estimate = self._mean + (self.aim.cancelled_by(in_force) - self._mean) / self.prediction


def _check_weight(weight: float) -> None:
    if not 0.0 < weight <= 1.0:
        raise ValueError(f"expected a weight above 0 and at most 1, got {weight:g}")
