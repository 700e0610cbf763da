"""The coater's defects: classes, hidden causes, streaks and their purge."""

from __future__ import annotations

import math
from collections import Counter

import pytest

from cellctl.model.web import Side
from cellsim.plant import (
    CLASSES,
    DEFECT_NAMES,
    IN_CONTROL_PER_M,
    Disturbances,
    Episode,
    RandomCauses,
    Setpoints,
)
from cellsim.plant.defects import Deviations
from tests.unit.cellsim.plant_line import RECIPE, STILL, coater, run


def zones(first: int, last: int, change: float) -> Setpoints:
    """The recipe with zones `first` to `last` moved by `change` °C."""
    moved = [t + change * (first <= zone + 1 <= last) for zone, t in enumerate(RECIPE.zone_t)]
    return RECIPE._replace(zone_t=tuple(moved))


# Classes


@pytest.mark.parametrize(
    ("defect", "deviation", "sign"),
    [
        ("coat_edge_spur", "speed", 1),
        ("coat_edge_spur", "viscosity", 1),
        ("coat_edge_spur", "wear", 1),
        ("heavy_edge", "load", -1),
        ("heavy_edge", "speed", -1),
        ("heavy_edge", "viscosity", -1),
        ("streak", "load", 1),
        ("streak", "viscosity", 1),
        ("pinhole", "load", -1),
        ("pinhole", "speed", 1),
        ("pinhole", "viscosity", 1),
        ("crater", "early", 1),
        ("crater", "mid", 1),
        ("crater", "film", 1),
        ("crack", "early", 1),
        ("crack", "mid", 1),
        ("crack", "late", 1),
        ("crack", "film", 1),
        ("delamination", "early", 1),
        ("delamination", "mid", 1),
        ("agglomerate", "viscosity", 1),
        ("bare_foil", "load", 1),
        ("bare_foil", "speed", 1),
        ("bare_foil", "viscosity", 1),
    ],
)
def test_signs_of_the_effects(defect: str, deviation: str, sign: int) -> None:
    """Each deviation moves a class the way that physics says, and the opposite deviation the other way."""
    effects = CLASSES[defect].effects
    assert sign * effects.of(Deviations(**{deviation: 1.0})) > 0
    assert sign * effects.of(Deviations(**{deviation: -1.0})) < 0


def test_delamination_rises_with_too_dry_and_too_wet() -> None:
    """Over-drying and under-drying both raise delamination."""
    effects = CLASSES["delamination"].effects
    assert effects.of(Deviations(late=1.0)) == effects.of(Deviations(late=-1.0)) == pytest.approx(0.2)


def test_metal_particles_follow_nothing() -> None:
    """No deviation of the process moves metal particles: they are not the line's to mend."""
    everything = Deviations(*[1.0] * 8)
    assert CLASSES["metal_particle"].effects.of(everything) == 0.0
    assert not CLASSES["metal_particle"].fixable


def test_burr_of_the_foil_is_absent() -> None:
    """A burr comes from the slitter; the coater neither makes nor cures it."""
    assert "foil_burr" not in DEFECT_NAMES
    assert len(DEFECT_NAMES) == 10


def test_in_control_rates() -> None:
    """20 km in control show every class at 10 times its rate (±4σ), the edge spurs at theirs on both sides."""
    line = coater(background={defect: 10 * per_m for defect, per_m in IN_CONTROL_PER_M.items()})
    counts = Counter(made.thing.defect for made in run(line, 20_000))
    assert counts.pop("coat_edge_spur") == pytest.approx(400, abs=4 * math.sqrt(400))
    for defect, per_m in IN_CONTROL_PER_M.items():
        expected = 10 * per_m * 20_000
        assert abs(counts[defect] - expected) < 4 * math.sqrt(expected) + 1.3, defect


def test_default_mix() -> None:
    """Agglomerates, streaks and pinholes with craters make up 68 of 87 parts of all but the edge spurs."""
    total = sum(IN_CONTROL_PER_M.values())
    top = sum(IN_CONTROL_PER_M[name] for name in ("agglomerate", "streak", "pinhole", "crater"))
    assert total == pytest.approx(0.010)
    assert top / total == pytest.approx(68 / 87, abs=0.01)


