"""The arms of the headline: an unarmed cell is the open arm, oracles move when they know, and how cases are counted."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from cellctl.model import Side
from cellsim.plant.schedule import Episode
from cellsim.study import headline
from cellsim.study.arms import Case, CellRun, cases_of, oracle, run_cell, world_settings
from cellsim.study.cell import load_study_cell
from cellsim.study.plan import Scale
from cellsim.study.truth import Push, Pushes, Truth, at_recipe, episodes_of, run_plant, with_offset

ROOT = Path(__file__).parents[4]
SEED = 100
SECONDS = 420.0
"""Seed 100's first episode, on one edge, lies within."""


@pytest.fixture(scope="module")
def cell():
    return load_study_cell(ROOT / "configs" / "coater.yaml")


@pytest.fixture(scope="module")
def opened() -> Truth:
    return run_plant(world_settings(SEED), SECONDS, at_recipe)


@pytest.mark.slow
def test_a_cell_without_authority_is_the_open_arm(cell, opened):
    """In lockstep, not armed, the very spurs, other defects and film of the plant alone come to be."""
    run = run_cell(cell, world_settings(SEED), SECONDS, armed=False)
    assert run.corrections == []
    assert run.truth.spurs == opened.spurs
    assert run.truth.others == opened.others
    assert run.truth.films == pytest.approx(opened.films, rel=2e-3)


@pytest.mark.slow
def test_an_armed_cell_is_another_arm(cell, opened):
    """Negative control: the same cell, armed, makes fewer spurs on the edge with the fault."""
    settings = world_settings(SEED)
    run = run_cell(cell, settings, SECONDS)
    side = episodes_of(settings, SECONDS * 1.0)[0].side
    assert run.corrections
    assert len(run.truth.spurs[side]) < len(opened.spurs[side])
    assert run.unfixable == 0


def test_a_push_ramps_up_and_down():
    """A step is complete where it is in force, begins a ramp before, and is gone a ramp after its end."""
    push = Push(Side.LEFT, 100.0, 200.0)
    assert push.steps(100.0) == push.steps(200.0) == 1.0
    assert push.steps(97.5) == push.steps(202.5) == 0.0
    assert push.steps(98.75) == pytest.approx(0.5)


def test_pushes_move_their_own_side():
    """What is planned for the left edge leaves the right one at the recipe."""
    setpoints = Pushes([Push(Side.LEFT, 10.0, 20.0)])(15.0)
    assert (setpoints.load_left, setpoints.load_right) == (21.0, 20.0)


def test_a_constant_offset_thins_the_same_field(opened):
    """Under a constant offset only spurs of the open arm come to be, and in an episode far fewer."""
    settings = world_settings(SEED)
    offset = run_plant(settings, SECONDS, with_offset)
    for side in (Side.LEFT, Side.RIGHT):
        assert set(offset.spurs[side]) <= set(opened.spurs[side])
    episode = episodes_of(settings, SECONDS)[0]
    stretch = (episode.side, episode.from_mm / 1000.0, min(SECONDS, episode.to_mm / 1000.0))
    assert offset.spurs_between(*stretch) < 0.5 * opened.spurs_between(*stretch)
    assert all(offset.is_off(episode.side, s_m) for s_m in (50.0, 400.0))
    assert not opened.is_off(episode.side, 50.0)


def test_an_oracle_without_detection_beats_one_that_waits(opened):
    """An oracle with the cell's dead time makes at least the spurs of one that needs no detection."""
    settings = world_settings(SEED)
    cases = cases_of(settings, SECONDS, opened, CellRun(opened, [], 0))
    waiting = [Case(case.episode, case.from_m, case.to_m, 25.0, False) for case in cases]
    slow, fast = (oracle(settings, SECONDS, waiting, detects=detects) for detects in (True, False))
    count = [sum(t.spurs_between(c.episode.side, c.from_m, c.to_m) for c in cases) for t in (opened, slow, fast)]
    assert count[0] > count[1] >= count[2]


def test_a_case_begins_at_its_first_spur(opened):
    """A case runs from the open arm's first spur in the episode; without a correction it has no dead time."""
    cases = cases_of(world_settings(SEED), SECONDS, opened, CellRun(opened, [], 0))
    for case in cases:
        assert case.from_m in opened.spurs[case.episode.side]
        assert case.episode.covers(case.from_m * 1000.0)
        assert case.dead_s is None
        assert not case.was_off


def test_film_out_of_tolerance_counts_metres():
    """A metre counts when its film weight is off by more than 1.5 %."""
    truth = Truth(films=[200.0, 203.1, 196.9, 202.9])
    assert truth.film_out_m == 2


def test_quiet_metres_lie_outside_of_the_edge_s_own_episodes():
    """Metres of an episode are quiet on the other edge only; metres off the recipe are counted where it is quiet."""
    episode = Episode(Side.LEFT, 10_000.0, 20_000.0, 1.4)
    closed, offset = Truth(), Truth()
    closed.loads[Side.LEFT] += [(15.0, 21.0), (25.0, 20.0)]
    for side in (Side.LEFT, Side.RIGHT):
        offset.loads[side] = [(0.0, 21.0)]
    cases = [Case(episode, 11.0, 20.0, None, False)]
    assert headline._quiet(closed, offset, cases, 100) == (190, 5, 190)


def test_the_rows_of_the_headline_have_controls():
    """From results of two seeds come all lines, and the sham arm and the constant offset as controls."""
    seed = headline.SeedResult(
        spurs=(100, 13, 12, 9, 8), episodes=6, dead_s=[9.0, 12.0, 14.0], was_off=1, missed_s=[], cured=(80, 7),
        quiet_m=(13_000, 4_000, 13_000), film_out_m=(900, 700, 1000), defects=(300, 200), corrections=(8, 0, 1),
        verdicts={"RESTORED": 5, "PROVEN": 3},
    )  # fmt: skip
    sham = seed._replace(spurs=(100, 100, 12, 9, 8))
    plan = headline.plan(load_study_cell(ROOT / "configs" / "coater.yaml"), Scale(0.001, quick=True))
    results = [seed] * (len(plan.jobs) - 2) + [sham, seed]
    rows = plan.rows(results)
    assert all(row.passes for row in rows)
    assert sum(row.control for row in rows) == 2
    assert not all(row.passes for row in plan.rows([sham] * len(plan.jobs)))


def test_an_episode_that_ended_first_counts_as_longer_than_it_lasted():
    """Of four dead times the median is the second; episodes that ended without an action push it to a longer one."""
    base = headline.SeedResult(
        spurs=(1, 1, 1, 1, 1), episodes=4, dead_s=[5.0, 10.0, 20.0, 40.0], was_off=0, missed_s=[], cured=(1, 0),
        quiet_m=(1, 0, 1), film_out_m=(1, 0, 1), defects=(1, 1), corrections=(1, 0, 0), verdicts={},
    )  # fmt: skip
    assert headline._quantile_s([base], 0.5) == 10.0
    assert headline._quantile_s([base._replace(missed_s=[6.0, 7.0])], 0.5) == 20.0
    assert headline._quantile_s([base._replace(dead_s=[], missed_s=[9.0])], 0.5) == math.inf
