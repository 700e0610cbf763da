"""Rules of delayed measurement."""

from __future__ import annotations

import math

import pytest

from cellctl.loop.adjust.laws import minimum_variance, prediction_gain, suitable


@pytest.mark.parametrize(("tau_s", "answer"), [(131.9, False), (132.0, True), (math.inf, True)])
def test_integral_action_needs_two_dead_times(tau_s, answer):
    """τ = 2θ is the limit."""
    assert suitable(tau_s, 66.0) is answer


@pytest.mark.parametrize(
    ("theta_s", "tau_s", "bound"),
    [(1.5, 60, 0.049), (1.5, 300, 0.010), (1.5, 600, 0.005), (66, 60, 0.889), (66, 300, 0.356), (66, 600, 0.197)],
)
def test_minimum_variance_table(theta_s, tau_s, bound):
    """1 − exp(−2θ/τ) gives the published values."""
    assert minimum_variance(tau_s, theta_s) == pytest.approx(bound, abs=6e-4)


def test_what_never_forgets_is_predicted_whole():
    """A random walk has g = 1."""
    assert prediction_gain(math.inf, 66.0) == 1.0


@pytest.mark.parametrize(("tau_s", "dead_s"), [(0.0, 1.0), (1.0, -1.0), (math.nan, 1.0)])
def test_times_are_checked(tau_s, dead_s):
    """Neither time may be senseless."""
    with pytest.raises(ValueError, match="correlation time"):
        prediction_gain(tau_s, dead_s)
