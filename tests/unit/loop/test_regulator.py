"""A regulator holds the film weight through 64.5 m of dead time, and stands still when it must."""

from __future__ import annotations

import math

import msgspec
import pytest

from cellctl.clock import NS_PER_S
from cellctl.config.resolved.regulator import FeedForward
from cellctl.loop.adjust.choice import OneInput
from cellctl.loop.adjust.laws import Aim, Ewma
from cellctl.model import Kind, PackMLState, Quality, Stamp
from cellctl.model.people import Instruction, Order
from tests.unit.loop.builders import make_loop
from tests.unit.loop.film_line import GAIN, GAP, POINT, STATION_M, FilmLine, make_regulator, viscosity


class Uncompensated:
    """A broken variant: an EWMA that believes the material was made with the set-point of now."""

    fallbacks = 0

    def __init__(self, prediction: float) -> None:
        self.law = Ewma(Aim(200.0, POINT.recipe, GAIN), dead_s=STATION_M, disturbance_s=600.0, weight=0.5)
        self.law.prediction = prediction

    def decide(self, measured, _delayed, in_force, _limited=(), *, frozen):
        return OneInput(self.law).decide(measured, in_force, in_force, frozen=frozen)

    def hand_over(self, in_force):
        self.law.hand_over(in_force[0])


def open_and_closed(seed: int) -> tuple[FilmLine, FilmLine]:
    """The same viscosity without and with the regulator."""
    without, regulated = (
        FilmLine(make_regulator(authority=authority), seed=seed, viscosity=viscosity(seed)).run(6000)
        for authority in ("off", "auto")
    )
    return without, regulated


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_fewer_metres_outside_the_tolerance(seed):
    """With a wandering viscosity the regulator leaves under a tenth of the metres outside, and half the spread."""
    without, regulated = open_and_closed(seed)
    assert without.outside() > 200
    assert regulated.outside() < 0.1 * without.outside()
    assert regulated.spread() < 0.65 * without.spread()


def test_it_comes_near_the_minimum_variance_bound():
    """Over five seeds the variance is at most 1.25 times what any controller can reach, and never under 0.95 of it.

    The bound is of a dead time of way, averaging and hold: 64.5 + 2.5 + 2.5 s, for a disturbance of 900 s.
    """
    bound = 1.0 - math.exp(-2.0 * 69.5 / 900.0)
    regulated = [FilmLine(seed=seed, viscosity=viscosity(seed), noise=0.0).run(8000) for seed in range(5)]
    variance = sum(line.spread() ** 2 for line in regulated) / 5
    assert 0.95 * bound < variance / (200.0 * 0.35 * 0.04) ** 2 < 1.25 * bound


def test_without_dead_time_compensation_it_swings():
    """Negative control: the same law on the set-point of now makes it worse than no control at all."""
    without, _ = open_and_closed(1)
    broken = FilmLine(seed=1, viscosity=viscosity(1), decider=Uncompensated(prediction=1.0)).run(6000)
    assert broken.spread() > without.spread()


def test_what_a_correction_does_to_the_film_is_taken_out_afterwards():
    """A blade load that costs 0.85 % is made up through the gap once its material is measured."""
    line = FilmLine(noise=0.0, regulator=make_regulator(lasting_s=600.0))
    line.run(200)
    line.load = 21.0
    line.run(60)
    assert line.film[-1] == pytest.approx(198.3, abs=0.05)
    line.run(1500)
    assert line.film[-1] == pytest.approx(200.0, abs=0.25)
    assert line.gap > 251.5


def test_it_stands_still_while_a_correction_that_protects_the_film_is_tested():
    """No move while the test runs; afterwards the deviation is taken out."""
    line = FilmLine(noise=0.0)
    line.run(100)
    line.situation.claim("edge_spur-left-1", make_film_loop(line))
    line.load = 21.0
    line.run(300)
    assert line.proposals == []
    assert "edge_spur-left-1 has no verdict yet" in line.controller.frozen
    line.situation.release("edge_spur-left-1")
    line.run(100)
    assert line.proposals
    assert line.film[-1] > 199.5


