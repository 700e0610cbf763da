"""EWMA and double EWMA: prediction, offsets, stability, hand-over."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cellctl.loop.adjust.laws import Aim, DoubleEwma, Ewma, Sample, ewma_bound, largest_root
from tests.unit.loop.laws.plant import close_loop

AIM = Aim(target=200.0, recipe=250.0, gain=0.8)
PLAIN = Aim(target=0.0, recipe=0.0, gain=1.0)
RAMP = [0.1 * k for k in range(400)]


def ewma(aim=AIM, **more):
    return Ewma(aim, **({"dead_s": 66.0, "disturbance_s": 600.0} | more))


def test_first_move_cancels_the_weighted_prediction():
    """The answer is u₀ − λ·g·d/b."""
    assert ewma().update(Sample(204.0, 250.0, 250.0)) == pytest.approx(250.0 - 0.5 * math.exp(-0.11) * 4.0 / 0.8)


def test_past_set_points_are_no_disturbance():
    """What the set-point of that time did is not counted again while it travels to the gauge."""
    law = ewma(weight=1.0)
    first = law.update(Sample(204.0, 250.0, 250.0))
    assert [law.update(Sample(204.0, 250.0, first)) for _ in range(13)] == pytest.approx([first] * 13)


def test_known_delay_is_stable_at_any_weight():
    """With compensation a step is settled one dead time later, whatever the delay."""
    made, _ = close_loop(ewma(PLAIN, dead_s=0.0, weight=0.9), [1.0] * 100, delay=13, gain=1.0)
    assert max(abs(y) for y in made[40:]) < 1e-9


def test_unknown_delay_swings():
    """The control: the same law told that there is no delay diverges."""
    made, _ = close_loop(ewma(PLAIN, dead_s=0.0, weight=0.9), [1.0] * 100, delay=13, gain=1.0, known_delay=0)
    assert max(abs(y) for y in made[40:]) > 2.0


def test_lasting_offset_without_and_with_the_slow_mean():
    """The prediction leaves (1 − g) of a lasting offset; the slow mean takes it out."""
    left, _ = close_loop(ewma(PLAIN, dead_s=66.0), [1.0] * 4000, delay=13, gain=1.0)
    gone, _ = close_loop(ewma(PLAIN, period_s=5.0, mean_s=3000.0), [1.0] * 4000, delay=13, gain=1.0)
    assert left[-1] == pytest.approx(1.0 - math.exp(-0.11))
    assert abs(gone[-1]) < 0.01


def test_slow_mean_must_be_slow():
    """The mean integrates, so it obeys the rule of two dead times."""
    with pytest.raises(ValueError, match="slow mean of an EWMA integrates"):
        ewma(period_s=5.0, mean_s=100.0)


def test_frozen_sample_teaches_nothing():
    """A bad value changes neither the answer nor what is known."""
    law, twin = ewma(), ewma()
    for each in (law, twin):
        each.update(Sample(203.0, 250.0, 250.0))
    assert law.update(Sample(900.0, 250.0, 247.7), frozen=True) == 247.7
    assert law.update(Sample(202.0, 250.0, 248.0)) == twin.update(Sample(202.0, 250.0, 248.0))


@pytest.mark.parametrize("law", [ewma(), ewma(period_s=5.0, mean_s=900.0)])
def test_hand_over_goes_on_from_the_other_value(law):
    """A measurement that agrees with the handed-over value leaves the set-point there."""
    law.update(Sample(203.0, 250.0, 250.0))
    law.hand_over(246.0)
    law.mean_weight = 0.0
    agrees = law._estimate + 200.0 + 0.8 * (246.0 - 250.0)
    assert law.update(Sample(agrees, 246.0, 246.0)) == pytest.approx(246.0)


def test_hand_over_of_a_double_ewma_keeps_its_drift():
    """After the hand-over the next targets go on along the ramp that it knows, from the other value."""
    law = DoubleEwma(PLAIN, dead_samples=0, weight=0.3, drift_weight=0.2)
    close_loop(law, RAMP, delay=0, gain=1.0)
    law.hand_over(7.0)
    agrees = 7.0 + (law._offset + law._drift)
    assert law.update(Sample(agrees, 7.0, 7.0)) == pytest.approx(7.0 - 0.1, abs=1e-3)


def test_ramp_offset_of_a_single_ewma():
    """Drift 0.1 a run and λ = 0.3 leave 0.3333."""
    made, _ = close_loop(ewma(PLAIN, dead_s=0.0, weight=0.3), RAMP, delay=0, gain=1.0)
    assert made[-1] == pytest.approx(0.3333, abs=1e-4)


@pytest.mark.parametrize("delay", [0, 1, 5, 13])
def test_ramp_offset_of_a_double_ewma(delay):
    """Drift 0.1 a run and λ = 0.3, 0.2 leave nothing, for any known delay."""
    law = DoubleEwma(PLAIN, dead_samples=delay, weight=0.3, drift_weight=0.2)
    made, _ = close_loop(law, RAMP, delay=delay, gain=1.0)
    assert made[-1] == pytest.approx(0.0, abs=1e-3)


def test_double_ewma_that_does_not_know_its_delay_keeps_an_offset():
    """The control: without d·λ₁·D a ramp leaves d times its slope."""
    law = DoubleEwma(PLAIN, dead_samples=0, weight=0.3, drift_weight=0.2)
    made, _ = close_loop(law, RAMP, delay=5, gain=1.0)
    assert made[-1] == pytest.approx(0.5, abs=1e-3)


def test_double_ewma_integrates():
    """It obeys the rule of two dead times."""
    with pytest.raises(ValueError, match="a double EWMA integrates"):
        DoubleEwma(PLAIN, dead_samples=13, weight=0.3, drift_weight=0.2, period_s=5.0, disturbance_s=100.0)


@pytest.mark.parametrize(
    ("delay", "bound"), [(0, 2.0), (1, 1.0), (2, 0.618), (3, 0.445), (4, 0.347), (5, 0.285), (6, 0.241)]
)
def test_bound_of_an_uncompensated_ewma(delay, bound):
    """The closed form gives the known table, and the roots cross the circle there and nowhere before."""
    assert ewma_bound(delay) == pytest.approx(bound, abs=5e-4)
    assert largest_root(0.999 * ewma_bound(delay), 1.0, delay, compensated=False) < 1.0
    assert largest_root(1.001 * ewma_bound(delay), 1.0, delay, compensated=False) > 1.0


def test_modes_of_a_compensated_ewma():
    """With the gain known the mode is 1 − λ; with three times the gain at full weight it is unstable."""
    assert largest_root(0.3, 1.0, 13, compensated=True) == pytest.approx(0.7)
    assert largest_root(1.0, 3.0, 13, compensated=True) > 1.0


@pytest.mark.parametrize(("ratio", "stable"), [(1.8, True), (2.3, False)])
def test_roots_say_what_the_closed_loop_does(ratio, stable):
    """A simulated loop with a wrong gain dies out or grows as its largest root says."""
    rng = np.random.default_rng(4)
    made, _ = close_loop(ewma(PLAIN, dead_s=0.0, weight=0.9), rng.normal(size=3000), delay=5, gain=ratio)
    assert (largest_root(0.9, ratio, 5, compensated=True) < 1.0) is stable
    assert bool(np.std(made[-500:]) < 10.0) is stable


@pytest.mark.parametrize("weight", [0.0, 1.1])
def test_weight_is_checked(weight):
    """A weight is above 0 and at most 1."""
    with pytest.raises(ValueError, match="weight"):
        ewma(weight=weight)
    with pytest.raises(ValueError, match="weight"):
        DoubleEwma(PLAIN, dead_samples=0, weight=weight, drift_weight=0.2)


def test_gain_is_checked():
    """A set-point that moves nothing cannot hold anything."""
    with pytest.raises(ValueError, match="gain other than 0"):
        Aim(target=0.0, recipe=0.0, gain=0.0)
