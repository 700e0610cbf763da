"""The coater's process: film, disturbances, speed and splices, sensors, files and registers."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import pytest

from cellctl.errors import ConfigError
from cellctl.model.web import Side
from cellsim.journal import Truth
from cellsim.line import Line
from cellsim.plant import (
    IN_CONTROL_PER_M,
    Coater,
    Disturbances,
    Episode,
    Setpoints,
    Slowdown,
    SlurryDisturbances,
)
from cellsim.plant.film import rigid_gap_um, wet_film_um
from cellsim.plant.foil import Foil
from cellsim.plant.speed import SpeedPlan
from cellsim.plc import registers as reg
from cellsim.plc.image import inputs_of, setpoints_in_force
from cellsim.scenario import load_scenario
from tests.unit.cellsim.plant_line import RECIPE, STILL, coater, run

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
