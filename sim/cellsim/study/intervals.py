"""95 % intervals: exact for shares, bootstrap over seeds for ratios and percentiles."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from cellsim.study.rows import Interval

RISK = 0.05
RESAMPLES = 4000
_BISECTIONS = 50


def clopper_pearson(events: int, trials: int, risk: float = RISK) -> Interval:
    """Exact interval of a share (Clopper & Pearson, Biometrika 26, 1934); (0, 1) without trials."""
    if trials == 0:
        return 0.0, 1.0
    low = 0.0 if events == 0 else _solve(lambda p: _at_least(events, trials, p) - risk / 2.0)
    high = 1.0 if events == trials else _solve(lambda p: risk / 2.0 - _at_most(events, trials, p))
    return low, high


def _solve(rising: Callable[[float], float]) -> float:
    """Where a function that rises over (0, 1) crosses zero."""
    low, high = 0.0, 1.0
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if rising(middle) < 0.0 else (low, middle)
    return 0.5 * (low + high)


def _at_most(events: int, trials: int, share: float) -> float:
    """P(X ≤ events) for X binomial(trials, share), 0 < share < 1."""
    k = np.arange(events + 1)
    log_choose = np.array([math.lgamma(trials + 1) - math.lgamma(i + 1) - math.lgamma(trials - i + 1) for i in k])
    return float(np.exp(log_choose + k * math.log(share) + (trials - k) * math.log1p(-share)).sum())


def _at_least(events: int, trials: int, share: float) -> float:
    return 1.0 - _at_most(events - 1, trials, share)


def bootstrap(
    samples: Sequence[Sequence[float]], figure: Callable[[NDArray[np.float64]], float], seed: int, risk: float = RISK
) -> Interval:
    """Percentile interval of a figure of the column sums, by drawing rows (seeds) with replacement.

    Args:
        samples: one row of summands per seed.
        figure: from the sums of the columns to the figure.
        seed: of the resampling.
        risk: 0.05 for a 95 % interval.
    """
    rows = np.asarray(samples, dtype=np.float64)
    rng = np.random.default_rng([seed, 0xB007])
    drawn = rng.integers(len(rows), size=(RESAMPLES, len(rows)))
    found = np.array([figure(rows[pick].sum(axis=0)) for pick in drawn])
    low, high = np.quantile(found[np.isfinite(found)], [risk / 2.0, 1.0 - risk / 2.0])
    return float(low), float(high)


def reduction(sums: NDArray[np.float64]) -> float:
    """R = 1 - N_closed / N_open from (open, closed)."""
    return 1.0 - float(sums[1]) / float(sums[0]) if sums[0] > 0.0 else math.nan
