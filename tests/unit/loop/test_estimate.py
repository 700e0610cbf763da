"""The CUSUM's run lengths, its run, and the share of low confidences."""

from __future__ import annotations

import math
import random

import pytest

from cellctl.loop.estimate.cusum import SHARE_OF_LAST, ConfidenceShare, PoissonCusum, Run


def _blocks(rate_per_m: float, rng: random.Random, cusum: PoissonCusum) -> float:
    """Metres to the signal when the statistic is updated once per metre, as in the published table."""
    cusum.restart()
    metres, next_m = 0.0, rng.expovariate(rate_per_m)
    while cusum.level < cusum.decision:
        if not cusum.run.objects:  # nothing happens before the block of the next object
            metres = max(metres, math.floor(next_m))
        metres += 1.0
        while next_m < metres:
            cusum.count()
            next_m += rng.expovariate(rate_per_m)
        cusum.advance(1.0)
    return metres


def _objects(rate_per_m: float, rng: random.Random, cusum: PoissonCusum) -> float:
    """Metres to the signal when every object counts where it is."""
    cusum.restart()
    metres = 0.0
    while True:
        gap_m = rng.expovariate(rate_per_m)
        metres += gap_m
        cusum.advance(gap_m)
        if cusum.count():
            return metres


def _mean_and_error(lengths: list[float]) -> tuple[float, float]:
    mean = sum(lengths) / len(lengths)
    variance = sum((length - mean) ** 2 for length in lengths) / (len(lengths) - 1)
    return mean, math.sqrt(variance / len(lengths))


@pytest.mark.parametrize(
    ("normal", "alarm", "decision", "rate", "expected_m", "runs"),
    [
        (0.02, 0.2, 3.0, 0.2, 25.6, 4000),
        (0.02, 0.2, 3.0, 0.02, 20_020.0, 400),
        (0.02, 0.2, 2.0, 0.2, 17.8, 4000),
        (0.02, 0.2, 2.0, 0.02, 2_208.0, 1000),
        (0.02, 0.2, 2.5, 0.2, 21.2, 4000),
        (0.02, 0.2, 2.5, 0.02, 5_712.0, 500),
        (0.05, 0.25, 3.0, 0.25, 23.0, 4000),
        (0.05, 0.25, 3.0, 0.05, 1_956.0, 600),
    ],
)
def test_average_run_lengths_by_the_metre(normal, alarm, decision, rate, expected_m, runs):
    """Updated once per metre, average run lengths agree with the Markov-chain table within 3.5 standard errors."""
    rng = random.Random(20)
    cusum = PoissonCusum(normal, alarm, decision)
    mean, error = _mean_and_error([_blocks(rate, rng, cusum) for _ in range(runs)])
    assert abs(mean - expected_m) < 3.5 * error


@pytest.mark.parametrize(("rate", "expected_m", "runs"), [(0.2, 24.44, 4000), (0.02, 16_440.0, 400)])
def test_average_run_lengths_by_the_object(rate, expected_m, runs):
    """Counting every object where it is, as the cell does, signals sooner: 24.4 m, and 16.4 km in control."""
    rng = random.Random(22)
    cusum = PoissonCusum(0.02, 0.2, 3.0)
    mean, error = _mean_and_error([_objects(rate, rng, cusum) for _ in range(runs)])
    assert abs(mean - expected_m) < 3.5 * error


def test_a_tenth_too_high_reference_is_noticed():
    """Negative control: a reference value wrong by a tenth falls outside the error bounds of the table."""
    rng = random.Random(20)
    cusum = PoissonCusum(0.02, 0.2, 2.0)
    cusum.reference_per_m *= 1.1
    mean, error = _mean_and_error([_blocks(0.02, rng, cusum) for _ in range(2000)])
    assert abs(mean - 2_208.0) > 3.5 * error


def test_reference_value():
    """The reference value is (λ1 - λ0) / ln(λ1 / λ0): 0.0782 for 0.02 → 0.2 and 0.1243 for 0.05 → 0.25."""
    assert PoissonCusum(0.02, 0.2, 3.0).reference_per_m == pytest.approx(0.0782, abs=5e-5)
    assert PoissonCusum(0.05, 0.25, 3.0).reference_per_m == pytest.approx(0.1243, abs=5e-5)


def test_the_run_begins_with_the_first_object():
    """Metres before the first object of a run are not part of it."""
    cusum = PoissonCusum(0.02, 0.2, 3.0)
    cusum.advance(1000.0)
    cusum.count()
    cusum.advance(2.0)
    cusum.count()
    assert cusum.run == Run(2, 2.0)


def test_the_run_ends_at_zero():
    """When the statistic falls to zero the run is forgotten."""
    cusum = PoissonCusum(0.02, 0.2, 3.0)
    cusum.count()
    cusum.advance(1.0 / cusum.reference_per_m + 0.1)
    assert cusum.run == Run(0, 0.0)
    assert cusum.level == 0.0


def test_small_blocks_equal_one_long_stretch():
    """The statistic does not depend on how the metres are cut."""
    fine, coarse = PoissonCusum(0.02, 0.2, 3.0), PoissonCusum(0.02, 0.2, 3.0)
    for cusum in (fine, coarse):
        cusum.count()
    for _ in range(400):
        fine.advance(0.025)
    coarse.advance(10.0)
    assert fine.level == pytest.approx(coarse.level)
    assert fine.run.metres == pytest.approx(10.0)


def test_low_confidence_does_not_count():
    """An object below the limit does not count; one at the limit does."""
    share = ConfidenceShare(0.85)
    assert share.see(0.85)
    assert not share.see(0.8499)
    assert share.share == 0.5


@pytest.mark.parametrize(("low", "suspicious"), [(6, False), (7, True)])
def test_more_than_thirty_percent_of_the_last_twenty(low, suspicious):
    """Six of twenty are tolerated, seven are not."""
    share = ConfidenceShare(0.85)
    for number in range(SHARE_OF_LAST):
        share.see(0.5 if number < low else 0.99)
    assert share.is_suspicious is suspicious


def test_nineteen_objects_are_too_few_to_distrust():
    """Before the twentieth object the share says nothing."""
    share = ConfidenceShare(0.85)
    for _ in range(SHARE_OF_LAST - 1):
        share.see(0.1)
    assert not share.is_suspicious
    share.see(0.1)
    assert share.is_suspicious


def test_the_share_that_is_borne_is_a_setting():
    """Eight unsure objects of twenty are too many at 30 %, and not at 45 %."""
    strict, patient = ConfidenceShare(0.85), ConfidenceShare(0.85, 0.45)
    for number in range(20):
        for share in (strict, patient):
            share.see(0.5 if number < 8 else 0.97)
    assert (strict.is_suspicious, patient.is_suspicious) == (True, False)
