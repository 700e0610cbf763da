"""Double EWMA: the law for a process that drifts, such as a wearing blade."""

from __future__ import annotations

from cellctl.loop.adjust.laws.base import Aim, Sample
from cellctl.loop.adjust.laws.suitable import require_suitable


class DoubleEwma:
    """Predicts offset and drift (predictor–corrector), so that a ramp leaves no offset.

    `x = y − T − b·(u(t−θ) − u₀)`, `D ← λ₂·(x − a) + (1−λ₂)·D` with the old a, `a ← λ₁·x + (1−λ₁)·a`,
    `u = u₀ − (a + (1 + d·λ₁)·D)/b`.

    In a ramp of δ per sample a lags by δ·(1−λ₁)/λ₁ and D settles at δ/λ₁: a + D is the value one sample after the
    measured one, and d·λ₁·D carries it over the dead time. A single EWMA is left with δ/λ. Source: Butler and
    Stefani 1994; Del Castillo 1999.

    Args:
        aim: operating point and gain.
        dead_samples: dead time in samples, at least 0.
        weight: λ₁ of the offset, above 0 and at most 1.
        drift_weight: λ₂ of the drift, above 0 and at most 1.
        period_s: time between samples, in seconds.
        disturbance_s: correlation time of what it acts on, in seconds; it integrates, so at least two dead times.
    """

    def __init__(
        self,
        aim: Aim,
        *,
        dead_samples: int,
        weight: float,
        drift_weight: float,
        period_s: float = 1.0,
        disturbance_s: float = float("inf"),
    ) -> None:
        if not (0.0 < weight <= 1.0 and 0.0 < drift_weight <= 1.0):
            raise ValueError(f"expected weights above 0 and at most 1, got {weight:g} and {drift_weight:g}")
        if dead_samples < 0:
            raise ValueError(f"expected a dead time of at least 0 samples, got {dead_samples}")
        require_suitable(disturbance_s, dead_samples * period_s, "a double EWMA")
        self.aim = aim
        self.weight = weight
        self.drift_weight = drift_weight
        self._ahead = 1.0 + dead_samples * weight
        self._offset = 0.0
        self._drift = 0.0

    def update(self, sample: Sample, *, frozen: bool = False) -> float:
        """The target, in the unit of the set-point."""
        if frozen:
            return sample.in_force
        seen = self.aim.disturbance(sample.measurement, sample.delayed)
        self._drift += self.drift_weight * (seen - self._offset - self._drift)
        self._offset += self.weight * (seen - self._offset)
        return self.aim.cancel(self._offset + self._ahead * self._drift)

    def hand_over(self, in_force: float) -> None:
        """Go on from this value; the drift known so far stays."""
        self._offset = self.aim.cancelled_by(in_force) - self._ahead * self._drift
