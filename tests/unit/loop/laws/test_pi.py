"""SIMC PI: tuning, anti-windup, bumpless transfer."""

from __future__ import annotations

import pytest

from cellctl.loop.adjust.laws import Aim, Sample, SimcPi
from tests.unit.loop.laws.plant import close_loop

AIM = Aim(target=200.0, recipe=20.0, gain=-3.5)


def law(lag_s=0.3, disturbance_s=300.0):
    return SimcPi(AIM, dead_s=1.5, period_s=0.1, lag_s=lag_s, disturbance_s=disturbance_s)


def test_gains_of_a_lagging_plant():
    """SIMC: K_c = τ/(2·b·θ), T_i = min(τ, 8·θ)."""
    assert law().proportional == pytest.approx(0.3 / (2 * -3.5 * 1.5))
    assert law().integral == pytest.approx(law().proportional * 0.1 / 0.3)
    slow = law(lag_s=60.0)
    assert slow.integral == pytest.approx(slow.proportional * 0.1 / 12.0)


def test_gains_of_a_pure_delay():
    """SIMC: a pure delay has K_c = 0 and K_i = 1/(2·b·θ)."""
    assert law(lag_s=0.0).proportional == 0.0
    assert law(lag_s=0.0).integral == pytest.approx(0.1 / (2 * -3.5 * 1.5))


def test_offset_goes():
    """A lasting disturbance leaves no offset."""
    made, _ = close_loop(law(lag_s=0.0), [4.0] * 600, delay=15, gain=-3.5, target=200.0, recipe=20.0)
    assert made[-1] == pytest.approx(200.0, abs=1e-3)


def overshoot(controller):
    """How far the film goes below target after 60 s at a stop of the envelope."""
    made, _ = close_loop(
        controller,
        [10.0] * 600 + [0.0] * 300,
        delay=15,
        gain=-3.5,
        target=200.0,
        recipe=20.0,
        actuator=lambda wanted: min(max(wanted, 19.0), 21.0),
    )
    return sum(max(0.0, 200.0 - y) for y in made[615:])


def test_stop_of_the_envelope_does_not_wind_it_up():
    """Without the value in force in its integral the same controller does five times the harm afterwards."""
    deaf = law(lag_s=0.0)
    deaf._tracking = 0.0
    assert overshoot(law(lag_s=0.0)) < 0.2 * overshoot(deaf)


def test_first_move_after_a_person_starts_at_their_value():
    """Bumpless: with no error the target is the value that was handed over."""
    controller = law()
    controller.update(Sample(203.0, 20.0, 20.0))
    controller.hand_over(21.3)
    assert controller.update(Sample(200.0, 21.3, 21.3)) == pytest.approx(21.3)


def test_without_hand_over_it_jumps():
    """The control of the test above: one that is not told goes back towards its own value."""
    controller = law()
    for _ in range(200):
        controller.update(Sample(200.0, 20.0, 20.0))
    assert abs(controller.update(Sample(200.0, 21.3, 21.3)) - 21.3) > 0.5


def test_frozen_says_what_is_in_force_and_goes_on_from_there():
    """A frozen controller follows; the bad value does not reach its integral."""
    controller = law()
    controller.update(Sample(200.0, 20.0, 20.0))
    assert controller.update(Sample(500.0, 20.0, 20.4), frozen=True) == 20.4
    assert controller.update(Sample(200.0, 20.4, 20.4)) == pytest.approx(20.4)


def test_disturbance_faster_than_two_dead_times_is_refused():
    """No integral action on what changes faster than 2θ."""
    with pytest.raises(
        ValueError, match=r"law and dead time disagree: a PI controller integrates.*2.5 s.*at least 3 s"
    ):
        law(disturbance_s=2.5)


@pytest.mark.parametrize(("dead_s", "period_s"), [(0.0, 0.1), (1.5, 0.0)])
def test_times_are_checked(dead_s, period_s):
    """Dead time and period are above 0."""
    with pytest.raises(ValueError, match="above 0"):
        SimcPi(AIM, dead_s=dead_s, period_s=period_s)