def test_sides_belong_to_edges() -> None:
    """Spurs and heavy edges have a side and lie at that edge; nothing else has one."""
    rates = dict.fromkeys(IN_CONTROL_PER_M, 0.05)
    for made in run(coater(background=rates), 400):
        thing = made.thing
        if thing.defect in {"coat_edge_spur", "heavy_edge"}:
            assert thing.side is not Side.NONE
            assert (thing.y_mm < 307.2) == (thing.side is Side.LEFT)
        else:
            assert thing.side is Side.NONE


@pytest.mark.parametrize(("defect", "born_m"), [("pinhole", 0), ("crater", 21), ("crack", 39), ("delamination", 63)])
def test_dry_classes_come_to_be_in_the_oven(defect: str, born_m: float) -> None:
    """A crater comes after zone 3, a crack after zone 6, delamination at the exit; positions stay the material's."""
    line = coater(background={defect: 0.5})
    lags = []
    for _ in range(2000):
        step = line.advance(0.1, RECIPE)
        lags += [step.encoder_mm - m.thing.centre_mm for m in step.made if m.thing.defect == defect]
    assert len(lags) > 20
    assert all(born_m * 1000 - 1 <= lag <= born_m * 1000 + 101 for lag in lags)


def test_step_length_does_not_change_the_web() -> None:
    """Steps of 10 ms, of one camera block and of 0.1 s make the same objects from the same seed."""
    episode = Episode(Side.LEFT, 0.0, 1e9, 1.5)
    webs = []
    for step_s in (0.01, 0.0256, 0.1):
        made = run(coater(episode, disturbances=Disturbances()), 256, step_s=step_s)
        webs.append([m.thing for m in sorted(made, key=lambda m: m.thing.seed)])
    assert len(webs[0]) > 20
    assert webs[0] == webs[1] == webs[2]


def test_long_steps_are_refused() -> None:
    """A step over 0.1 s would blur the blade; it is the caller's mistake."""
    with pytest.raises(ValueError, match=r"0\.1 s"):
        coater().advance(0.2, RECIPE)


def test_step_length_does_not_change_the_blade() -> None:
    """A move of the blade has made the same way after 0.3 s in steps of any length."""
    loads = []
    for step_s in (0.01, 0.025, 0.1):
        line = coater()
        run(line, 0.3, RECIPE._replace(load_left=21.0), step_s)
        loads.append(line.process.load_left.value)
    assert loads == pytest.approx([21.0 - math.exp(-0.27 / 0.15)] * 3)


# Hidden causes


@pytest.mark.parametrize(
    ("defect", "cure", "wrong"),
    [("crater", zones(1, 3, -4), zones(7, 9, -4)), ("crack", zones(4, 6, -5), zones(1, 1, -4))],
)
def test_cooler_zones_cure_what_they_caused(defect: str, cure: Setpoints, wrong: Setpoints) -> None:
    """Cooling zones 1-3 takes over 85 % of the craters and zones 4-6 of the cracks; other zones hardly help."""
    efficacy = []
    for setpoints in (cure, wrong):
        line = coater(Episode(Side.NONE, 0.0, 1e9, 1.4, defect), drying=True)
        run(line, 60)
        before = line.rate_per_m(defect)
        run(line, 600, setpoints)
        efficacy.append(1 - line.rate_per_m(defect) / before)
    assert efficacy[0] > 0.85
    assert efficacy[1] < 0.30


def test_cure_of_the_oven_takes_minutes() -> None:
    """Air, web and way to the station: 20 s after the move the crater's rate is what it was."""
    line = coater(Episode(Side.NONE, 0.0, 1e9, 1.4, "crater"), drying=True)
    run(line, 60)
    before = line.rate_per_m("crater")
    run(line, 5, zones(1, 3, -4))
    assert line.rate_per_m("crater") == pytest.approx(before, rel=1e-6)


