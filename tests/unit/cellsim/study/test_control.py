# ruff: noqa: ARG001, ARG005 - a law of the study is given the truth, and most do not look at it
"""The study of laws under dead time: its plant, its bound, and that its controls fail."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from cellctl.loop.adjust.laws import minimum_variance
from cellsim.study import control_laws as laws
from cellsim.study.control import DRY, DRY_EACH, WET, cases
from cellsim.study.control_plant import ACTUATOR_S, GAIN, SIGMA, World, draw, simulate

SEEDS = 6


def over_bound(make, world):
    runs = [simulate(world, make(world), seed) for seed in range(SEEDS)]
    return sum(run.variance for run in runs) / sum(run.ideal for run in runs)


def still(sample, disturbance):
    return 0.0


@pytest.mark.parametrize(
    ("make", "world", "least", "most"),
    [
        (laws.ewma, DRY, 0.95, 1.15),
        (laws.pulse, DRY_EACH, 0.95, 1.5),
        (laws.ewma_without_prediction, DRY, 1.3, 1.7),
        (laws.pulse_without_prediction, DRY_EACH, 1.6, 2.1),
        (laws.oracle, DRY, 0.0, 0.3),
    ],
)
def test_distance_from_the_bound_at_one_minute(make, world, least, most):
    """Scaled laws come near the bound; with g = 1 they amplify; one that knows the future is below the bound."""
    assert least < over_bound(make, world) < most


def test_amplifying_is_worse_than_doing_nothing():
    """At τ = 60 s an EWMA with g = 1 has more variance than the open loop."""
    assert np.mean([simulate(DRY, laws.ewma_without_prediction(DRY), s).variance for s in range(SEEDS)]) > 1.2
    assert np.mean([simulate(DRY, still, s).variance for s in range(SEEDS)]) == pytest.approx(1.0, abs=0.1)


def test_what_no_law_can_know_has_the_variance_of_the_bound():
    """The empirical bound agrees with 1 − exp(−2θ/τ)."""
    found = np.mean([simulate(DRY, still, seed).ideal for seed in range(20)])
    assert found == pytest.approx(minimum_variance(60.0, 66.0), rel=0.06)


def test_disturbance_has_its_spread_and_its_memory():
    """The drawn process has σ and exp(−1) of correlation at τ."""
    values = np.concatenate([draw(DRY, seed)[0] for seed in range(20)])
    assert values.std() == pytest.approx(SIGMA, rel=0.05)
    assert np.corrcoef(values[:-60], values[60:])[0, 1] == pytest.approx(math.exp(-1.0), abs=0.05)


@pytest.mark.parametrize(("world", "settles_s"), [(DRY, 5.0), (DRY_EACH, 3.0), (WET, 3.0)])
def test_reading_and_set_point_belong_together(world, settles_s):
    """Without noise and disturbance the set-point that a law is given explains its reading, once the lag is over."""
    quiet = msgspec.structs.replace(world, tau_s=1e15, noise=0.0)
    moves = np.repeat(np.random.default_rng(3).normal(size=quiet.samples), round(40.0 / quiet.period_s))
    seen, start = [], draw(quiet, 0)[0][0]

    def decide(sample, disturbance):
        seen.append((sample.measurement - start, sample.delayed))
        return moves[len(seen)]

    simulate(quiet, decide, 0)
    film, delayed = np.array(seen[quiet.delay + 1 :]).T
    back = round(settles_s / quiet.period_s)
    settled = delayed[back:] == delayed[:-back]
    assert settled.mean() > 0.5
    assert film[back:][settled] == pytest.approx(GAIN * delayed[back:][settled], abs=1e-3)


def test_film_follows_with_the_actuators_lag():
    """A step of the set-point reaches the film as 1 − exp(−t/τ_a), judged at every point."""
    quiet = World(1.5, 1e12, 0.1, noise=0.0)
    film = simulate(quiet, lambda sample, disturbance: 1.0, 0).film
    moved = (film - film[0])[:6] / GAIN
    assert moved == pytest.approx(1.0 - np.exp(-np.arange(6) * 0.1 / ACTUATOR_S), abs=1e-4)


def test_same_seed_same_run():
    """The study repeats itself bit for bit."""
    first, second = (simulate(DRY, laws.mpc(DRY), 5) for _ in range(2))
    assert np.array_equal(first.film, second.film)


def test_readings_of_two_decisions_are_refused():
    """A world whose samples mix the film of two decisions would give a law the wrong set-point."""
    with pytest.raises(ValueError, match="one point longer"):
        World(64.0, 60.0, 5.0, 5)


def test_every_line_has_enough_runs():
    """At least six seeds a row, each law of the dry loop at each correlation time, and three controls."""
    assert all(case.seeds >= 6 for case in cases())
    assert sum(case.control for case in cases()) == 3
    assert sum(case.loop == "dry" and not case.control for case in cases()) == 9
