"""The loop closed over a virtual line: what becomes of real faults, sham moves and disturbed tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import msgspec
import pytest

from cellctl.loop.estimate.cusum import Run
from cellctl.model import Kind, PackMLState, Quality, TransactionState
from tests.unit.loop.builders import VERIFY, make_cell, make_loop
from tests.unit.loop.line import Line

S = TransactionState
RUNS = 60


def _verdicts(seeds: range, **options) -> Counter[TransactionState]:
    """Verdicts of the first correction of each run."""
    return Counter(Line(seed, **options).verdict().state for seed in seeds)


def _naive(run: Run, watch) -> float:
    return run.objects / run.metres if run.metres else watch.alarm


def test_a_persisting_fault_is_cured():
    """One step takes most of the deficit away; at least four of five corrections are EFFECTIVE."""
    found = _verdicts(range(RUNS), deficit=1.5)
    assert found[S.EFFECTIVE] >= 0.8 * RUNS


def test_a_disconnected_actuator_is_found_out():
    """A move that reaches the registers but not the blade is rolled back in most runs, rarely EFFECTIVE."""
    found = _verdicts(range(RUNS), deficit=1.5, connected=False)
    assert found[S.INEFFECTIVE_ROLLED_BACK] >= 0.85 * RUNS
    assert found[S.EFFECTIVE] <= 0.15 * RUNS


def test_a_naive_baseline_would_be_fooled():
    """Negative control: with the rate of the alarm run a sham move is EFFECTIVE in over a quarter of the runs."""
    found = _verdicts(range(RUNS), deficit=1.5, connected=False, baseline=_naive)
    assert found[S.EFFECTIVE] > 0.25 * RUNS


def test_not_waiting_for_the_dead_time_would_fail():
    """Negative control: counting material made before the move calls true cures ineffective."""
    options = {"deficit": 1.5, "camera_m": 40.0}
    waiting = _verdicts(range(RUNS), **options)
    hasty = _verdicts(range(RUNS), **options, waits=False)
    assert waiting[S.EFFECTIVE] >= 0.8 * RUNS
    assert hasty[S.EFFECTIVE] < 0.3 * RUNS


def test_the_way_of_an_effective_correction():
    """An EFFECTIVE correction passes every state once, keeps the move, and its record tells the story."""
    line = Line(1)
    record = line.verdict()
    assert line.states == [S.PROPOSED, S.GUARDED, S.WRITTEN, S.IN_FORCE, S.WAITING, S.VERIFYING, S.EFFECTIVE]
    assert line.in_force == 21.0
    assert record.in_force == record.proposed == 21.0
    assert record.old == 20.0
    assert set(record.times_ns) == {state.value for state in line.states}
    assert record.curve[0].metres == 0.0
    assert record.curve[-1].llr >= 2.944
    assert record.verify_from_mm > record.alarm_s_mm
    assert len(record.evidence) >= 4


def test_verified_material_was_made_after_the_move():
    """Verification begins only when material from verify_from_mm on has reached the camera."""
    line = Line(1, camera_m=20.0)
    record = line.verdict()
    first = next(record for record in line.records if record.state is S.VERIFYING)
    dead_time_s = (first.times_ns["VERIFYING"] - first.times_ns["IN_FORCE"]) / 1e9
    assert dead_time_s == pytest.approx(20.0, abs=0.6)
    assert record.curve[-1].metres < (line.encoder_mm - record.verify_from_mm) / 1000.0


def test_an_ineffective_move_is_taken_back():
    """After INEFFECTIVE_ROLLED_BACK the old value is in force, and one step and one roll-back were asked for."""
    line = Line(3, connected=False)
    record = line.verdict()
    assert record.state is S.INEFFECTIVE_ROLLED_BACK
    assert [proposal.kind for proposal in line.proposals] == [Kind.STEP, Kind.ROLLBACK]
    assert line.in_force == record.in_force == 20.0


def _after(state: TransactionState, act):
    """Act once, when the transaction has entered a state."""
    done: list[bool] = []

    def disturb(line: Line) -> None:
        if not done and line.records and line.records[-1].state is state:
            done.append(True)
            act(line)

    return disturb


def _set(**values: object) -> Callable[[Line], None]:
    def act(line: Line) -> None:
        for name, value in values.items():
            setattr(line, name, value)

    return act


@pytest.mark.parametrize("state", [S.WRITTEN, S.WAITING, S.VERIFYING])
def test_a_speed_change_confounds(state):
    """A web speed off by more than the tolerance takes the move back as CONFOUNDED."""
    line = Line(1, camera_m=5.0, disturb=_after(state, _set(speed=1.05)))
    record = line.verdict()
    assert record.state is S.CONFOUNDED
    assert "web speed changed from 1 to 1.05" in record.reason
    assert line.in_force == 20.0


def test_a_speed_within_the_tolerance_does_not_confound():
    """A speed off by less than the tolerance changes nothing."""
    line = Line(1, disturb=_after(S.WAITING, _set(speed=1.019)))
    assert line.verdict().state is S.EFFECTIVE


def test_bad_readings_confound():
    """A plant value that is no longer Good confounds; the roll-back stays the guard's business."""
    line = Line(1, disturb=_after(S.VERIFYING, _set(quality=Quality.BAD_COMMUNICATION)))
    record = line.verdict()
    assert record.state is S.CONFOUNDED
    assert "BAD_COMMUNICATION" in record.reason


