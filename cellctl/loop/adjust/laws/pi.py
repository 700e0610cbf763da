"""SIMC PI: for a measurement that is near compared with the disturbance."""

from __future__ import annotations

from cellctl.loop.adjust.laws.base import Aim, Sample
from cellctl.loop.adjust.laws.suitable import require_suitable


class SimcPi:
    """PI controller by Skogestad's SIMC rules with the closed-loop time constant at the dead time.

    `u = u₀ + K_c·e + I` with `e = T − y`, `K_c = τ_p/(2·b·θ)`, `T_i = min(τ_p, 8·θ)`; a pure delay (τ_p = 0) gives
    K_c = 0 and `K_i = 1/(2·b·θ)`. Between samples `I += K_i·e·Δt + (u_in_force − u_wanted)·Δt/T_t`, T_t = T_i (2·θ
    for a pure delay): back-calculation, so that an envelope, a slew limit or a refusal does not wind it up.
    Source: Skogestad 2003; Åström and Hägglund 2006 (back-calculation, bumpless transfer).

    Args:
        aim: operating point and gain.
        dead_s: dead time θ, above 0, in seconds.
        lag_s: first-order lag τ_p of the plant, in seconds; 0 for a pure delay.
        period_s: time between samples Δt, in seconds.
        disturbance_s: correlation time of the disturbance, in seconds; at least 2θ.
    """

    def __init__(
        self,
        aim: Aim,
        *,
        dead_s: float,
        period_s: float,
        lag_s: float = 0.0,
        disturbance_s: float = float("inf"),
    ) -> None:
        if not dead_s > 0.0 or not period_s > 0.0 or not lag_s >= 0.0:
            raise ValueError(
                f"expected dead time and period above 0, a lag of at least 0, got {dead_s}, {period_s}, {lag_s}"
            )
        require_suitable(disturbance_s, dead_s, "a PI controller")
        self.aim = aim
        self.proportional = lag_s / (2.0 * aim.gain * dead_s)
        integral_s = min(lag_s, 8.0 * dead_s)
        per_s = self.proportional / integral_s if lag_s else 1.0 / (2.0 * aim.gain * dead_s)
        self.integral = per_s * period_s
        self._tracking = min(1.0, period_s / (integral_s if lag_s else 2.0 * dead_s))
        self._sum = 0.0
        self._wanted: float | None = None

    def update(self, sample: Sample, *, frozen: bool = False) -> float:
        """The target, in the unit of the set-point."""
        if frozen:
            self.hand_over(sample.in_force)
            return sample.in_force
        if self._wanted is not None:
            self._sum += self._tracking * (sample.in_force - self._wanted)
        error = self.aim.target - sample.measurement
        self._sum += self.integral * error
        self._wanted = self.aim.recipe + self.proportional * error + self._sum
        return self._wanted

    def hand_over(self, in_force: float) -> None:
        """Go on from this value: the integral is what the operating point lacks to it."""
        self._sum = in_force - self.aim.recipe
        self._wanted = None