def test_bursts_cannot_be_mended() -> None:
    """A burst of agglomerates raises the rate by its factor whatever the actuators do, and says so as the cause."""
    burst = Episode(Side.NONE, 0.0, 1e9, 0.0, "agglomerate", 20.0)
    moved = zones(1, 6, -10)._replace(load_left=22.0, load_right=22.0, gap=270.0)
    rates = []
    for setpoints in (RECIPE, moved):
        line = coater(burst)
        made = run(line, 600, setpoints)
        rates.append(line.rate_per_m("agglomerate"))
        assert {m.cause for m in made if m.thing.defect == "agglomerate"} == {"burst", "background"}
    assert rates[0] == pytest.approx(rates[1]) == pytest.approx(20 * IN_CONTROL_PER_M["agglomerate"])


def test_random_causes_begin_and_are_told() -> None:
    """Episodes of chance arrive at their rate, last their mean, keep their range, and are told when they begin."""
    causes = RandomCauses(spur_per_h=30, mean_s=60)
    line = coater(disturbances=Disturbances(causes=causes), background={})
    began = [episode for _ in range(100_000) for episode in line.advance(0.1, RECIPE).began]
    cycle_m = 3600 / 30 + 60
    assert len(began) == pytest.approx(2 * 10_000 / cycle_m, rel=0.25)
    assert sum(e.to_mm - e.from_mm for e in began) / len(began) == pytest.approx(60_000, rel=0.25)
    assert all(1.28 <= e.deficit <= 1.52 for e in began)
    assert {e.side for e in began} == {Side.LEFT, Side.RIGHT}


def test_random_causes_are_the_same_in_every_arm() -> None:
    """What the loop does changes no hidden cause: a corrected line meets the episodes of its twin."""
    causes = RandomCauses(spur_per_h=30, crater_per_h=10, burst_per_h=10)
    arms = []
    for setpoints in (RECIPE, RECIPE._replace(load_left=21.0, load_right=21.0)):
        line = coater(disturbances=Disturbances(causes=causes))
        arms.append([episode for _ in range(20_000) for episode in line.advance(0.1, setpoints).began])
    assert arms[0] == arms[1] != []


def test_cause_tells_upset_from_background() -> None:
    """Of a raised rate the part that would be there anyway is background, and the rest is the episode's."""
    made = run(coater(Episode(Side.RIGHT, 0.0, 1e9, 1.5), background={}), 4000)
    right = Counter(m.cause for m in made if m.thing.side is Side.RIGHT)
    assert right["background"] == pytest.approx(40, abs=26)
    assert right["episode"] > 15 * right["background"]
    assert {m.cause for m in made if m.thing.side is Side.LEFT} == {"background"}


# Streaks and purge


def test_streak_stays_until_it_goes_or_is_purged() -> None:
    """Particles last 20-120 s on average; a purge frees between 60 and 80 % of those that hang there."""
    disturbances = Disturbances(slurry=STILL.slurry, persistent_streaks=True)
    hanging = freed = 0
    lengths = []
    for seed in range(12):
        line = coater(seed=seed, disturbances=disturbances, background={"streak": 0.1})
        lengths += [m.thing.length_mm for m in run(line, 600) if m.thing.defect == "streak"]
        hanging += line.lip.streaks(line.encoder_mm)
        step = line.advance(0.01, RECIPE._replace(purge=300.0))
        freed += len(step.cleared)
        assert all(thing.to_mm == pytest.approx(step.encoder_mm) for thing in step.cleared)
    assert 20_000 < sum(lengths) / len(lengths) < 120_000
    assert hanging > 40
    assert 0.5 < freed / hanging < 0.9


def test_purge_acts_once_per_rising_edge() -> None:
    """A request that stays in force is one purge; the next needs a fall and a rise."""
    line = coater(disturbances=Disturbances(persistent_streaks=True), background={"streak": 0.2})
    run(line, 300)
    purge = RECIPE._replace(purge=300.0)
    first = line.advance(0.1, purge).cleared
    assert first
    assert all(not line.advance(0.1, purge).cleared for _ in range(10))
    line.advance(0.1, RECIPE)
    assert line.advance(0.1, purge).cleared


def test_purge_leaves_a_ridge() -> None:
    """The blade lifts: for as long as asked the film is thicker, then it is as before."""
    line = coater()
    run(line, 1)
    line.advance(0.01, RECIPE._replace(purge=200.0))
    lifted = line.process.wet_um
    run(line, 0.5, step_s=0.01)
    assert lifted > 1.2 * line.process.wet_um
    assert line.process.wet_um == pytest.approx(129.9, abs=0.01)
