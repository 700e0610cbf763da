"""The protected characteristics of a correction, computed again from the samples on record.

Written from the published formulas and from nothing in the room that makes the verdicts. `n` readings with an
autocorrelation `r` are worth `n·(1 - r)/(1 + r)` independent ones (Bayley & Hammersley, J. R. Stat. Soc. Suppl. 8,
1946), with `r` raised by `(1 + 3r)/n` (Kendall, Biometrika 41, 1954) and no higher than 0.95; Student's 95 % quantile
as a series in the degrees of freedom (Abramowitz & Stegun 26.7.5).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from cellctl.config.resolved import Loop
from cellctl.model import Correction, Sample, TransactionState, ValueShift

SHORTEST_M = 25.0
"""Material after the move that a gauge must have shown; `docs/loop.md` states it."""

FEWEST = 12
"""Readings on either side; `docs/loop.md` states it."""

TOLERANCE = 1e-6
"""Relative, of a margin; another order of summing changes 1e-12 of it."""

S = TransactionState


def wide_shift(shift: ValueShift) -> bool:
    """Whether the mean moved by more than allowed, beyond the margin on record."""
    return abs(shift.after.mean - shift.before.mean) - shift.margin > shift.change


def value_faults(correction: Correction, loop: Loop) -> Iterator[str]:
    """What does not fit in the comparison of characteristics, and in the verdict that rests on it."""
    allowed = {rule.characteristic: rule.change for rule in loop.protect_values}
    for name, shift in correction.protected_values.items():
        if allowed.get(name) != shift.change:
            yield f"its protected characteristic {name} is not one of the loop, or was allowed another change"
        if not abs(shift.margin - _margin(shift)) <= TOLERANCE * max(1.0, abs(shift.margin)):
            yield f"the margin of {name} is {_margin(shift):.4g}, the record says {shift.margin:.4g}"
    if correction.state.was_effective:
        yield from _effective(correction, allowed)


def _effective(correction: Correction, allowed: dict[str, float]) -> Iterator[str]:
    for name in allowed:
        shift = correction.protected_values.get(name)
        if shift is None:
            yield f"EFFECTIVE, but its gauge never showed {name} after the move"
            continue
        if shift.length_m < SHORTEST_M or min(shift.before.count, shift.after.count) < FEWEST:
            yield f"EFFECTIVE, but its gauge showed too little of {name}"
        if shift.margin > shift.change:
            yield f"EFFECTIVE, but the readings of {name} scatter too much to tell"
        if wide_shift(shift):
            yield f"EFFECTIVE, although {name} moved from {shift.before.mean:g} to {shift.after.mean:g}"


def _margin(shift: ValueShift) -> float:
    """Half-width of the one-sided 95 % interval; NaN for samples that cannot be."""
    samples = (shift.before, shift.after)
    if any(it.count < 2 or not math.isfinite(it.sd + it.lag1) for it in samples):
        return math.nan
    worth = [_worth(it) for it in samples]
    error = math.sqrt(sum(it.sd**2 / free for it, free in zip(samples, worth, strict=True)))
    return _student(max(2.0, sum(worth) - 2.0)) * error


def _worth(it: Sample) -> float:
    lag1 = max(0.0, min(0.95, it.lag1 + (1.0 + 3.0 * it.lag1) / it.count))
    return max(2.0, it.count * (1.0 - lag1) / (1.0 + lag1))


def _student(freedom: float) -> float:
    z = 1.6448536269514722
    terms = (
        z,
        (z**3 + z) / 4.0,
        (5.0 * z**5 + 16.0 * z**3 + 3.0 * z) / 96.0,
        (3.0 * z**7 + 19.0 * z**5 + 17.0 * z**3 - 15.0 * z) / 384.0,
    )
    return sum(term / freedom**power for power, term in enumerate(terms))