def make_film_loop(line: FilmLine):
    """The loop of the cell, which protects the film weight."""
    return line.situation.cell.loops[0]


def test_a_correction_that_does_not_touch_the_film_does_not_stop_it():
    """A test that counts nothing the gap changes goes on beside the regulator."""
    line = FilmLine(noise=0.0, load=21.0)
    line.situation.claim("edge_spur-left-1", make_loop(protect_values=()))
    line.run(200)
    assert line.proposals


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"splice": 1.0}, "a splice is passing"),
        ({"speed": 0.1}, "slower than"),
        ({"quality": Quality.BAD_SENSOR_FAILURE}, "BAD_SENSOR_FAILURE"),
    ],
)
def test_it_freezes(change, reason):
    """A splice, a creeping web and bad values let nothing move, and it says why."""
    line = FilmLine(noise=0.0, load=21.0)
    line.run(50)
    for name, value in change.items():
        setattr(line, name, value)
    line.run(200)
    assert line.proposals == []
    assert reason in line.controller.frozen


def test_material_of_a_splice_teaches_nothing():
    """Film made while a splice passed is not learnt from when it comes to the gauge 64.5 m later."""
    line = FilmLine(noise=0.0)
    line.run(100)
    line.splice, line.load = 1.0, 25.0
    line.run(20)
    line.splice, line.load = 0.0, 20.0
    line.run(200)
    assert line.proposals == []


def test_the_film_of_a_purge_teaches_nothing():
    """A purge lifts the blade: the thick film beside it is not learnt from, and neither are its neighbours."""
    line = FilmLine(noise=0.0)
    line.run(100)
    line.report_purge()
    line.load = 5.0
    line.run(1)
    line.load = 20.0
    line.run(200)
    assert max(line.film) > 220.0
    assert line.proposals == []


def test_out_of_execute_nothing_is_proposed():
    """A held cell is left alone."""
    line = FilmLine(noise=0.0, load=21.0)
    line.enter(PackMLState.HELD)
    line.run(300)
    assert line.proposals == []


def test_delays_are_metres():
    """At half the speed the same film is measured twice as late, and the regulator still knows what made it."""
    line = FilmLine(noise=0.0, load=21.0, speed=0.5)
    line.run(1200)
    assert line.film[-1] == pytest.approx(200.0, abs=0.3)
    assert max(line.film) < 200.3


def test_a_person_is_not_fought():
    """When somebody else moves the gap it stands back, says so once, and goes on without a jump when handed back."""
    line = FilmLine(noise=0.0)
    line.run(200)
    line.gap = 255.0
    line.run(300)
    assert line.gap == 255.0
    assert line.proposals == []
    assert [alarm.id for alarm in line.alarms] == ["regulator.film.taken-over"]
    order = Instruction(stamp=Stamp(line.now_ns), order=Order.HAND_BACK, subject="film", by="anna")
    line.controller.instruct(msgspec.structs.replace(order, subject="edge_spur"), line.now_ns)
    assert line.controller.inputs[0].taken_over == 255.0
    line.controller.instruct(order, line.now_ns)
    line.run(5)
    assert abs(line.gap - 255.0) < 3.0
    line.run(400)
    assert line.film[-1] == pytest.approx(200.0, abs=0.2)


def test_a_person_takes_its_set_point_by_name_and_hands_it_back():
    """From the order on it asks for nothing, although the value did not change."""
    line = FilmLine(noise=0.0, load=21.0)
    tag = line.controller.inputs[0].put.tag
    line.controller.instruct(
        Instruction(stamp=Stamp(line.now_ns), order=Order.TAKE_OVER, subject=tag, by="anna"), line.now_ns
    )
    line.run(300)
    assert line.proposals == []
    line.controller.instruct(
        Instruction(stamp=Stamp(line.now_ns), order=Order.HAND_BACK, subject=tag, by="anna"), line.now_ns
    )
    line.run(300)
    assert line.proposals


def test_its_own_moves_are_no_take_over():
    """Hundreds of moves of its own, and it never takes one for a stranger's."""
    line = FilmLine(viscosity=viscosity(4), seed=4).run(3000)
    assert len(line.proposals) > 50
    assert not any(alarm.id.endswith("taken-over") for alarm in line.alarms)


