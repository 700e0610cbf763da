"""A set-point left for a person: what was said of it stands until it is settled, and no episode's end settles it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cellctl.config.resolved import ResolvedCell
from cellctl.model import Correction, Instruction, Order, PackMLState, Stamp, TransactionState, WritePhase
from tests.unit.loop.bench import Bench
from tests.unit.loop.builders import STREAK, VERIFY, make_cell, make_loop
from tests.unit.loop.line import Line
from tests.unit.loop.test_gauges import Film, make_gauged
from tests.unit.loop.test_release import RELEASE, until

S = TransactionState
SHORT = msgspec.structs.replace(VERIFY, truncate=0.2)
"""7 m at 0.2 /m: too short for an answer, whatever is seen."""


def _cell(**changes: Any) -> ResolvedCell:
    return make_cell(make_loop(**({"verify": SHORT} | changes)))


def _alarms(line: Line, kind: str) -> list[bool]:
    return [alarm.active for alarm in line.alarms if alarm.id == f"{kind}.edge_spur.left"]


def _held() -> Line:
    """A line whose first correction is undecided and stays, and whose fault has ended long ago."""
    line = Line(1, deficit=1.5, cell=_cell())
    assert line.verdict().state is S.UNDECIDED
    line.deficit = 0.0
    line.run(300.0)
    assert line.in_force == 21.0
    return line


def test_the_end_of_the_episode_does_not_settle_a_held_set_point():
    """300 m later the loop is no longer suspended, and the alarm that a person has to decide still stands."""
    line = _held()
    assert _alarms(line, "suspended")[-1] is False
    assert _alarms(line, "correction") == [True]


def test_back_at_the_recipe_it_is_settled():
    """The alarm returns to normal when the plant shows the set-point where it was before."""
    line = _held()
    line.in_force = 20.0
    line.run(1.0)
    assert _alarms(line, "correction") == [True, False]


def test_handed_back_it_is_settled():
    """A person who lets it stand says so with a hand-back."""
    line = _held()
    line.controller.instruct(
        Instruction(stamp=Stamp(line.now_ns), order=Order.HAND_BACK, subject="edge_spur", by="ann"), line.now_ns
    )
    line.run(1.0)
    assert _alarms(line, "correction") == [True, False]


def test_a_set_point_that_went_back_is_forgotten_with_the_episode():
    """Negative control: of a correction that was rolled back nothing stands after the episode."""
    line = Line(1, deficit=1.8, connected=False)
    assert line.verdict().state is S.INEFFECTIVE_ROLLED_BACK
    line.deficit = 0.0
    line.run(300.0)
    assert _alarms(line, "correction")[-1] is False


def test_the_next_correction_does_not_hide_it():
    """A later correction adds to what stands; when it is over, the alarm tells of the held set-point again."""
    line = _held()
    line.controller.loop = make_loop()
    line.deficit = 2.6
    until(line, S.PROPOSED)
    assert line.verdict().transaction == "edge_spur-left-2"
    line.deficit = 0.0
    line.run(300.0)
    assert _alarms(line, "correction")[-1] is True
    assert [it.text for it in line.alarms if it.id == "correction.edge_spur.left"][-1].startswith("edge_spur-left-1 ")


def test_corrections_below_an_undecided_one_say_so():
    """What lies below a correction that stays undecided cannot be released: its record names the reason."""
    line = Line(1, deficit=1.4, cell=make_cell(make_loop(release=RELEASE)))
    first = line.verdict()
    assert first.state is S.EFFECTIVE
    line.controller.loop = make_loop(release=RELEASE, verify=SHORT)
    line.deficit = 2.6
    assert until(line, S.UNDECIDED).transaction == "edge_spur-left-2"
    line.run(10.0)
    last = [record for record in line.records if record.transaction == first.transaction][-1]
    assert "not released: edge_spur-left-2 stays on top of it" in last.reason


def test_a_protected_class_that_got_worse_takes_an_undecided_move_back():
    """A test without an answer leaves the move in place only if nothing protected got worse."""
    states = {}
    for streaks in (0, 3):
        bench = Bench(_cell(protect=(STREAK,)))
        bench.clean(100.0)
        proposal = bench.alarm()
        bench.move(proposal)
        for _ in range(streaks):
            bench.look(bench.spur(defect=STREAK))
        bench.clean(10.0)
        states[streaks] = bench.corrections[-1]
        bench.harness.close()
    assert states[0].state is S.UNDECIDED
    assert states[3].state is S.ROLLING_BACK
    assert "protected class got worse: streak; 0 events" in states[3].reason


@pytest.mark.parametrize(("gain", "state"), [(-5.0, S.INEFFECTIVE_ROLLED_BACK), (-1.0, S.UNDECIDED)])
def test_a_protected_value_that_moved_takes_an_undecided_move_back(gain, state):
    """After 124 m without an answer the gauge has shown the move: 5 g/m² are too much, 1 g/m² is not."""
    endless = msgspec.structs.replace(VERIFY, risk=1e-9, truncate=0.5)
    cell = make_gauged()
    cell = msgspec.structs.replace(cell, loops=(msgspec.structs.replace(cell.loops[0], verify=endless),))
    line = Line(1, deficit=0.0, cell=cell, gauges=Film(gain=gain))
    line.run(100.0)
    line.deficit = 1.5
    record: Correction = line.verdict()
    assert record.state is state
    assert ("protected characteristic moved: film_weight" in record.reason) is (state is not S.UNDECIDED)
    assert record.protected_values["film_weight"].length_m >= 25.0


def test_a_way_back_that_is_not_known_stands_until_the_plant_shows_it():
    """UNDECIDED with an unknown set-point keeps its high alarm through quiet web, until 20 kPa is in force again."""
    bench = Bench(make_cell())
    proposal = bench.alarm()
    for phase in (WritePhase.DECIDED, WritePhase.FIRST_INCREMENT):
        bench.answer(proposal, phase)
    bench.plant["blade_load_sp_left"] = 20.5
    bench.plant["web_speed"] = 0.9
    bench.look()
    assert bench.states[-1] is S.ROLLING_BACK
    bench.clean(60.0)
    assert bench.states[-1] is S.UNDECIDED
    bench.clean(120.0)
    assert bench.alarms("correction.edge_spur.left")[-1] is True
    bench.plant["blade_load_sp_left"] = 20.0
    bench.look()
    assert bench.alarms("correction.edge_spur.left")[-1] is False
    bench.harness.close()


@pytest.mark.parametrize("stays", [True, False])
def test_a_restart_does_not_settle_it(stays):
    """A loop that is started again tells of the held set-point again, until it is back at the recipe."""
    line = _held()
    before = len(line.alarms)
    line.restart()
    line.enter(PackMLState.EXECUTE, epoch=2)
    line.in_force = 21.0 if stays else 20.0
    line.run(10.0)
    told = [alarm.active for alarm in line.alarms[before:] if alarm.id == "correction.edge_spur.left"]
    assert told == ([True] if stays else [True, False])
