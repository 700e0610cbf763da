"""The honest baseline rate of the verification test.

The run that raised the alarm was selected *because* it was dense: its plain rate overstates the true one,
and a test against it calls a do-nothing action effective in about four of ten cases. Three corrections take
that out:

1. The first and the last object of the run do not count. The CUSUM's run starts at one and ends at the
   other; both positions were chosen by the events themselves.
2. What is left, `m = max(n - 2, 0)` objects in `L` metres, gives the posterior `Gamma(m + ½) / L` (Jeffreys
   prior). Its 20 % quantile is taken, not its mean: erring low makes the test longer and EFFECTIVE rarer.
3. The result is clamped to `[λ1, 3·λ1]`, where λ1 is the rate that the watch is tuned to detect. The lower
   end keeps the test finite when the run says next to nothing; the upper end keeps a lucky burst from
   buying a test of a few metres. Both scale with λ1, so error rates do not depend on the unit or on how
   rare a defect is. A fault that persists at a rate well *below* λ1 is judged too kindly; the watch is not
   tuned to find it, and the release of the set-point is what exposes it.

With λ0 = 0.02, λ1 = 0.2 /m (clamp 0.2 … 0.6), h = 3, rho = 0.24, risk 5 %: a disconnected actuator is
called effective in 8.5 / 3.5 / 1.5 % of the cases at λ = 0.2 / 0.3 / 0.5 /m, against 37 … 43 % for the
naive rate.
"""

from __future__ import annotations

import functools
import math

from cellctl.config.resolved import Watch
from cellctl.loop.estimate.cusum import Run

QUANTILE = 0.20
"""Posterior quantile that serves as the baseline."""

CEILING_RATIO = 3.0
"""Highest baseline as a multiple of the rate the watch is tuned to detect."""

MOST_OBJECTS = 300
"""A longer run is scaled down to this many objects: it keeps the sum short and only widens the posterior."""

_BISECTIONS = 45  # halves the bracket to 3e-14 of its width: below the rounding of the sum


def honest_baseline(run: Run, watch: Watch) -> float:
    """The baseline rate λ_b, events per metre, for the run that raised the alarm."""
    floor, ceiling = watch.alarm, CEILING_RATIO * watch.alarm
    inner = run.objects - 2
    if inner <= 0 or run.metres <= 0.0:
        return floor
    scale = min(1.0, MOST_OBJECTS / inner)
    inner, metres = round(inner * scale), run.metres * scale
    return min(ceiling, max(floor, gamma_quantile(inner, QUANTILE) / metres))


def gamma_cdf(count: int, x: float) -> float:
    """Distribution function of Gamma(count + ½) with unit rate at `x`, for `count` ≥ 0.

    `P(½, x) = erf(√x)` and `P(a + 1, x) = P(a, x) - x^a·e^(-x) / Γ(a + 1)` (Abramowitz & Stegun 6.5.21).
    """
    if x <= 0.0:
        return 0.0
    log_x = math.log(x)
    terms = (math.exp((j + 0.5) * log_x - x - math.lgamma(j + 1.5)) for j in range(count))
    return max(0.0, math.erf(math.sqrt(x)) - math.fsum(terms))


@functools.lru_cache(maxsize=2 * MOST_OBJECTS)
def gamma_quantile(count: int, probability: float) -> float:
    """Quantile of Gamma(count + ½) with unit rate, by bisection; `probability` in (0, 1).

    Counts are small integers, so the results are kept: a decision has a deadline.
    """
    low, high = 0.0, count + 1.0
    while gamma_cdf(count, high) < probability:
        high *= 2.0
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        if gamma_cdf(count, middle) < probability:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
