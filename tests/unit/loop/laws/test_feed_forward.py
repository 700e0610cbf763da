"""Feed-forward: the static inverse holds the film; the lead makes up for the actuator."""

from __future__ import annotations

import math

import pytest

from cellctl.loop.adjust.laws import FeedForward, Influence

LOADED = 0.35  # exponents a and β of a loaded blade, h ∝ (µv)^a · P^(−β)


def film(load, viscosity, speed):
    return (viscosity / 5.0 * speed) ** LOADED * (load / 20.0) ** -LOADED


def law(*causes, period_s=0.1):
    return FeedForward(20.0, causes, period_s=period_s)


@pytest.mark.parametrize(("viscosity", "speed"), [(5.0, 1.0), (5.5, 1.0), (5.0, 1.3), (4.4, 0.7)])
def test_static_inverse_holds_the_film(viscosity, speed):
    """Whatever speed and viscosity are, the load keeps the film at its nominal thickness."""
    load = law(Influence(5.0, 1.0), Influence(1.0, 1.0)).update((viscosity, speed))
    assert film(load, viscosity, speed) == pytest.approx(1.0)


def test_offset_is_what_is_beside_the_recipe():
    """A feedback law is given set-points without the offset."""
    controller = law(Influence(5.0, 0.5))
    assert controller.update((5.5,)) - 20.0 == pytest.approx(controller.offset)
    assert controller.offset == pytest.approx(20.0 * (1.1**0.5 - 1.0))


def error_after_a_step(lead_s):
    """Integrated film error (log) when viscosity reaches the film through 2 s and the load through 0.5 s."""
    controller = law(Influence(5.0, 1.0, lead_s=lead_s, lag_s=2.0))
    controller.update((5.0,))
    slow_viscosity, slow_load, error = 0.0, 0.0, 0.0
    for _ in range(300):
        wanted = math.log(controller.update((5.5,)) / 20.0)
        slow_viscosity += (1.0 - math.exp(-0.1 / 2.0)) * (math.log(1.1) - slow_viscosity)
        slow_load += (1.0 - math.exp(-0.1 / 0.5)) * (wanted - slow_load)
        error += abs(slow_viscosity - slow_load) * 0.1
    return error


def test_lead_makes_up_for_the_slower_actuator():
    """With the actuator's lag as lead the error is a tenth of that without."""
    assert error_after_a_step(0.5) < 0.1 * error_after_a_step(0.0)


def test_bad_value_keeps_the_last_answer():
    """A frozen signal moves nothing."""
    controller = law(Influence(5.0, 1.0))
    answer = controller.update((5.5,))
    assert controller.update((50.0,), frozen=True) == answer


@pytest.mark.parametrize("values", [{"nominal": 0.0}, {"lead_s": 1.0}, {"lag_s": -1.0}])
def test_influence_is_checked(values):
    """A nominal value has a logarithm; a lead has a filter."""
    with pytest.raises(ValueError, match="expected"):
        Influence(**({"nominal": 5.0, "exponent": 1.0} | values))
