"""The coating line on the host's clock: PLC semantics, sham, and two arms that see the same web."""

from pathlib import Path

import pytest

from cellctl.clock import NS_PER_MS, NS_PER_S
from cellctl.errors import ConfigError
from cellctl.runtime.loading import load_cell
from cellctl.sdk.world import World
from cellsim.world import CoaterWorld, CoaterWorldSettings

CONFIG = Path(__file__).resolve().parents[4] / "configs" / "coater.yaml"
START = NS_PER_S


@pytest.fixture(scope="module")
def cell():
    """The cell that ships."""
    return load_cell(CONFIG, simulated=True)


def world_of(cell, **settings):
    """A line that has just started."""
    world = CoaterWorld(CoaterWorldSettings(**({"scenario": "demo"} | settings)), cell)
    world.open(START, None)
    return world


def at(seconds):
    """A time since the start of the web."""
    return START + round(seconds * NS_PER_S)


def block(world, now_ns, **changes):
    """The set-points in force with some of them changed."""
    shown = world.read("plc", now_ns)
    names = ("blade_load_sp_left", "blade_load_sp_right")
    return {name: shown[name] for name in names} | changes


def test_it_is_a_world(cell):
    """It has everything that the host asks for."""
    assert isinstance(world_of(cell), World)


def test_a_command_is_judged_at_the_next_scan_and_not_before(cell):
    """Echo and value in force change together, at the next multiple of 10 ms."""
    world = world_of(cell)
    now_ns = at(5.003)
    judged_ns = world.write("plc", 7, block(world, now_ns, blade_load_sp_left=20.2), now_ns)
    assert judged_ns == at(5.010)
    before, after = world.read("plc", judged_ns - 1), world.read("plc", judged_ns)
    assert (before["seq_echo"], before["blade_load_sp_left"]) == (0.0, 20.0)
    assert (after["seq_echo"], after["accept_code"], after["blade_load_sp_left"]) == (7.0, 0.0, 20.2)


@pytest.mark.parametrize(("value", "code"), [(26.0, 2.0), (21.0, 4.0)])
def test_the_plc_refuses_what_its_own_tables_forbid(cell, value, code):
    """Outside the clamp: 2; too fast: 4. What is in force stays."""
    world = world_of(cell)
    judged_ns = world.write("plc", 1, block(world, at(5), blade_load_sp_left=value), at(5))
    shown = world.read("plc", judged_ns)
    assert (shown["seq_echo"], shown["accept_code"], shown["blade_load_sp_left"]) == (1.0, code, 20.0)


@pytest.mark.parametrize("sham", [False, True])
def test_a_sham_shows_the_set_point_and_leaves_the_plant_alone(cell, sham):
    """Both show the value in force; only the honest line's blade follows it."""
    world = world_of(cell, sham=sham)
    world.write("plc", 1, block(world, at(5), blade_load_sp_left=20.4), at(5))
    shown = world.read("plc", at(8))
    assert shown["blade_load_sp_left"] == 20.4
    assert world.coater.process.load_left.value == pytest.approx(20.0 if sham else 20.4, abs=0.01)


def test_blocks_come_when_their_last_line_is_exposed(cell):
    """39 in the first second at 1 m/s, each one block of material further."""
    world, seen = world_of(cell), []
    while world.next_ns() <= at(1.0):
        now_ns = world.next_ns()
        seen += [(now_ns, found.span.to_mm) for _, found in world.look(now_ns)]
    assert len(seen) == 39
    assert seen[0] == (START + 25_600_000, pytest.approx(25.6 - 1500.0))
    assert seen[1][0] - seen[0][0] == pytest.approx(25.6 * NS_PER_MS, abs=2)


def test_reading_more_often_changes_nothing_that_happens(cell):
    """The true objects are the same whether the host polls a hundred times a second or once."""
    often, seldom = world_of(cell), world_of(cell)
    for tick in range(1, 4000):
        often.read("plc", at(tick * 0.01))
    seldom.read("plc", at(39.99))
    assert [made.thing for made in often.objects] == [made.thing for made in seldom.objects] != []


def test_the_truth_is_written_where_the_run_is_kept(cell, tmp_path):
    """One record per object; with nothing kept, there is no file."""
    world = CoaterWorld(CoaterWorldSettings(scenario="demo"), cell)
    world.open(START, tmp_path)
    world.read("plc", at(30.0))
    world.close()
    lines = (tmp_path / "truth.jsonl").read_text().splitlines()
    assert sum('"record": "object"' in line for line in lines) == len(world.objects) > 0


def test_a_scenario_with_faults_is_refused(cell):
    """Faults of PLC and camera are not shown in virtual time, so nobody may believe they were."""
    with pytest.raises(ConfigError, match="CELL-1084"):
        CoaterWorld(CoaterWorldSettings(scenario="faults"), cell)
