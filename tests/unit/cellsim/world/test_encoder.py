"""The web's position inverted: exact at a constant speed, and right on a ramp."""

import pytest

from cellctl.clock import NS_PER_S
from cellsim.plant.disturbances import Slowdown
from cellsim.plant.speed import SpeedPlan
from cellsim.world.encoder import Encoder, block_end_mm

SLOW = Slowdown(every_s=100.0, to_m_s=0.4, ramp_s=10.0, hold_s=20.0)


def test_blocks_take_25_6_ms_at_1_m_s():
    """512 lines of 50 µm."""
    encoder = Encoder(SpeedPlan(1.0, None), 5 * NS_PER_S)
    assert encoder.time_ns(block_end_mm(0), 0) == 5 * NS_PER_S + 25_600_000


@pytest.mark.parametrize("metres", [10.0, 55.0, 62.0, 75.0, 80.0])
def test_the_inverse_leads_back(metres):
    """On every part of a slowdown, the plan is at that position at that time."""
    plan = SpeedPlan(1.0, SLOW)
    t_ns = Encoder(plan, 0).time_ns(1000 * metres, round(metres * NS_PER_S))
    assert plan.distance_mm(t_ns / NS_PER_S) == pytest.approx(1000 * metres, abs=1e-4)


def test_a_slow_web_makes_longer_blocks_in_time():
    """At 0.4 m/s a block takes 64 ms."""
    encoder = Encoder(SpeedPlan(1.0, SLOW), 0)
    start = encoder.time_ns(70_000.0, 75 * NS_PER_S)
    assert encoder.time_ns(70_025.6, start) - start == pytest.approx(64e6, abs=2)
