"""How strongly a run-to-run law may weigh a late measurement before it swings by itself."""

from __future__ import annotations

import math

import numpy as np


def ewma_bound(delay: int) -> float:
    """Largest stable `weight · gain ratio` of an EWMA law that does not know its delay: `2·sin(π/(2(2d+1)))`.

    Such a law corrects by the present error, so the deviation obeys `z^(d+1) − z^d + λξ = 0`, with λ the weight and
    ξ the true gain over the assumed one. (Good and Qin 2006 give bounds for the double EWMA.)

    Args:
        delay: samples between making the material and knowing its measurement, at least 0.
    """
    if delay < 0:
        raise ValueError(f"expected a delay of at least 0 samples, got {delay}")
    return 2.0 * math.sin(math.pi / (2.0 * (2 * delay + 1)))


def largest_root(weight: float, gain_ratio: float, delay: int, *, compensated: bool, prediction: float = 1.0) -> float:
    """Modulus of the slowest mode of an EWMA law; the loop is stable below 1.

    Compensated laws subtract what the set-point of that time did: `z^(d+1) − (1−λ)·z^d + λ·g·(ξ−1) = 0`. Their mode
    is 1 − λ when the gain is known, whatever the delay.

    Args:
        weight: λ of the EWMA.
        gain_ratio: ξ, the true gain over the assumed one.
        delay: samples between making the material and knowing its measurement.
        compensated: whether the law is given the set-point of the measured material.
        prediction: g, the share of the disturbance that is cancelled; for compensated laws.
    """
    middle, last = (
        (1.0 - weight, weight * prediction * (gain_ratio - 1.0)) if compensated else (1.0, weight * gain_ratio)
    )
    polynomial = np.zeros(delay + 2)
    polynomial[0] = 1.0
    polynomial[1] -= middle
    polynomial[-1] += last
    return float(np.abs(np.roots(polynomial)).max())
