"""Plant values, conditions, obstacles, and the way back."""

from __future__ import annotations

from typing import Any

import pytest

from cellctl.clock import NS_PER_S
from cellctl.loop.diagnose.conditions import needed_tags
from cellctl.loop.diagnose.plant import PlantView
from cellctl.loop.diagnose.situation import Situation
from cellctl.loop.verify.rollback import ATTEMPTS, Rollback, Way
from cellctl.model import PackMLState, Quality, Side
from tests.unit.loop.builders import LEFT, make_cell, make_loop, make_reading, make_state


def _situation(**values: Any) -> Situation:
    situation = Situation(make_cell(make_loop(), make_loop(Side.RIGHT)))
    situation.state = make_state()
    situation.plant.update(make_reading(0, **values))
    return situation


@pytest.mark.parametrize("quality", list(Quality))
def test_only_good_values_are_usable(quality):
    """Uncertain and Bad values are named as the fault."""
    plant = PlantView(0.5)
    plant.update(make_reading(0, quality))
    assert (plant.fault((LEFT,), 0) == "") is quality.is_good


def test_old_and_missing_values_are_not_usable():
    """A value at the age limit is usable, an older one and an unknown one are not."""
    plant = PlantView(0.5)
    plant.update(make_reading(0))
    assert plant.fault((LEFT,), NS_PER_S // 2) == ""
    assert "stale" in plant.fault((LEFT,), NS_PER_S // 2 + 1)
    assert plant.fault(("plc.lot",), 0) == "plc.lot was never read"


@pytest.mark.parametrize(
    ("values", "obstacle"),
    [({}, ""), ({"splice": 1.0}, "a splice is passing"), ({"web_speed": 0.0}, "the web stands still")],
)
def test_obstacles_in_the_plant(values, obstacle):
    """A splice or a standing web keeps a loop from acting."""
    assert _situation(**values).obstacle(make_loop(), 0) == obstacle


def test_a_safe_state_is_not_execute():
    """A demand for the safe state keeps a loop from acting, even in Execute."""
    situation = _situation()
    situation.state = make_state(PackMLState.EXECUTE, safe=True)
    assert situation.obstacle(make_loop(), 0) == "the cell is not in Execute"


@pytest.mark.parametrize(
    ("claimed", "asking", "free"),
    [
        (Side.LEFT, Side.LEFT, False),
        (Side.LEFT, Side.RIGHT, True),
        (Side.NONE, Side.RIGHT, False),
        (Side.RIGHT, Side.NONE, False),
    ],
)
def test_one_action_per_edge(claimed, asking, free):
    """An outstanding action keeps its edge; one on the whole width keeps both."""
    situation = _situation()
    situation.claim("t-1", make_loop(claimed))
    assert (situation.obstacle(make_loop(asking), 0) == "") is free
    situation.release("t-1")
    assert situation.obstacle(make_loop(asking), 0) == ""


def test_needed_tags_leave_out_what_is_not_configured():
    """A web without a splice tag needs none."""
    cell = make_cell(splice="")
    assert needed_tags(cell.web, LEFT, ()) == ("plc.encoder_pos", "plc.web_speed", LEFT)


def test_a_roll_back_is_asked_for_three_times():
    """Each attempt waits its time; after the third without an answer it is given up."""
    situation = _situation()
    rollback = Rollback(make_loop(), situation, (20.0, 21.0), 1.0)
    ways = [rollback.check(round(0.6 * second * NS_PER_S)) for second in range(20)]
    assert ways.count(Way.ASK) == ATTEMPTS
    assert ways[-1] is Way.GIVE_UP
    assert rollback.failure == "no report of the guard in time"


def test_a_roll_back_waits_for_execute():
    """Outside Execute the roll-back stays owed and costs no attempt."""
    situation = _situation()
    situation.state = make_state(PackMLState.HELD)
    rollback = Rollback(make_loop(), situation, (20.0, 21.0), 1.0)
    assert {rollback.check(second * NS_PER_S) for second in range(20)} == {Way.WAIT}
    situation.state = make_state(epoch=2)
    assert rollback.check(20 * NS_PER_S) is Way.ASK


@pytest.mark.parametrize(
    ("in_force", "way"), [(20.0, Way.ASK), (20.6, Way.ASK), (21.0, Way.ASK), (21.2, Way.TAKEN_OVER)]
)
def test_a_value_we_did_not_set_is_left_alone(in_force, way):
    """A set-point outside old … target was put there by somebody else."""
    situation = _situation(blade_load_sp_left=in_force)
    assert Rollback(make_loop(), situation, (20.0, 21.0), 1.0).check(0) is way
