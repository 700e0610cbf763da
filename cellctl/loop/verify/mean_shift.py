"""How far the mean of a characteristic moved, and how far it may have moved by chance.

Readings of a gauge that follow one another are alike, so `n` of them say less than `n` independent ones. With an
autocorrelation `r` at one reading (a first-order process) they are worth `n·(1 - r)/(1 + r)` (Bayley & Hammersley,
J. R. Stat. Soc. Suppl. 8, 1946, to first order). A short stretch estimates `r` too low by about `(1 + 3r)/n`
(Kendall, Biometrika 41, 1954); that is added back, so that the margin errs on the wide side. The quantile is Student's
at 95 %, one side (Abramowitz & Stegun 26.7.5).

A drift that is slow against the stretches compared is not told from a shift: the stretches are neighbours and as short
as the test allows, to keep it small.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from cellctl.model.correction import Sample

HIGHEST_LAG1 = 0.95
"""Beyond it the readings are one slow wave, and the margin would say nothing any more."""

_Z = 1.6448536269514722  # 95 % of the normal distribution


def sample(readings: Sequence[float]) -> Sample:
    """Count, mean, standard deviation and autocorrelation at one reading; at least two readings."""
    count = len(readings)
    mean = math.fsum(readings) / count
    apart = [value - mean for value in readings]
    squares = math.fsum(it * it for it in apart)
    products = math.fsum(one * two for one, two in itertools.pairwise(apart))
    return Sample(count, mean, math.sqrt(squares / (count - 1)), products / squares if squares > 0.0 else 0.0)


def worth(of: Sample) -> float:
    """How many independent readings a sample is worth; never below two."""
    lag1 = min(HIGHEST_LAG1, max(0.0, of.lag1 + (1.0 + 3.0 * of.lag1) / of.count))
    return max(2.0, of.count * (1.0 - lag1) / (1.0 + lag1))


def margin(before: Sample, after: Sample) -> float:
    """Half-width of the one-sided 95 % interval of the difference of two means, in the unit of the readings."""
    worth_before, worth_after = worth(before), worth(after)
    error = math.sqrt(before.sd**2 / worth_before + after.sd**2 / worth_after)
    return _student_95(worth_before + worth_after - 2.0) * error


def _student_95(freedom: float) -> float:
    z3, z5, z7 = _Z**3, _Z**5, _Z**7
    first = (z3 + _Z) / 4.0
    second = (5.0 * z5 + 16.0 * z3 + 3.0 * _Z) / 96.0
    third = (3.0 * z7 + 19.0 * z5 + 17.0 * z3 - 15.0 * _Z) / 384.0
    return _Z + first / freedom + second / freedom**2 + third / freedom**3
