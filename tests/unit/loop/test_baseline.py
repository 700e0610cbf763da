"""The quantile against SciPy, the clamp, and the false rates that follow from the baseline."""

from __future__ import annotations

import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gamma

from cellctl.loop.estimate.baseline import gamma_cdf, gamma_quantile, honest_baseline
from cellctl.loop.estimate.cusum import PoissonCusum, Run
from cellctl.loop.verify.sequential import Decision, SequentialTest
from tests.unit.loop.builders import VERIFY, WATCH


@pytest.mark.parametrize("count", [0, 1, 2, 5, 17, 80, 300])
@pytest.mark.parametrize("probability", [0.01, 0.2, 0.5, 0.95])
def test_quantile_agrees_with_scipy(count, probability):
    """Gamma quantiles for half-integer shapes agree with SciPy to nine digits."""
    assert gamma_quantile(count, probability) == pytest.approx(gamma.ppf(probability, count + 0.5), rel=1e-9)


@given(count=st.integers(0, 300), x=st.floats(0.0, 1000.0))
def test_distribution_function_agrees_with_scipy(count, x):
    """The recursion from erf agrees with SciPy everywhere."""
    assert gamma_cdf(count, x) == pytest.approx(gamma.cdf(x, count + 0.5), abs=1e-11)


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (Run(2, 5.0), 0.2),
        (Run(1, 0.0), 0.2),
        (Run(9, 0.0), 0.2),
        (Run(5, 100.0), 0.2),
        (Run(9, 2.0), 0.6),
        (Run(8, 12.0), gamma.ppf(0.2, 6.5) / 12.0),
    ],
)
def test_clamp(run, expected):
    """Two objects or fewer give the alarm rate; the quantile stays within one and three times it."""
    assert honest_baseline(run, WATCH) == pytest.approx(expected, rel=1e-9)


def test_baseline_scales_with_the_unit_of_length():
    """Rates a hundredth and lengths a hundredfold give a baseline a hundredth: nothing is tied to the demo."""
    rare = msgspec.structs.replace(WATCH, normal=WATCH.normal / 100, alarm=WATCH.alarm / 100)
    for run in (Run(3, 4.0), Run(6, 15.0), Run(9, 10.0), Run(20, 30.0)):
        long_run = Run(run.objects, run.metres * 100.0)
        assert honest_baseline(long_run, rare) == pytest.approx(honest_baseline(run, WATCH) / 100.0)


def test_a_very_long_run_errs_low():
    """Runs of more than 300 objects are scaled down, which may lower the baseline but never raises it."""
    exact = gamma.ppf(0.2, 998.5) / 4000.0
    assert 0.97 * exact < honest_baseline(Run(1000, 4000.0), WATCH) <= exact


def _naive(run: Run, watch) -> float:
    """The tempting estimate: objects since the CUSUM was zero, over the metres since."""
    return run.objects / run.metres if run.metres else watch.alarm


def _false_effective(rate_per_m: float, baseline, runs: int, seed: int = 3) -> float:
    """Share of EFFECTIVE when nothing was changed and the fault persists."""
    rng = random.Random(seed)
    cusum = PoissonCusum(WATCH.normal, WATCH.alarm, WATCH.evidence)
    effective = 0
    for _ in range(runs):
        cusum.restart()
        cusum.advance(rng.expovariate(rate_per_m))
        while not cusum.count():
            cusum.advance(rng.expovariate(rate_per_m))
        test = SequentialTest(baseline(cusum.run, WATCH), VERIFY)
        while test.decision is Decision.OPEN:
            test.add(min(rng.expovariate(rate_per_m), test.truncate_m), 0)
            test.add(0.0, 1)
        effective += test.decision is Decision.IMPROVED
    return effective / runs


@pytest.mark.parametrize(("rate", "published"), [(0.2, 0.084), (0.3, 0.039), (0.5, 0.022)])
def test_false_effective_of_the_honest_baseline(rate, published):
    """With a disconnected actuator EFFECTIVE comes out at .084/.039/.022 for λ = .2/.3/.5 per metre."""
    assert _false_effective(rate, honest_baseline, 3000) == pytest.approx(published, abs=0.017)


@pytest.mark.parametrize("rate", [0.2, 0.3, 0.5])
def test_the_naive_baseline_is_caught(rate):
    """Negative control: the rate of the alarm run itself calls four of ten do-nothing actions effective."""
    assert 0.33 < _false_effective(rate, _naive, 1500) < 0.48
