"""The whole coater: classes of defects, hidden causes, actuators, disturbances, sensors."""

from __future__ import annotations

import csv
import json
import math
from collections import Counter
from pathlib import Path

import pytest

from cellctl.errors import ConfigError
from cellctl.model.web import Side
from cellsim.journal import Truth
from cellsim.line import Line
from cellsim.plant import (
    CLASSES,
    DEFECT_NAMES,
    IN_CONTROL_PER_M,
    Coater,
    CoaterSettings,
    Disturbances,
    EdgeDam,
    Episode,
    Made,
    RandomCauses,
    Schedule,
    Setpoints,
    Slowdown,
    SlurryDisturbances,
)
from cellsim.plant.defects import Deviations
from cellsim.plant.film import rigid_gap_um, wet_film_um
from cellsim.plant.foil import Foil
from cellsim.plant.speed import SpeedPlan
from cellsim.plc import registers as reg
from cellsim.plc.image import inputs_of, setpoints_in_force
from cellsim.scenario import load_scenario

RECIPE = Setpoints.recipe()
EDGE = EdgeDam(normal_per_m=0.01, cap=25)
STILL = Disturbances(slurry=SlurryDisturbances(viscosity_sigma=0.0))


def coater(
    *episodes: Episode,
    seed: int = 1,
    disturbances: Disturbances = STILL,
    background: dict[str, float] | None = None,
    drying: bool = False,
) -> Coater:
    rates = IN_CONTROL_PER_M if background is None else background
    return Coater(
        CoaterSettings(seed, 1.0, EDGE, dict(rates), Schedule(episodes), disturbances=disturbances, drying=drying)
    )


def run(line: Coater, seconds: float, setpoints: Setpoints = RECIPE, step_s: float = 0.1) -> list[Made]:
    made: list[Made] = []
    for _ in range(round(seconds / step_s)):
        made.extend(line.advance(step_s, setpoints).made)
    return made


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


# Film


@pytest.mark.parametrize(("pressure", "micrometres"), [(2, 126.14), (5, 127.85), (10, 130.70)])
def test_rigid_gap(pressure: float, micrometres: float) -> None:
    """At a gap of 250 µm: 126.14, 127.85 and 130.70 µm at 2, 5 and 10 kPa."""
    assert rigid_gap_um(250.0, pressure) == pytest.approx(micrometres, abs=0.01)


def wet_film(gap: float, pressure: float, viscosity: float, speed: float) -> float:
    return wet_film_um(20, 20, gap_um=gap, pressure_kpa=pressure, viscosity_ratio=viscosity, speed_ratio=speed)


def test_film_follows_gap_pressure_viscosity_and_speed() -> None:
    """∂h/∂G = 0.53 µm/µm, ∂h/∂ΔP = 0.57 µm/kPa; viscosity and speed act with the exponent 0.35."""
    base = wet_film(250, 5, 1, 1)
    assert base == pytest.approx(129.9)
    assert wet_film(251, 5, 1, 1) - base == pytest.approx(0.53, abs=0.01)
    assert wet_film(250, 6, 1, 1) - base == pytest.approx(0.57, abs=0.01)
    assert wet_film(250, 5, 1.1, 1) / base == pytest.approx(1.1**0.35)
    assert wet_film(250, 5, 1, 1.1) / base == pytest.approx(1.1**0.35)


@pytest.mark.parametrize(
    ("setpoints", "sign"),
    [(RECIPE._replace(gap=255.0), 1), (RECIPE._replace(feed=5.0), 1), (RECIPE._replace(load_left=21.0), -1)],
)
def test_actuators_of_the_film(setpoints: Setpoints, sign: int) -> None:
    """More gap and more feed thicken the film at the gauge, more load thins it."""
    line = coater()
    run(line, 100, setpoints)
    assert sign * (line.gauge.true_g_m2 - 200.0) > 0.05


def test_disturbances_reach_the_film_only_where_they_are_switched_on() -> None:
    """The quiet line's film stands still although its viscosity wanders; every other disturbance moves it."""

    def spread(disturbances: Disturbances) -> float:
        line = coater(disturbances=disturbances, background={})
        true = []
        for _ in range(6000):
            line.advance(0.1, RECIPE)
            true.append(line.gauge.true_g_m2)
        return max(true) - min(true)

    assert spread(Disturbances()) < 1e-9
    assert spread(Disturbances(slurry=SlurryDisturbances(reaches_film=True))) > 0.5
    assert spread(Disturbances(slurry=SlurryDisturbances(0.0, reaches_film=True, solids_per_h=0.01))) > 0.3
    assert spread(Disturbances(pool_mm=20.0)) > 0.3
    assert spread(Disturbances(wear_um_per_m=0.01)) > 1.0
    assert spread(Disturbances(runout_um=20.0)) > 0.2
    assert spread(Disturbances(slowdown=Slowdown(400, 0.9, 60, 20))) > 4.0


