"""A restarted loop pays what it owes: no unproven move stays because its process was lost."""

from __future__ import annotations

import pytest

from cellctl.config.resolved import Release
from cellctl.loop.verify.restore import owed
from cellctl.model import Correction, Kind, PackMLState, Priority, TransactionState
from tests.unit.loop.builders import make_cell, make_loop
from tests.unit.loop.line import Line
from tests.unit.loop.test_release import way_back

S = TransactionState
RELEASE = Release(enabled=True, after_m=100.0, watch_m=80.0, longest_m=800.0)
LOOP = make_loop(release=RELEASE)


def make_line(seed: int = 1, **options) -> Line:
    """A line with some way to its camera, so that every state lasts a while."""
    return Line(seed, cell=make_cell(LOOP, safe_state="hold"), camera_m=5.0, **{"deficit": 1.5, **options})


def reach(line: Line, state: TransactionState) -> Correction:
    """Run until a correction is in that state."""
    for _ in range(20_000):
        line.step()
        if line.records and line.records[-1].state is state:
            return line.records[-1]
    raise AssertionError(f"never {state}")


def restart(line: Line, *, remembers: bool = True) -> None:
    """Lose the loop, and come back to Execute in a new epoch."""
    line.restart(remembers=remembers)
    line.step()
    line.enter(PackMLState.EXECUTE, epoch=2)


def fault_ends(line: Line) -> None:
    """The fault goes by itself as soon as the test counts."""
    if line.records and line.records[-1].state is S.VERIFYING:
        line.deficit = 0.0


@pytest.mark.parametrize("state", [S.WRITTEN, S.WAITING, S.VERIFYING])
def test_an_unproven_move_goes_back(state):
    """Without a verdict the move is taken back in the next epoch, and the same transaction ends CONFOUNDED."""
    line = make_line()
    before = reach(line, state)
    line.restart()
    assert line.records[-1].state is S.ROLLING_BACK
    assert "the loop was restarted" in line.records[-1].reason
    line.enter(PackMLState.EXECUTE, epoch=2)
    record = line.verdict(30.0)
    assert record.transaction == before.transaction
    assert record.state is S.CONFOUNDED
    assert line.proposals[-1].kind is Kind.ROLLBACK
    assert line.proposals[-1].epoch == 2
    assert line.in_force == 20.0


@pytest.mark.parametrize("state", [S.WRITTEN, S.WAITING, S.VERIFYING])
def test_a_loop_that_forgets_would_leave_it(state):
    """Negative control: without its records the restarted loop leaves the move in force and without a verdict."""
    line = make_line()
    before = reach(line, state)
    line.deficit = 0.0
    restart(line, remembers=False)
    line.run(300.0)
    assert line.in_force == 21.0
    assert [it.state for it in line.records if it.transaction == before.transaction][-1] is state


def test_the_story_goes_on():
    """The record keeps its times, values and test across the restart."""
    line = make_line()
    before = reach(line, S.VERIFYING)
    restart(line)
    record = line.verdict(30.0)
    assert before.times_ns.items() <= record.times_ns.items()
    assert record.verify_from_mm == before.verify_from_mm
    assert record.evidence == before.evidence
    assert (record.old, record.proposed, record.baseline_per_m) == (20.0, 21.0, before.baseline_per_m)


def test_an_interrupted_way_back_keeps_its_verdict():
    """A test that had decided against the move is not forgotten: the set-point goes back, INEFFECTIVE."""
    line = make_line(3, connected=False, lose=lambda proposal: proposal.kind is Kind.ROLLBACK)
    reach(line, S.ROLLING_BACK)
    line.lose = lambda _proposal: False
    line.restart()
    line.enter(PackMLState.EXECUTE, epoch=2)
    record = line.verdict(30.0)
    assert record.state is S.INEFFECTIVE_ROLLED_BACK
    assert line.in_force == record.in_force == 20.0


