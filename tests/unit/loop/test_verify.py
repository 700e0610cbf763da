"""The sequential test against published lengths and error rates."""

from __future__ import annotations

import math
import random

import msgspec
import pytest

from cellctl.loop.verify.sequential import MOST_POINTS, Decision, SequentialTest, expected_metres
from tests.unit.loop.builders import VERIFY

ENDLESS = msgspec.structs.replace(VERIFY, truncate=1e9)


def _play(rate_per_m: float, baseline_per_m: float, rng: random.Random) -> SequentialTest:
    test = SequentialTest(baseline_per_m, ENDLESS)
    while test.decision is Decision.OPEN:
        gap_m = rng.expovariate(rate_per_m)
        # the ratio rises in a straight line, so the crossing within a gap is known exactly
        needed_m = (test.bound - test.llr) / (0.76 * baseline_per_m) + 1e-9
        test.add(min(gap_m, needed_m), 0)
        if needed_m > gap_m:
            test.add(0.0, 1)
    return test


@pytest.mark.parametrize(
    ("baseline", "ratio", "mean_m"), [(0.5, 0.24, 13.2), (0.5, 1.0, 9.4), (0.2, 0.24, 32.8), (0.2, 1.0, 23.6)]
)
def test_mean_length(baseline, ratio, mean_m):
    """Mean exposure to a decision: 13.2 m if it worked and 9.4 m if not (λ_b = 0.5), 32.8 and 23.6 m (0.2)."""
    rng = random.Random(5)
    tests = [_play(ratio * baseline, baseline, rng) for _ in range(4000)]
    assert sum(test.metres for test in tests) / len(tests) == pytest.approx(mean_m, rel=0.035)


def test_achieved_error_rates():
    """A true cure is accepted in .969 of the cases, a do-nothing action in .05."""
    rng = random.Random(6)
    accepted = [_play(0.24 * 0.5, 0.5, rng).decision is Decision.IMPROVED for _ in range(4000)]
    false = [_play(0.5, 0.5, rng).decision is Decision.IMPROVED for _ in range(4000)]
    assert sum(accepted) / 4000 == pytest.approx(0.969, abs=4 * math.sqrt(0.969 * 0.031 / 4000))
    assert sum(false) / 4000 == pytest.approx(0.050, abs=4 * math.sqrt(0.05 * 0.95 / 4000))


def test_expected_length_is_walds():
    """Wald's approximation lies a little below the simulated 13.2 m."""
    assert expected_metres(0.5, VERIFY) == pytest.approx(12.69, abs=0.01)


def test_bounds():
    """At a risk of 5 % the bounds are ±2.944."""
    assert SequentialTest(0.5, VERIFY).bound == pytest.approx(2.944, abs=5e-4)


def test_no_event_proves_it_after_the_shortest_length():
    """Without an event the test accepts after bound / ((1 - rho)·λ_b) = 7.75 m, and not before."""
    test = SequentialTest(0.5, VERIFY)
    assert test.add(7.74, 0) is Decision.OPEN
    assert test.add(0.02, 0) is Decision.IMPROVED


def test_three_events_at_once_refute_it():
    """Three events in no time say that nothing improved; two do not."""
    test = SequentialTest(0.5, VERIFY)
    assert test.add(0.0, 2) is Decision.OPEN
    assert test.add(0.0, 1) is Decision.NOT_IMPROVED


def test_events_count_before_the_metres_they_came_with():
    """An event in the block that would have accepted delays the acceptance."""
    test = SequentialTest(0.5, VERIFY)
    test.add(7.74, 0)
    assert test.add(0.02, 1) is Decision.OPEN


def test_metres_that_came_with_refuting_events_do_not_rescue_it():
    """Events that refute the move are not outweighed by the good metres of the same block."""
    test = SequentialTest(0.5, VERIFY)
    assert test.add(7.0, 3) is Decision.NOT_IMPROVED


def test_truncation():
    """A rate between both hypotheses ends TRUNCATED at three times the expected length."""
    test = SequentialTest(0.5, VERIFY)
    gap_m = -math.log(0.24) / (0.76 * 0.5)  # the spacing that keeps the ratio in place
    while test.add(gap_m, 0) is Decision.OPEN:
        test.add(0.0, 1)
    assert test.decision is Decision.TRUNCATED
    assert test.metres >= 3.0 * expected_metres(0.5, VERIFY)


def test_a_decided_test_stays_decided():
    """What comes after the decision changes neither it nor the curve."""
    test = SequentialTest(0.5, VERIFY)
    test.add(8.0, 0)
    curve = test.curve
    assert test.add(100.0, 50) is Decision.IMPROVED
    assert test.curve == curve


def test_curve_starts_at_zero_has_every_event_and_ends_now():
    """The curve holds the origin, each event, and the present."""
    test = SequentialTest(0.5, VERIFY)
    test.add(1.0, 0)
    test.add(0.0, 1)
    test.add(2.0, 0)
    assert [(point.metres, point.events) for point in test.curve] == [(0.0, 0), (1.0, 1), (3.0, 1)]
    assert test.curve[-1].llr == pytest.approx(math.log(0.24) + 0.76 * 0.5 * 3.0)


def test_curve_is_bounded():
    """However many events a weak test needs, the curve keeps a bounded number of points."""
    weak = msgspec.structs.replace(ENDLESS, expect=0.95)
    test = SequentialTest(0.5, weak)
    for _ in range(2000):
        test.add(2.0, 1)
    assert test.decision is Decision.OPEN
    assert len(test.curve) <= MOST_POINTS + 1