def test_batches_change_viscosity() -> None:
    """A new batch steps the viscosity, mixed in the bank within seconds."""
    slurry = SlurryDisturbances(viscosity_sigma=0.0, batch_s=(100.0, 101.0), batch_viscosity=0.10)
    line = coater(disturbances=Disturbances(slurry=slurry))
    run(line, 99)
    assert line.process.slurry.deviation == 0.0
    run(line, 12)
    assert line.process.slurry.batch == 1
    assert abs(line.process.slurry.deviation) > 0.005


def test_foil_lots_fool_the_gauge_but_not_the_film() -> None:
    """A thicker foil shows in the gauge's reading and not in the film's true weight."""
    line = coater(disturbances=Disturbances(slurry=STILL.slurry, foil_lots=True, splice_m=(500.0, 600.0)))
    read = [line.sensors()["film_weight"] for _ in range(3000) if run(line, 1) is not None]
    assert line.gauge.true_g_m2 == pytest.approx(200.0)
    assert max(read) - min(read) > 4.0


# Speed, splices


def test_metres_are_the_integral_of_speed() -> None:
    """The plan's metres are what its speed adds up to, through ramps and over periods."""
    plan = SpeedPlan(1.0, Slowdown(every_s=100, to_m_s=0.4, hold_s=20, ramp_s=10))
    metres = 0.0
    for step in range(25_000):
        metres += plan.speed_m_s((step + 0.5) * 0.01) * 0.01
    assert plan.distance_mm(250.0) == pytest.approx(1000 * metres, rel=1e-6)
    assert {plan.speed_m_s(t) for t in (0, 50, 59)} == {1.0}
    assert plan.speed_m_s(80) == 0.4


def test_film_delay_is_metres_through_a_ramp() -> None:
    """A step of the blade reaches the gauge after 64.5 m also when the web slows down on the way."""
    line = coater(disturbances=Disturbances(slurry=STILL.slurry, slowdown=Slowdown(60, 0.999, 10, 5)))
    fast = coater()
    places = []
    for one in (line, fast):
        while one.gauge.true_g_m2 > 197:
            one.advance(0.1, RECIPE._replace(load_left=23.0, load_right=23.0))
        places.append(one.encoder_mm)
    assert places[0] == pytest.approx(places[1], abs=1000)


def test_live_line_refuses_a_changing_speed(tmp_path: Path) -> None:
    """The live camera is paced by the clock, so a scenario with slowdowns is refused with a clear error."""
    with pytest.raises(ConfigError, match="CELL-1071"):
        Line("coater", tmp_path)


def test_splices_change_the_lot_and_are_flagged() -> None:
    """Coils are as long as asked, each has a lot of its own, and the flag stands around the blade only."""
    foil = Foil(lots=True, coil_m=(100.0, 150.0), seed=3)
    lots = {foil.lot(s_mm) for s_mm in range(0, 1_000_000, 1000)}
    gaps = [b - a for a, b in zip(foil.splices_mm, foil.splices_mm[1:], strict=False)]
    assert all(100_000 <= gap <= 150_000 for gap in gaps)
    assert len(lots) >= 7
    splice = foil.splices_mm[2]
    assert [foil.splice_passes(splice + off) for off in (-600, -400, 0, 2900, 3100)] == [False, True, True, True, False]


# Sensors


def test_every_sensor_of_the_map_is_live() -> None:
    """All readable tags of the register map but the PLC's own have a reading, within the map's range; and no others."""
    own = {"plc_heartbeat", "seq_echo", "packml_state", "unit_mode", "alarm_bits", "accept_code"}
    tags = Path(__file__).parents[3] / "configs" / "coater_tags.csv"
    with tags.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["access"] == "r" and row["name"] not in own]
    line = Coater(load_scenario("coater").coater())
    run(line, 60)
    values = line.sensors()
    assert set(values) == set(reg.SENSORS) == {row["name"] for row in rows}
    for row in rows:
        sensor = reg.SENSORS[row["name"]]
        assert row["address"] == f"IR{sensor.register}"
        assert float(row["scale"]) == sensor.scale
        assert float(row["minimum"]) <= values[row["name"]] <= float(row["maximum"]), row["name"]