def test_a_cell_that_ended_meanwhile_leaves_it_to_a_person():
    """When the restarted loop finds the cell stopped and the safe state is `hold`, the move is left, and it says so."""
    line = make_line()
    reach(line, S.VERIFYING)
    line.restart()
    line.enter(PackMLState.STOPPED, epoch=2)
    assert line.records[-1].state is S.CONFOUNDED
    assert "left at 21 kPa" in line.records[-1].reason
    assert line.alarms[-1].priority is Priority.HIGH


def test_a_held_correction_is_still_released():
    """EFFECTIVE and held: the stretch begins anew, and the release comes."""
    line = make_line(disturb=fault_ends)
    effective = line.verdict()
    line.run(60.0)
    restart(line)
    at_mm = line.encoder_mm
    released = reach(line, S.RELEASING)
    assert released.transaction == effective.transaction
    assert (line.encoder_mm - at_mm) / 1000.0 == pytest.approx(100.0, abs=2.0)
    assert way_back(reach(line, S.RESTORED)).judged
    assert line.in_force == 20.0


def test_a_loop_that_forgets_would_never_release():
    """Negative control: without its records the set-point stays off the recipe."""
    line = make_line(disturb=fault_ends)
    line.verdict()
    line.run(60.0)
    restart(line, remembers=False)
    line.run(500.0)
    assert line.in_force == 21.0


def test_a_watch_that_nobody_watched_is_spoilt():
    """Restarted while the released material was watched: RESTORED, and not judged, though the fault comes back."""
    line = make_line()
    reach(line, S.RELEASING)
    line.run(4.0)
    assert way_back(line.records[-1]).from_mm > 0.0
    line.restart()
    record = line.records[-1]
    assert record.state is S.RESTORED
    assert not way_back(record).judged
    assert "the loop was restarted" in record.reason


def test_a_release_on_its_way_is_finished():
    """Restarted before the release was confirmed: it is asked for again, and its watch says nothing."""
    losing = [True]
    line = make_line(disturb=fault_ends, lose=lambda proposal: losing[0] and proposal.kind is Kind.RELEASE)
    reach(line, S.RELEASING)
    losing[0] = False
    restart(line)
    record = reach(line, S.RESTORED)
    assert not way_back(record).judged
    assert line.in_force == 20.0


def test_names_go_on():
    """A new correction after the restart does not take the name of an old one."""
    line = make_line()
    reach(line, S.VERIFYING)
    restart(line)
    line.verdict(30.0)
    number = len({it.transaction for it in line.records})
    reach(line, S.EFFECTIVE)
    assert line.records[-1].transaction == f"edge_spur-left-{number + 1}"


def test_a_set_point_that_others_moved_meanwhile_is_left():
    """When the set-point stands elsewhere after the restart, the held correction is over and nothing is moved."""
    line = make_line(disturb=fault_ends)
    line.verdict()
    line.run(20.0)
    line.in_force = 20.4
    restart(line)
    line.run(400.0)
    assert line.in_force == 20.4
    assert "not released" in line.records[-1].reason


def test_the_stretch_is_remembered():
    """A return doubles it, also for a loop that was restarted after it; a release without one brings it back."""
    line = make_line()
    reach(line, S.PROVEN)
    config = line.situation.config_hash
    assert owed(line.records, LOOP, config).hold_m == 200.0
    line.deficit = 0.0
    reach(line, S.RESTORED)
    assert owed(line.records, LOOP, config).hold_m == 100.0


def test_records_of_others_are_not_owed():
    """Another loop's corrections, and those made with another configuration, are not this loop's debt."""
    line = make_line()
    reach(line, S.VERIFYING)
    assert owed(line.records, LOOP, line.situation.config_hash).unfinished
    assert not owed(line.records, LOOP, "another").unfinished
    assert not owed(line.records, make_loop(name="other"), line.situation.config_hash).unfinished
