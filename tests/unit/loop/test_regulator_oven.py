"""The oven regulator holds the residual solvent with four zones, inside every limit, and without a solver too."""

from __future__ import annotations

import pytest

from cellctl.loop.adjust.laws.qp import solve
from tests.unit.loop.oven_line import RECIPE, ZONES, OvenLine, make_limited, make_oven, tag


def test_a_lasting_disturbance_is_taken_out():
    """900 ppm more solvent is back near its target within half an hour, and no zone leaves its envelope."""
    line = OvenLine(load_ppm=900.0)
    line.run(2400)
    assert abs(line.residual - 1800.0) < 200.0
    assert all(abs(line.in_force[z] - RECIPE[z]) <= 10.0 for z in ZONES)


def test_without_the_regulator_it_stays():
    """Negative control: in shadow the deviation stays, and the report holds where the zones would go."""
    line = OvenLine(make_oven(authority="shadow"), load_ppm=900.0).run(2400)
    assert line.residual == pytest.approx(2700.0)
    assert line.reports[-1].wanted[tag(7)] > RECIPE[7] + 0.5


def test_it_does_not_swing():
    """The way back is one way: after the target is reached it is never missed by a quarter of the disturbance."""
    line = OvenLine(load_ppm=900.0)
    line.run(1200)
    worst = 0.0
    for _ in range(2400):
        line.step()
        worst = max(worst, abs(line.residual - 1800.0))
    assert worst < 225.0


def test_the_limit_of_the_exhaust_is_hard():
    """Where two zones would drive the exhaust over its limit, they stop, and the other two do the work."""
    free = OvenLine(load_ppm=900.0, lel_gain=0.2)
    bound = OvenLine(make_limited(15.0, 0.2), load_ppm=900.0, lel_gain=0.2)
    highest = [0.0, 0.0]
    for _ in range(1800):
        for index, line in enumerate((free, bound)):
            line.step()
            highest[index] = max(highest[index], line.exhaust)
    assert highest[0] > 15.5
    assert highest[1] <= 15.0 + 0.05
    assert bound.in_force[9] > free.in_force[9]


def test_over_a_limit_it_goes_down():
    """When the exhaust rises over its limit by itself, the zones that drive it come down until it is kept again."""
    line = OvenLine(make_limited(15.0, 0.2), load_ppm=900.0, lel_gain=0.2)
    line.run(600)
    assert line.in_force[8] > RECIPE[8] + 1.0
    line.lel = 16.0
    line.run(1200)
    assert line.exhaust <= 15.0 + 0.1
    assert line.in_force[7] + line.in_force[8] < RECIPE[7] + RECIPE[8]


def test_neighbours_stay_close():
    """Zones 7 to 9 stay within 15 °C of each other; 9 and 10 begin 20 °C apart and get no further.

    Each may lag behind its plan by the dead band, 0.6 °C for zone 10.
    """
    line = OvenLine(load_ppm=3000.0).run(2400)
    apart = [line.in_force[one] - line.in_force[two] for one, two in ((7, 8), (8, 9), (9, 10))]
    assert max(apart[:2]) <= 15.0 + 0.6
    assert apart[2] <= 20.0 + 0.6


def test_a_solver_without_an_answer_costs_no_move():
    """When every solution is late the rest of the last plan is used, then it stays; the report counts it."""
    answers = [0]

    def late(problem):
        answers[0] += 1
        return solve(problem) if answers[0] < 12 else None

    line = OvenLine(load_ppm=900.0, solver=late)
    line.run(3600)
    assert line.reports[-1].fallbacks > 0
    assert all(abs(line.in_force[z] - RECIPE[z]) <= 10.0 for z in ZONES)
    moves = len(line.proposals)
    line.run(600)
    assert len(line.proposals) == moves


def test_a_lost_limit_freezes_it():
    """When the exhaust's reading is missing, nothing moves."""
    line = OvenLine(make_limited(25.0, 0.003), load_ppm=900.0)
    line.lel = float("nan")
    line.run(600)
    assert line.proposals == []