def test_refusals_do_not_wind_it_up():
    """After 500 s of refusals the first move is no larger than the deviation asks for, and a person was told."""
    line = FilmLine(noise=0.0, load=21.0, refuses="range: test")
    line.run(600)
    assert [alarm.id for alarm in line.alarms] == ["regulator.film.refused"]
    line.refuses = ""
    line.run(300)
    assert max(line.film) < 200.2
    assert not line.alarms[-1].active


def test_it_stays_inside_its_envelope():
    """A deviation too large for the gap drives it to its limit, and it comes back from there at once."""
    line = FilmLine(noise=0.0, load=40.0)
    line.run(600)
    assert line.gap == POINT.maximum
    line.load = 20.0
    line.run(200)
    assert line.gap == pytest.approx(250.0, abs=0.5)
    assert all(abs(it.target - 250.0) <= POINT.drift for it in line.proposals)


def test_small_deviations_move_nothing():
    """Below the dead band nothing is proposed."""
    line = FilmLine(noise=0.0, load=20.1, regulator=make_regulator(dead_band=0.3))
    line.run(500)
    assert line.proposals == []


def test_a_proposal_says_what_it_rests_on():
    """Kind, names, epoch and the time of the newest gauge value travel with the proposal."""
    line = FilmLine(noise=0.0, load=21.0)
    line.run(40)
    line.load = 22.0
    line.run(100)
    first = line.proposals[0]
    assert (first.kind, first.loop, first.tag, first.unit) == (Kind.REGULATE, "film", GAP, "µm")
    assert first.transaction == "film-1"
    assert first.stamp.t_ns - first.exposure_ns < 2 * NS_PER_S
    assert first.first_line_ns <= first.exposure_ns


@pytest.mark.parametrize("authority", ["shadow", "advisory", "confirm"])
def test_without_authority_it_says_where_it_would_go(authority):
    """Nothing is proposed; the reports hold what the law wanted, and an adviser tells a person."""
    line = FilmLine(make_regulator(authority=authority), noise=0.0, load=21.0).run(400)
    assert line.proposals == []
    assert line.reports[-1].wanted[GAP] == pytest.approx(250.0 + 1.7 * math.exp(-STATION_M / 600.0) / GAIN, abs=0.1)
    advised = [alarm.id for alarm in line.alarms]
    assert bool(advised) is (authority != "shadow")


def test_reports_count_what_happened():
    """One report a minute with mean, spread, share outside and confirmed moves."""
    line = FilmLine(noise=0.0, load=23.0).run(606)
    assert len(line.reports) == 10
    assert sum(report.moves for report in line.reports) == len(line.proposals)
    assert line.reports[1].mean == pytest.approx(194.9, abs=1.0)
    assert line.reports[1].outside > 0.0
    assert line.reports[-1].outside == 0.0


def test_feed_forward_acts_before_the_gauge_sees_it():
    """A viscosity step is taken out by nine tenths before the first of its film reaches the gauge."""
    causes = (FeedForward("plc.viscosity", 5000.0, 0.35, 5.0, 0.1),)
    step = 1.1
    line = FilmLine(make_regulator(feed_forward=causes), noise=0.0, viscosity=lambda s: step if s > 300 else 1.0)
    line.run(360)
    assert 200.0 * step**0.35 - 200.0 > 6.5
    assert abs(line.film[-1] - 200.0) < 0.8
    line.run(300)
    assert abs(line.film[-1] - 200.0) < 0.8


def test_feed_forward_lowers_the_spread_further():
    """With the viscometer beside the gauge the film spreads less than with the gauge alone."""
    causes = (FeedForward("plc.viscosity", 5000.0, 0.35, 10.0, 0.1),)
    alone = FilmLine(seed=2, viscosity=viscosity(2)).run(6000)
    both = FilmLine(make_regulator(feed_forward=causes), seed=2, viscosity=viscosity(2)).run(6000)
    assert both.spread() < 0.7 * alone.spread()
