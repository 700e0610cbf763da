"""Pulse-and-wait: it moves once, waits for its own material, and scales by what will be left."""

from __future__ import annotations

import numpy as np
import pytest

from cellctl.loop.adjust.laws import Aim, PulseAndWait, Sample
from cellctl.loop.adjust.laws.pulse import held_gain
from tests.unit.loop.laws.plant import close_loop

AIM = Aim(target=0.0, recipe=10.0, gain=2.0)


def law(**more):
    return PulseAndWait(AIM, **({"dead_s": 65.0, "disturbance_s": 600.0, "period_s": 5.0} | more))


def test_it_moves_only_when_its_last_move_has_been_measured():
    """Between moves lies the dead time, and one sample in which the new material is measured."""
    rng = np.random.default_rng(1)
    _, applied = close_loop(law(), rng.normal(size=200), delay=13, gain=2.0, recipe=10.0)
    moves = np.flatnonzero(np.diff(applied)) + 1
    assert len(moves) > 10
    assert set(np.diff(moves)) == {14}


def test_lasting_disturbance_is_cancelled_at_once():
    """With nothing forgotten, the first move of new material puts the film on target."""
    controller = law(prediction=1.0, weight=1.0)
    made, _ = close_loop(controller, [3.0] * 60, delay=13, gain=2.0, recipe=10.0)
    assert made[:14] == pytest.approx([3.0] * 14)
    assert made[40:] == pytest.approx([0.0] * 20)


def test_gain_is_the_mean_of_what_is_left_while_the_move_stands():
    """The closed form agrees with the numerical mean, and with the plain prediction for a short pulse."""
    numeric = np.exp(-np.linspace(66.0, 66.0 + 71.0, 200_001) / 60.0).mean()
    assert held_gain(60.0, 66.0, 71.0) == pytest.approx(numeric, rel=1e-5)
    assert held_gain(60.0, 66.0, 1e-9) == pytest.approx(np.exp(-1.1))


def test_frozen_sample_teaches_nothing():
    """A sample that must not count is not part of the estimate."""
    controller = law(prediction=1.0, weight=1.0)
    assert controller.update(Sample(100.0, 10.0, 10.0), frozen=True) == 10.0
    assert controller.update(Sample(2.0, 10.0, 10.0)) == pytest.approx(9.0)


def test_it_stays_where_another_put_the_set_point():
    """After a hand-over it waits until that value's material is measured."""
    controller = law()
    controller.hand_over(12.0)
    assert [controller.update(Sample(3.0, 10.0, 12.0)) for _ in range(13)] == [12.0] * 13


def test_weight_is_checked():
    """A weight is above 0 and at most 1."""
    with pytest.raises(ValueError, match="weight"):
        law(weight=0.0)
