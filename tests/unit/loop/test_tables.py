"""Run lengths and test lengths against tables computed without this code: by Markov chain, or by vectorised simulation.

The simulated lengths of the real classes are in test_estimate and test_verify; here their constants are held against
chains and walks that share nothing with them but those constants.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from cellctl.loop.adjust.laws.stability import ewma_bound
from cellctl.loop.estimate.cusum import PoissonCusum
from cellctl.loop.verify.sequential import SequentialTest
from tests.unit.loop.builders import VERIFY

FINENESS = 16
"""Cells of the Markov chain per k of the statistic: its falls are then exact, and only its rises are rounded."""


def _average_run_length(rate: float, reference: float, decision: float) -> float:
    """Metres from zero to the signal of `C ← max(0, C + N − k)`, N Poisson, by a Markov chain."""
    width = reference / FINENESS
    cells = math.ceil(decision / width)
    levels = np.arange(cells) * width
    step = np.zeros((cells, cells))
    for objects in range(12):
        chance = math.exp(-rate) * rate**objects / math.factorial(objects)
        target = np.maximum(0.0, levels + objects - reference)
        inside = target < decision - 1e-9
        cell = np.minimum(cells - 1, np.rint(target / width).astype(int))
        np.add.at(step, (np.arange(cells)[inside], cell[inside]), chance)
    return float(np.linalg.solve(np.eye(cells) - step, np.ones(cells))[0])


CHAIN = 0.07
"""Two chains with other cells differ by so much where a decision interval falls between the lattice's points."""
TABLE = [
    (0.02, 0.2, 2.0, 2_208.0, 17.8),
    (0.02, 0.2, 2.5, 5_712.0, 21.2),
    (0.02, 0.2, 3.0, 20_020.0, 25.6),
    (0.05, 0.25, 3.0, 1_956.0, 23.0),
]
"""λ0, λ1, h → average metres between false alarms and to a true one, updated once per metre."""


@pytest.mark.parametrize(("normal", "alarm", "decision", "quiet_m", "upset_m"), TABLE)
def test_cusum_reference_gives_the_tabulated_run_lengths(normal, alarm, decision, quiet_m, upset_m):
    """With the class's own k the chain has the tabulated run lengths, in control and after the change, within 7 %."""
    reference = PoissonCusum(normal, alarm, decision).reference_per_m
    assert _average_run_length(normal, reference, decision) == pytest.approx(quiet_m, rel=CHAIN)
    assert _average_run_length(alarm, reference, decision) == pytest.approx(upset_m, rel=CHAIN)


@pytest.mark.parametrize(("normal", "alarm", "decision", "quiet_m", "upset_m"), TABLE)
def test_a_wrong_reference_would_be_seen(normal, alarm, decision, quiet_m, upset_m):
    """Negative control: with k a quarter off, the chain misses the table by more than the tolerance above."""
    reference = 1.25 * PoissonCusum(normal, alarm, decision).reference_per_m
    assert _average_run_length(normal, reference, decision) != pytest.approx(quiet_m, rel=CHAIN)
    assert upset_m > 0.0


def _walk(rate: float, baseline: float, bound: float, runs: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """Lengths, m, and whether accepted, of the sequential test with this bound; all runs event by event at once."""
    rng = np.random.default_rng(9)
    slope, drop = (1.0 - VERIFY.expect) * baseline, -math.log(VERIFY.expect)
    llr, metres = np.zeros(runs), np.zeros(runs)
    accepted, open_ = np.zeros(runs, dtype=bool), np.ones(runs, dtype=bool)
    while open_.any():
        gap = rng.exponential(1.0 / rate, runs)
        needed = (bound - llr) / slope
        passes = open_ & (needed <= gap)
        metres += np.where(open_, np.minimum(gap, needed), 0.0)
        accepted |= passes
        open_ &= ~passes
        llr += np.where(open_, gap * slope - drop, 0.0)
        open_ &= llr > -bound
    return metres, accepted


@pytest.mark.parametrize(("baseline", "worked_m", "late_m", "not_m"), [(0.5, 13.2, 26.5, 9.4), (0.2, 32.8, 66.0, 23.6)])
def test_sequential_test_lengths(baseline, worked_m, late_m, not_m):
    """Mean and 95th percentile of the length if it worked, and the mean if not, as tabulated within 3 %."""
    bound = SequentialTest(baseline, VERIFY).bound
    worked, _ = _walk(VERIFY.expect * baseline, baseline, bound)
    failed, _ = _walk(baseline, baseline, bound)
    assert worked.mean() == pytest.approx(worked_m, rel=0.03)
    assert np.quantile(worked, 0.95) == pytest.approx(late_m, rel=0.03)
    assert failed.mean() == pytest.approx(not_m, rel=0.03)


def test_sequential_test_errors():
    """At ±2.944 a cure is accepted in .969 of the cases and nothing at all in .050, within 4 standard errors."""
    bound = SequentialTest(0.5, VERIFY).bound
    _, cured = _walk(VERIFY.expect * 0.5, 0.5, bound)
    _, nothing = _walk(0.5, 0.5, bound)
    assert cured.mean() == pytest.approx(0.969, abs=4 * math.sqrt(0.969 * 0.031 / 20_000))
    assert nothing.mean() == pytest.approx(0.050, abs=4 * math.sqrt(0.05 * 0.95 / 20_000))


def test_a_wrong_bound_would_be_seen():
    """Negative control: at ±2.197, the bound of 10 % risk, nothing at all is accepted far more often than in .05."""
    _, nothing = _walk(0.5, 0.5, math.log(0.9 / 0.1))
    assert nothing.mean() > 0.08


@pytest.mark.parametrize(
    ("delay", "bound"), [(0, 2.0), (1, 1.0), (2, 0.618), (3, 0.445), (4, 0.347), (5, 0.285), (6, 0.241)]
)
def test_ewma_bounds(delay, bound):
    """A run-to-run loop simulated sample by sample settles just below the tabulated λξ and swings up just above it."""
    assert ewma_bound(delay) == pytest.approx(bound, abs=6e-4)
    assert _swing(0.97 * ewma_bound(delay), delay) < 1.0
    assert _swing(1.03 * ewma_bound(delay), delay) > 1.0


def _swing(weight: float, delay: int, samples: int = 6000) -> float:
    """Late over early size of the deviation after one kick: `a ← a + λξ·(y seen late)`, the move taking it away."""
    deviation = [1.0] * (delay + 1)
    for _ in range(samples):
        deviation.append(deviation[-1] - weight * deviation[-1 - delay])
    late, early = deviation[-200:], deviation[delay + 1 : delay + 201]
    return max(map(abs, late)) / max(1e-300, *map(abs, early))
