"""Which disturbances a delayed measurement may be used against, and how much of it still says something."""

from __future__ import annotations

import math

INTEGRAL_OVER_DEAD_TIME = 2.0
"""An integrator amplifies what changes faster than this many dead times (simulated: at θ = 66 s and τ = 60 s an
integrating controller makes the variance 1.26 times that of no control at all)."""


def suitable(tau_s: float, dead_s: float) -> bool:
    """Whether integral action suits a disturbance of correlation time `tau_s` behind a dead time `dead_s`.

    Rule: no integral action on components faster than two dead times.
    """
    return tau_s >= INTEGRAL_OVER_DEAD_TIME * dead_s


def require_suitable(tau_s: float, dead_s: float, law: str) -> None:
    """Refuse integral action on a component that is too fast for it.

    Raises:
        ValueError: the disturbance is faster than two dead times.
    """
    if not suitable(tau_s, dead_s):
        raise ValueError(
            f"law and dead time disagree: {law} integrates, and a disturbance of {tau_s:g} s is faster than twice "
            f"the dead time of {dead_s:g} s; expected at least {INTEGRAL_OVER_DEAD_TIME * dead_s:g} s, or a law "
            "that scales its prediction (ewma, smith, pulse, mpc)"
        )


def prediction_gain(tau_s: float, dead_s: float) -> float:
    """Share of a disturbance that is still there one dead time later: `g = exp(−θ/τ)`.

    The disturbance is a first-order Gauss–Markov process of correlation time τ, for which g times the last value
    is the minimum-variance prediction (Åström 1970; Harris 1989). A process that never forgets (τ = ∞) gives 1.
    """
    if not tau_s > 0.0 or not dead_s >= 0.0:
        raise ValueError(f"expected a correlation time above 0 and a dead time of at least 0, got {tau_s}, {dead_s}")
    return math.exp(-dead_s / tau_s)


def minimum_variance(tau_s: float, dead_s: float) -> float:
    """Smallest possible variance over the open loop's: `1 − exp(−2θ/τ)` (Harris 1989)."""
    return 1.0 - prediction_gain(tau_s, dead_s) ** 2
