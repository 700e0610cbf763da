"""Physics of the coater: what the blade, the edge dams, the film and the fields do."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cellctl.model.web import Side
from cellsim.plant import (
    Blade,
    Coater,
    CoaterSettings,
    DefectField,
    EdgeDam,
    Episode,
    FilmGauge,
    Pattern,
    Planned,
    Schedule,
    deficit_for_rate,
    film_weight,
)
from cellsim.plant.schedule import block_centre_mm

EDGE = EdgeDam(normal_per_m=0.01, cap=25)
RECIPE = {Side.LEFT: 20.0, Side.RIGHT: 20.0}


def settings(*episodes: Episode, seed: int = 1, edge: EdgeDam = EDGE, **background: float) -> CoaterSettings:
    return CoaterSettings(seed, 1.0, edge, background, Schedule(episodes))


def run(coater: Coater, metres: float, loads: dict[Side, float]) -> list[tuple[float, str, Side]]:
    found = []
    for _ in range(round(metres * 100)):
        found.extend((m.thing.centre_mm, m.thing.defect, m.thing.side) for m in coater.step(loads).made)
    return found


@pytest.mark.parametrize(("deficit", "efficacy"), [(1.28, 0.8874), (1.40, 0.9196), (1.52, 0.9416)])
def test_one_step_of_load_has_the_efficacy_that_emerges(deficit: float, efficacy: float) -> None:
    """One 5 % step lowers the rate by 1 - exp(κ((d-1)² - d²)): 0.89 to 0.94; the cap takes a little at 1.52."""
    before, after = EDGE.rate_per_m(deficit, 20.0), EDGE.rate_per_m(deficit, 21.0)
    assert 1 - after / before == pytest.approx(efficacy, abs=5e-4)


def test_step_on_wrong_side_of_deficit_does_nothing() -> None:
    """Load beyond the deficit neither helps nor harms: the rate stays at λ0."""
    assert EDGE.rate_per_m(0.5, 21.0) == EDGE.rate_per_m(0.5, 22.0) == pytest.approx(0.01)


def test_less_load_makes_it_worse() -> None:
    """A step down of 5 % with a deficit of 1.2 raises the rate up to the cap."""
    assert EDGE.rate_per_m(1.2, 19.0) == pytest.approx(0.25)


def test_usual_deficits_give_tenfold_to_capped_rates() -> None:
    """Deficits of 1.28 … 1.52 gives ×9.9 … ×25 (the cap, exp gives 25.4)."""
    assert EDGE.rate_per_m(1.28, 20.0) / 0.01 == pytest.approx(9.912, abs=0.01)
    assert EDGE.rate_per_m(1.52, 20.0) / 0.01 == 25.0


def test_deficit_follows_from_a_rate() -> None:
    """λ = 0.5 /m over λ0 = 0.01 /m needs a deficit of √(ln 50 / 1.4) = 1.672."""
    deficit = deficit_for_rate(0.5, 0.01)
    assert deficit == pytest.approx(1.6716, abs=1e-4)
    assert EdgeDam(0.01, 50).rate_per_m(deficit, 20.0) == pytest.approx(0.5)


def test_blade_waits_then_follows_first_order() -> None:
    """Nothing moves for 30 ms; 150 ms later 63 % of the step has been made."""
    blade = Blade()
    trace = [blade.step(21.0) for _ in range(18)]
    assert trace[:3] == [20.0, 20.0, 20.0]
    assert trace[17] == pytest.approx(20.0 + 1 - math.exp(-1))


def test_one_side_of_load_costs_under_a_percent_of_film() -> None:
    """+5 % on one side is -0.85 % film weight, on both sides -1.7 %."""
    assert film_weight(21.0, 20.0) / 200 - 1 == pytest.approx(-0.0085, abs=1e-4)
    assert film_weight(21.0, 21.0) / 200 - 1 == pytest.approx(-0.0169, abs=1e-4)


def test_film_gauge_sees_a_change_after_its_metres() -> None:
    """A step of film weight shows 64.5 m of web later, whatever time that took."""
    gauge = FilmGauge(np.random.default_rng(1))
    seen = []
    for strip in range(660):
        gauge.strip(150.0, strip * 100.0)
        seen.append(gauge.reading)
    assert min(r.film_g_m2 for r in seen if r.encoder_mm < 64_400) > 195
    assert seen[-1].film_g_m2 == pytest.approx(150.0, rel=0.02)


@pytest.mark.parametrize("speed_m_s", [0.8, 1.6])
def test_film_delay_is_metres_at_any_speed(speed_m_s: float) -> None:
    """A move of the blade reaches the gauge 64.5 m later at half speed and at full speed alike."""
    coater = Coater(CoaterSettings(1, speed_m_s, EdgeDam(1e-9, 1)))
    raised = {Side.LEFT: 23.0, Side.RIGHT: 23.0}
    while coater.gauge.reading.film_g_m2 > 195:
        coater.step(raised)
    assert coater.gauge.reading.encoder_mm == pytest.approx(64_500 + 1000, abs=1000)


def test_field_has_its_rate() -> None:
    """600 m of field at 0.5 /m thinned to 0.2 /m give 120 points, ±4σ."""
    field = DefectField(seed=5, stream=1, ceiling_per_m=0.5)
    count = sum(len(field.thinned(chunk, 0.2)) for chunk in range(12))
    assert abs(count - 120) < 4 * math.sqrt(120)


def test_thinning_by_a_lower_rate_keeps_a_subset() -> None:
    """Two arms with different rates thin the very same points: the lower rate's are among the higher's."""
    field = DefectField(seed=5, stream=1, ceiling_per_m=5.0)
    for chunk in range(5):
        low = {point.s_mm for point in field.thinned(chunk, 1.0)}
        high = {point.s_mm for point in field.thinned(chunk, 4.0)}
        assert low < high


def test_open_and_closed_arm_share_their_field() -> None:
    """A correction removes spurs and adds none: the closed arm's spurs are a subset of the open arm's."""
    episode = Episode(Side.RIGHT, 0.0, 1e9, 1.5)
    open_arm = run(Coater(settings(episode)), 120, RECIPE)
    closed_arm = run(Coater(settings(episode)), 120, {Side.LEFT: 20.0, Side.RIGHT: 21.0})
    assert set(closed_arm) < set(open_arm)


def test_other_side_is_left_alone() -> None:
    """Load on the left does nothing for a deficit on the right."""
    episode = Episode(Side.RIGHT, 0.0, 1e9, 1.5)
    recipe = run(Coater(settings(episode)), 80, RECIPE)
    wrong = run(Coater(settings(episode)), 80, {Side.LEFT: 21.0, Side.RIGHT: 20.0})
    assert recipe
    assert [x for x in wrong if x[2] is Side.RIGHT] == [x for x in recipe if x[2] is Side.RIGHT]


def test_same_seed_makes_the_same_web() -> None:
    """The line is repeatable; another seed makes another web."""
    episode = Episode(Side.LEFT, 0.0, 1e9, 1.5)
    first = run(Coater(settings(episode, dust=0.2)), 40, RECIPE)
    assert first == run(Coater(settings(episode, dust=0.2)), 40, RECIPE)
    assert first != run(Coater(settings(episode, seed=2, dust=0.2)), 40, RECIPE)


def test_episode_rate_uses_the_load_at_the_blade() -> None:
    """The rate that the plant uses falls only as the actuator moves, not when the set-point is written."""
    coater = Coater(settings(Episode(Side.RIGHT, 0.0, 1e9, 1.4)))
    raised = {Side.LEFT: 20.0, Side.RIGHT: 21.0}
    coater.step(raised)
    at_once = coater.edge_rate_per_m(Side.RIGHT, 0.0)
    for _ in range(200):
        coater.step(raised)
    assert coater.edge_rate_per_m(Side.RIGHT, 2000.0) < 0.1 * at_once


def test_scripted_object_appears_where_it_was_planned() -> None:
    """A planned object comes to be when its material passes the blade, with the place asked for."""
    schedule = Schedule(objects=(Planned("agglomerate", 1234.5, y_mm=300.0),))
    coater = Coater(CoaterSettings(1, 1.0, EdgeDam(1e-9, 1), {}, schedule))
    before = [made for _ in range(123) for made in coater.step(RECIPE).made]
    made = [made for _ in range(10) for made in coater.step(RECIPE).made]
    assert not before
    assert [(m.thing.centre_mm, m.thing.y_mm, m.cause) for m in made] == [(1234.5, 300.0, "scripted")]


def test_pattern_places_each_object_inside_one_block() -> None:
    """Every spur of a pattern lies within a camera block with 6 mm to spare, alternating sides, none missing."""
    pattern = Pattern("coat_edge_spur", 300.0, 3000.0, 33_000.0, (Side.LEFT, Side.RIGHT))
    schedule = Schedule(patterns=(pattern,))
    planned = [item for strip in range(3500) for item in schedule.planned(strip)]
    assert len(planned) == 100
    assert [item.side for item in planned[:3]] == [Side.LEFT, Side.RIGHT, Side.LEFT]
    for item in planned:
        place = (item.s_mm + 1500.0) % 25.6
        assert 6.0 < place < 19.6
        assert item.s_mm == pytest.approx(block_centre_mm(item.s_mm))