def test_asking_the_sensors_changes_nothing() -> None:
    """Reading more often neither draws noise nor moves the line."""
    asked, left_alone = coater(drying=True), coater(drying=True)
    for _ in range(300):
        asked.advance(0.1, RECIPE)
        asked.sensors()
        left_alone.advance(0.1, RECIPE)
    assert asked.sensors() == left_alone.sensors()


def test_sensors_show_the_recipe_on_a_quiet_line() -> None:
    """On the quiet line the readings stand near the recipe, and nothing alarms."""
    line = coater(drying=True)
    run(line, 30)
    values = line.sensors()
    assert values["residual_solvent"] == pytest.approx(1800, abs=200)
    assert values["zone_air_t_6"] == pytest.approx(120, abs=0.6)
    assert values["pool_level"] == pytest.approx(50)
    assert values["feed_pressure"] == pytest.approx(5)
    assert 10 < values["lel"] < 20
    assert line.process.alarms == (False, False, False)


def test_solvent_in_the_exhaust_raises_alarm_and_trip() -> None:
    """With the fans at 30 % the exhaust holds over a quarter of the limit; with a stuck damper over a half."""
    line = coater(drying=True)
    run(line, 90, RECIPE._replace(zone_fan=(30.0,) * 10))
    assert line.process.alarms[:2] == (True, False)
    line = coater(drying=True, disturbances=Disturbances(exhaust=0.25))
    run(line, 60)
    assert line.process.alarms[:2] == (True, True)


def test_coater_scenario_has_everything_on() -> None:
    """The shipped scenario switches every disturbance on and gives every class a rate."""
    settings = load_scenario("coater").coater()
    off = Disturbances()
    on = settings.disturbances
    for name in ("causes", "pool_mm", "runout_um", "ripple", "wear_um_per_m", "worn_um", "splice_m", "slowdown"):
        assert getattr(on, name) != getattr(off, name), name
    assert on.foil_lots
    assert on.persistent_streaks
    assert on.slurry.reaches_film
    assert all(settings.background_per_m[name] > 0 for name in IN_CONTROL_PER_M)


# Files and registers


def test_truth_tells_causes_and_cleared_streaks(tmp_path: Path) -> None:
    """A cause is written when it begins, with its rate at the recipe; a purged streak with its real length."""
    line = coater(disturbances=Disturbances(persistent_streaks=True), background={"crater": 0.001, "streak": 0.2})
    truth = Truth(tmp_path / "truth.jsonl", line.settings)
    run(line, 120)
    truth.begin(Episode(Side.NONE, 5.0, 2e9, 1.4, "crater"))
    cleared = line.advance(0.01, RECIPE._replace(purge=300.0)).cleared
    truth.clear(cleared[0])
    truth.close()
    episode, streak = map(json.loads, (tmp_path / "truth.jsonl").read_text(encoding="utf-8").splitlines())
    assert (episode["record"], episode["defect"], episode["to_mm"]) == ("episode", "crater", None)
    assert episode["rate_per_m"] == pytest.approx(0.001 * math.exp(1.4 * 1.4 * 1.4))
    assert streak["record"] == "cleared"
    assert streak["to_mm"] == pytest.approx(120_100, abs=100)


def test_registers_in_force_become_the_recipe_exactly() -> None:
    """The PLC's recipe comes out as the recipe's set-points to the last bit, so that nothing moves by rounding."""
    in_force = {register: float(clamp.recipe) for register, clamp in reg.CLAMPS.items()}
    assert setpoints_in_force(in_force) == RECIPE


def test_readings_become_registers() -> None:
    """The PLC shows every reading in its register's units, 32 bit values in two words."""
    line = coater(drying=True)
    run(line, 30)
    values, inputs = line.sensors(), inputs_of(line)
    shown = dict(inputs.others)
    assert inputs.film_weight == round(values["film_weight"] * 100)
    assert inputs.encoder_mm == 30_000
    assert shown[reg.IR_WEB_TEMPERATURE + 5] == round(values["web_t_6"] * 10)
    assert shown[reg.IR_RESIDUAL] == round(values["residual_solvent"] / 10)
    assert (shown[reg.IR_FOIL_LOT] << 16) + shown[reg.IR_FOIL_LOT + 1] == int(values["foil_lot"])
    assert inputs.alarms == 0
