"""Smith predictor: model with lag and dead time, scaled by g."""

from __future__ import annotations

import itertools
import math

import pytest

from cellctl.loop.adjust.laws import Aim, Sample, SmithPredictor
from tests.unit.loop.laws.plant import close_loop

AIM = Aim(target=0.0, recipe=5.0, gain=-0.35)


def law(**more):
    return SmithPredictor(AIM, **({"dead_s": 1.5, "disturbance_s": 60.0, "period_s": 0.1, "filter_s": 0.15} | more))


def test_lasting_disturbance_is_left_at_one_minus_g():
    """What it predicts of a disturbance is exp(−θ/τ)."""
    made, _ = close_loop(law(), [1.0] * 300, delay=15, gain=-0.35, recipe=5.0)
    assert made[-1] == pytest.approx(1.0 - math.exp(-1.5 / 60.0))


def test_it_does_not_fight_its_own_past():
    """While the gauge sees old material the answer only follows its filter."""
    made, applied = close_loop(law(), [1.0] * 60, delay=15, gain=-0.35, recipe=5.0)
    assert all(later >= sooner for sooner, later in itertools.pairwise(applied))
    assert min(made) > 0.0


def test_lag_of_the_actuator_is_part_of_the_model():
    """A set-point that has not reached the film yet is not a disturbance."""
    controller = law(lag_s=0.3)
    controller.update(Sample(0.0, 5.0, 5.0))
    film = -0.35 * (1.0 - math.exp(-1.0 / 3.0))
    assert controller.update(Sample(film, 6.0, 6.0)) == pytest.approx(5.0)
    naive = law()
    naive.update(Sample(0.0, 5.0, 5.0))
    assert abs(naive.update(Sample(film, 6.0, 6.0)) - 5.0) > 0.1


def test_frozen_keeps_its_model_going():
    """Set-points that pass while the gauge is bad are known when it is good again."""
    controller = law(lag_s=0.3)
    for _ in range(50):
        assert controller.update(Sample(9.0, 6.0, 6.0), frozen=True) == 6.0
    assert controller.update(Sample(-0.35, 6.0, 6.0)) == pytest.approx(5.0)


def test_hand_over_goes_on_from_the_other_value():
    """A measurement that agrees with the handed-over value leaves the set-point there."""
    controller = law()
    controller.hand_over(6.0)
    left = 0.35 * math.exp(1.5 / 60.0)
    assert controller.update(Sample(left - 0.35, 6.0, 6.0)) == pytest.approx(6.0)


def test_filter_must_not_be_shorter_than_a_tenth_of_the_dead_time():
    """A model that is a sample off would make the loop swing."""
    with pytest.raises(ValueError, match=r"at least 0\.15 s"):
        law(filter_s=0.1)