def test_a_blind_camera_confounds():
    """Frames that cannot be judged are no sight of the web: the test is confounded and the move taken back."""
    line = Line(1, disturb=_after(S.WAITING, _set(judged=False)))
    record = line.verdict()
    assert record.state is S.CONFOUNDED
    assert "no judged frame for" in record.reason
    assert record.curve[-1].metres == 0.0
    assert line.in_force == 20.0


def test_uninspected_metres_do_not_count():
    """With one metre in four judged, the test counts only what was seen, and still ends."""
    line = Line(1, disturb=lambda line: _set(judged=not _verifying(line) or line.encoder_mm % 1000.0 == 0.0)(line))
    record = line.verdict()
    passed_m = (line.encoder_mm - line.camera_m * 1000.0 - record.verify_from_mm) / 1000.0
    assert record.curve[-1].metres == pytest.approx(passed_m / 4, abs=1.0)


def _verifying(line: Line) -> bool:
    return bool(line.records) and line.records[-1].state in {S.WAITING, S.VERIFYING}


def test_a_short_gap_of_judgement_only_delays():
    """Some uninspected metres inside the window cost time and do not confound."""
    line = Line(1, disturb=lambda line: _set(judged=line.encoder_mm % 2000.0 > 500.0)(line))
    record = line.verdict()
    assert record.state is S.EFFECTIVE
    assert record.curve[-1].metres < 0.9 * (line.encoder_mm - 1500.0 - record.verify_from_mm) / 1000.0


def test_an_operator_is_not_fought():
    """When somebody else moves the set-point, the verdict is CONFOUNDED and the value is left there."""
    line = Line(1, disturb=_after(S.VERIFYING, _set(in_force=20.5)))
    record = line.verdict()
    assert record.state is S.CONFOUNDED
    assert "somebody else moved the set-point to 20.5 kPa" in record.reason
    assert [proposal.kind for proposal in line.proposals] == [Kind.STEP]


def test_a_guard_that_never_answers():
    """Without a report in time the move is taken back and the verdict is UNDECIDED; nothing is assumed."""
    line = Line(1, silent_guard=True)
    record = line.verdict()
    assert record.state is S.UNDECIDED
    assert "no report of the guard in time (PROPOSED)" in record.reason
    assert [proposal.kind for proposal in line.proposals] == [Kind.STEP, Kind.ROLLBACK]


def test_leaving_execute_with_a_safe_state():
    """When the guard brings the set-points to the recipe, the loop adds no roll-back of its own."""
    line = Line(1, disturb=_after(S.VERIFYING, lambda line: line.enter(PackMLState.HELD, epoch=2, safe=True)))
    record = line.verdict()
    assert record.state is S.CONFOUNDED
    assert "safe state" in record.reason
    assert [proposal.kind for proposal in line.proposals] == [Kind.STEP]


def test_leaving_execute_without_a_safe_state():
    """A roll-back that cannot be executed now is owed, and paid in the next epoch."""
    line = Line(1, disturb=_after(S.VERIFYING, lambda line: line.enter(PackMLState.HELD, epoch=2)))
    line.run(200.0)
    assert line.records[-1].state is S.ROLLING_BACK
    line.enter(PackMLState.EXECUTE, epoch=2)
    record = line.verdict(20.0)
    assert record.state is S.CONFOUNDED
    assert line.proposals[-1].kind is Kind.ROLLBACK
    assert line.proposals[-1].epoch == 2
    assert line.in_force == 20.0


def test_verification_off():
    """With verification off the move is taken back at once, and nothing is claimed."""
    verify = msgspec.structs.replace(VERIFY, enabled=False)
    line = Line(1, cell=make_cell(make_loop(verify=verify)))
    record = line.verdict()
    assert record.state is S.UNDECIDED
    assert record.reason.startswith("verification is off")
    assert record.curve[-1].metres == 0.0
    assert line.in_force == 20.0


def test_failures_are_counted_per_episode():
    """After two failed corrections the loop waits for the end of the episode, and then acts again."""
    line = Line(3, connected=False, deficit=1.5)
    line.run(1200.0)
    failed = [record for record in line.records if record.state is S.INEFFECTIVE_ROLLED_BACK]
    assert len(failed) == 2
    assert line.controller.suspended
    assert [alarm.id for alarm in line.alarms if alarm.id.startswith("suspended")] == ["suspended.edge_spur.left"]
    line.deficit = 0.0
    while line.controller.suspended:
        line.step()
    assert line.controller.failures == 0
    before = len(line.proposals)
    line.run(20.0)
    assert len(line.proposals) == before
    line.deficit = 1.5
    line.run(200.0)
    assert len(line.proposals) > before


def test_a_loop_that_is_off_only_estimates():
    """Without authority nothing is proposed, recorded or raised, however high the rate."""
    line = Line(1, cell=make_cell(make_loop(authority="off")))
    line.run(500.0)
    assert line.proposals == []
    assert line.records == []
    assert line.alarms == []
