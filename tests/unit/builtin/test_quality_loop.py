"""The deciding plugin in its harness: from inspections to proposals, verdicts, alarms and reports."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from cellctl.model import Kind, Outcome, PackMLState, Quality, Side, TransactionState, WritePhase
from tests.unit.loop.bench import Bench
from tests.unit.loop.builders import (
    AGGLOMERATE,
    RIGHT,
    STREAK,
    VERIFY,
    WATCH,
    answer,
    make_cell,
    make_loop,
    make_object,
    make_state,
)

S = TransactionState


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench(make_cell(make_loop(), make_loop(Side.RIGHT)))
    yield made
    made.harness.close()


def test_from_objects_to_effective(bench: Bench):
    """Four spurs raise one proposal; in force and clean metres later the correction is EFFECTIVE."""
    proposal = bench.alarm()
    assert (proposal.kind, proposal.target, proposal.unit) == (Kind.STEP, 21.0, "kPa")
    bench.move(proposal)
    bench.clean(25.0)
    assert bench.states == [S.PROPOSED, S.GUARDED, S.WRITTEN, S.IN_FORCE, S.WAITING, S.VERIFYING, S.EFFECTIVE]
    assert bench.corrections[-1].registers == ("00", "00")
    assert bench.corrections[-1].config == bench.harness.cell.hash


def test_a_proposal_carries_the_deciding_block(bench: Bench):
    """Exposure, epoch and the weakest confidence travel with the proposal."""
    bench.look(bench.spur(confidence=0.86))
    proposal = bench.alarm() if not bench.proposals else bench.proposals[0]
    deciding = bench.corrections[0]
    assert proposal.confidence == 0.86
    assert proposal.epoch == 1
    assert proposal.exposure_ns == deciding.exposure_ns > 0
    assert deciding.alarm_s_mm == deciding.evidence[-1].s_mm


def test_objects_that_go_on_roll_it_back(bench: Bench):
    """Spurs that keep coming after the move are INEFFECTIVE, and the old value is confirmed in force."""
    bench.move(bench.alarm())
    for _ in range(4):
        bench.look(bench.spur())
    rollback = bench.proposals[-1]
    assert (rollback.kind, rollback.target) == (Kind.ROLLBACK, 20.0)
    assert bench.states[-1] is S.ROLLING_BACK
    bench.move(rollback)
    assert bench.states[-1] is S.INEFFECTIVE_ROLLED_BACK
    assert bench.corrections[-1].in_force == 20.0
    assert bench.alarms("correction.edge_spur.left") == [True]


def test_material_made_before_the_move_does_not_count(bench: Bench):
    """Spurs on material from before verify_from_mm change nothing, however many there are."""
    proposal = bench.alarm()
    bench.answer(proposal, WritePhase.DECIDED)
    bench.answer(proposal, WritePhase.FIRST_INCREMENT)
    bench.answer(proposal, WritePhase.TARGET, encoder_mm=bench.s_mm + 10_000.0)
    bench.plant["blade_load_sp_left"] = 21.0
    for _ in range(39):
        bench.look(bench.spur())
    assert bench.states[-1] is S.WAITING
    bench.look(bench.spur())
    bench.look()
    assert bench.states[-1] is S.VERIFYING
    assert bench.corrections[-1].curve[-1].events == 0


def test_objects_on_older_material_do_not_count_even_if_they_close_late(bench: Bench):
    """Objects that lie before verify_from_mm but are reported while verifying change neither test."""
    bench.clean(40.0)
    bench.move(bench.alarm())
    start_mm = bench.s_mm
    bench.look()
    for number in range(1, 6):
        old = make_object(start_mm - 100.0, number)
        bench.look(old, make_object(start_mm - 50.0, number + 10, defect=STREAK))
    bench.clean(25.0)
    assert bench.states[-1] is S.EFFECTIVE
    assert bench.corrections[-1].curve[-1].events == 0
    assert bench.corrections[-1].protected[STREAK][2] == 0


def test_a_protected_class_that_got_worse_rolls_back(bench: Bench):
    """Spurs gone but streaks come: the correction is not EFFECTIVE, and the reason names the class."""
    bench.clean(40.0)
    bench.move(bench.alarm())
    for _ in range(3):
        bench.look(bench.spur(defect=STREAK))
    bench.clean(25.0)
    assert bench.states[-1] is S.ROLLING_BACK
    bench.move(bench.proposals[-1])
    assert bench.states[-1] is S.INEFFECTIVE_ROLLED_BACK
    assert "protected class got worse: streak" in bench.corrections[-1].reason
    assert bench.corrections[-1].protected[STREAK][2] == 3


def test_a_protected_class_on_the_other_edge_is_not_this_moves_doing(bench: Bench):
    """Streaks on the right edge do not speak against a correction on the left; their count stays zero."""
    bench.clean(40.0)
    bench.move(bench.alarm())
    bench.look()
    for _ in range(5):
        bench.look(bench.spur(defect=STREAK, side=Side.RIGHT))
    bench.clean(25.0)
    assert bench.states[-1] is S.EFFECTIVE
    assert bench.corrections[-1].protected[STREAK][2] == 0


def test_a_refusal_is_the_verdict(bench: Bench):
    """A refused proposal ends REFUSED with the guard's reason; nothing is rolled back."""
    bench.answer(bench.alarm(), WritePhase.DECIDED, outcome=Outcome.REFUSED, reason="drift: too far")
    assert bench.states == [S.PROPOSED, S.REFUSED]
    assert bench.corrections[-1].reason == "drift: too far"
    assert len(bench.proposals) == 1


@pytest.mark.parametrize("phase", list(WritePhase))
def test_an_unknown_outcome_is_never_assumed(bench: Bench, phase: WritePhase):
    """UNKNOWN at any moment takes the move back, and the verdict is UNDECIDED."""
    proposal = bench.alarm()
    for earlier in list(WritePhase)[: list(WritePhase).index(phase)]:
        bench.answer(proposal, earlier)
    bench.answer(proposal, phase, outcome=Outcome.UNKNOWN, reason="no echo")
    assert bench.proposals[-1].kind is Kind.ROLLBACK
    bench.move(bench.proposals[-1])
    assert bench.states[-1] is S.UNDECIDED
    assert "no echo" in bench.corrections[-1].reason


def test_missing_reports_are_noticed_by_the_timer(bench: Bench):
    """Without any report, inspections going on, the timer takes the move back after the time limit."""
    bench.alarm()
    bench.clean(3.0)
    assert bench.states[-1] is S.ROLLING_BACK
    assert "no report of the guard in time" in bench.corrections[-1].reason


def test_a_roll_back_nobody_confirms(bench: Bench):
    """After three unanswered roll-backs the verdict is UNDECIDED, and an alarm says the set-point is not known."""
    bench.alarm()
    bench.clean(60.0)
    assert [proposal.kind for proposal in bench.proposals] == [Kind.STEP] + [Kind.ROLLBACK] * 3
    assert bench.states[-1] is S.UNDECIDED
    assert "the set-point is not known" in bench.corrections[-1].reason
    assert bench.alarms("correction.edge_spur.left")[0] is True


def test_a_silent_camera_confounds(bench: Bench):
    """No inspection for a second while verifying ends the test as CONFOUNDED."""
    bench.move(bench.alarm())
    bench.clean(2.0)
    for _ in range(5):
        bench.harness.clock.advance(0.3)
        bench.read()
        bench.harness.tick()
    assert bench.states[-1] is S.ROLLING_BACK
    assert "no judged frame for" in bench.corrections[-1].reason
    bench.move(bench.proposals[-1])
    assert bench.states[-1] is S.CONFOUNDED


def test_a_blind_camera_confounds(bench: Bench):
    """Inspections that judge nothing for a second are no sight of the web; a shorter stretch only delays."""
    bench.move(bench.alarm())
    bench.clean(2.0)
    for _ in range(4):
        bench.look(ok=False)
    assert bench.states[-1] is S.VERIFYING
    bench.look(ok=False)
    assert bench.states[-1] is S.ROLLING_BACK
    assert "no judged frame for 1.2 s" in bench.corrections[-1].reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"splice": 1.0}, "a splice passed"), ({"web_speed": 0.9}, "web speed changed from 1 to 0.9")],
)
def test_broken_conditions_confound(bench: Bench, change: dict[str, float], reason: str):
    """A splice or a speed change in the window confounds and takes the move back."""
    bench.move(bench.alarm())
    bench.plant |= change
    bench.look()
    assert bench.proposals[-1].kind is Kind.ROLLBACK
    bench.move(bench.proposals[-1])
    assert bench.states[-1] is S.CONFOUNDED
    assert reason in bench.corrections[-1].reason


def test_a_change_of_lot_confounds():
    """A tag named in `constant` that changes in the window confounds."""
    bench = Bench(make_cell(), {"constant": ["plc.lot"]})
    bench.plant["lot"] = 17.0
    bench.move(bench.alarm())
    bench.plant["lot"] = 18.0
    bench.look()
    assert "plc.lot changed from 17 to 18" in bench.corrections[-1].reason
    bench.harness.close()


def test_stale_readings_keep_the_loop_from_acting(bench: Bench):
    """Values that are not Good lead to no proposal; when they are Good again, the next object acts."""
    bench.quality = Quality.UNCERTAIN_LAST_USABLE
    for _ in range(6):
        bench.look(bench.spur())
    assert bench.proposals == []
    assert bench.alarms("blocked.edge_spur.left") == [True]
    bench.quality = Quality.GOOD
    bench.look(bench.spur())
    assert len(bench.proposals) == 1
    assert bench.alarms("blocked.edge_spur.left") == [True, False]


@pytest.mark.parametrize("state", [state for state in PackMLState if state is not PackMLState.EXECUTE])
def test_only_execute_acts(bench: Bench, state: PackMLState):
    """In every other state of PackML the loop neither counts nor acts."""
    bench.harness.feed("state", make_state(state, epoch=2))
    for _ in range(10):
        bench.look(bench.spur())
    assert bench.proposals == []


def test_both_edges_act_side_by_side(bench: Bench):
    """Left and right have a correction each, and neither confounds the other."""
    left = bench.alarm()
    bench.move(left)
    right = bench.alarm(side=Side.RIGHT)
    assert right.tag == RIGHT
    bench.move(right)
    bench.clean(25.0)
    finals = {record.transaction: record.state for record in bench.corrections}
    assert set(finals.values()) == {S.EFFECTIVE}


def test_another_action_on_the_same_edge_confounds(bench: Bench):
    """A move of a set-point that no loop of the other edge owns acts on this edge too."""
    proposal = bench.alarm()
    bench.move(proposal)
    bench.answer(proposal, WritePhase.FIRST_INCREMENT, transaction="manual-1", tag="plc.feed_pump_sp")
    assert "another action: manual-1 moved plc.feed_pump_sp" in bench.corrections[-1].reason


@pytest.mark.parametrize("in_force", [False, True])
def test_a_regulators_move_confounds_once_the_correction_is_in_force(bench: Bench, in_force: bool):
    """What was under way when the correction was decided ends before the material that is tested."""
    proposal = bench.alarm()
    if in_force:
        bench.move(proposal)
    bench.answer(proposal, WritePhase.TARGET, transaction="film-3", tag="plc.blade_gap_sp", kind=Kind.REGULATE)
    assert ("another action: film-3" in bench.corrections[-1].reason) is in_force


def test_another_action_on_the_other_edge_does_not_confound(bench: Bench):
    """A move of the right blade load leaves the left test alone; so does a refused one on the left."""
    proposal = bench.alarm()
    bench.move(proposal)
    bench.answer(proposal, WritePhase.TARGET, transaction="manual-1", tag=RIGHT)
    refused = {"outcome": Outcome.REFUSED, "transaction": "manual-2"}
    bench.answer(proposal, WritePhase.FIRST_INCREMENT, **refused)
    assert bench.states[-1] is S.WAITING


def test_one_outstanding_action(bench: Bench):
    """While a correction has no verdict, further objects raise no second proposal."""
    bench.answer(bench.alarm(), WritePhase.DECIDED)
    for _ in range(6):
        bench.look(bench.spur())
    assert bench.states[-1] is S.GUARDED
    assert len(bench.proposals) == 1


def test_a_verdict_restarts_the_evidence(bench: Bench):
    """After EFFECTIVE, old objects are forgotten: it takes four new ones to act again."""
    bench.move(bench.alarm())
    bench.clean(25.0)
    for _ in range(3):
        bench.look(bench.spur())
    assert len(bench.proposals) == 1
    bench.look(bench.spur())
    assert len(bench.proposals) == 2


def test_after_a_roll_back_only_newer_material_is_evidence(bench: Bench):
    """Spurs on material from before the roll-back raise no second correction; newer ones do."""
    bench.move(bench.alarm())
    for _ in range(4):
        bench.look(bench.spur())
    rollback = bench.proposals[-1]
    for phase in WritePhase:
        bench.answer(rollback, phase, encoder_mm=bench.s_mm + 2000.0)
    bench.plant["blade_load_sp_left"] = 20.0
    for _ in range(8):
        bench.look(bench.spur())
    assert len(bench.proposals) == 2
    for _ in range(4):
        bench.look(bench.spur())
    assert len(bench.proposals) == 3


def test_a_bench_cell_acts_on_every_object():
    """With a threshold of one object and verification off, moves follow each other without waiting or alarms."""
    watch = msgspec.structs.replace(WATCH, evidence=1.0)
    verify = msgspec.structs.replace(VERIFY, enabled=False)
    bench = Bench(make_cell(make_loop(watch=watch, verify=verify, step=0.1)))
    for number in range(1, 6):
        bench.look(bench.spur())
        assert len(bench.proposals) == 2 * number - 1
        bench.move(bench.proposals[-1])
        bench.move(bench.proposals[-1])
        assert bench.states[-1] is S.UNDECIDED
    assert bench.plant["blade_load_sp_left"] == 20.0
    assert bench.alarms("correction") == bench.alarms("suspended") == []
    bench.harness.close()


def test_a_missed_deadline_names_the_stage(bench: Bench):
    """A slow write raises an alarm with the stage to blame; the next one in time clears it."""
    proposal = bench.alarm()
    bench.answer(proposal, WritePhase.DECIDED)
    slow_ns = bench.now_ns + 900_000_000
    phase = WritePhase.FIRST_INCREMENT
    bench.harness.feed("results", answer(proposal, phase, slow_ns, intent_ns=bench.now_ns))
    alarm = next(alarm for alarm in bench.harness.sent("alarms") if alarm.id == "deadline.edge_spur.left")
    assert "the longest stage is 'write and confirm'" in alarm.text
    assert "deadline 800 ms" in alarm.text


def test_unsure_objects_call_a_person_and_do_not_act(bench: Bench):
    """Objects below 0.85 raise one escalation per episode, never a proposal, and it returns to normal."""
    for _ in range(10):
        bench.look(bench.spur(confidence=0.6))
    assert bench.proposals == []
    assert bench.alarms("escalation.coat_edge_spur.left")[0] is True
    bench.clean(51.0)
    assert bench.alarms("escalation.coat_edge_spur.left")[-1] is False


def test_a_third_of_unsure_objects_takes_the_authority(bench: Bench):
    """When more than 30 % of the last twenty objects are below the limit, the loop does not act."""
    bench.quality = Quality.BAD
    for number in range(20):
        bench.look(bench.spur(confidence=0.6 if number % 2 else 0.97))
    bench.quality = Quality.GOOD
    bench.look(bench.spur())
    assert bench.proposals == []
    assert bench.alarms("confidence.edge_spur.left") == [True]


def test_what_piled_up_is_forgotten_with_the_episode(bench: Bench):
    """Forty objects the loop could not act on, then 50 clean metres: one stray object raises no proposal."""
    bench.quality = Quality.BAD
    for _ in range(40):
        bench.look(bench.spur())
    bench.quality = Quality.GOOD
    bench.clean(50.5)
    bench.look(bench.spur())
    assert bench.proposals == []


def test_a_move_that_makes_the_classifier_unsure_is_no_cure(bench: Bench):
    """When the share of unsure objects passes the limit while verifying, the test is confounded."""
    bench.quality = Quality.BAD
    for number in range(20):
        bench.look(bench.spur(confidence=0.97 if number < 14 else 0.6))
    bench.clean(60.0)
    bench.quality = Quality.GOOD
    for _ in range(4):
        bench.look(bench.spur())
    assert bench.states[-1] is S.PROPOSED
    bench.move(bench.proposals[-1])
    bench.look(bench.spur(confidence=0.6))
    assert bench.states[-1] is S.ROLLING_BACK
    assert "too many objects below the confidence limit" in bench.corrections[-1].reason


def test_blocks_that_could_not_be_judged_are_not_metres(bench: Bench):
    """Between two spurs, indeterminate metres do not wear the evidence down; judged ones do."""
    for _ in range(3):
        bench.look(bench.spur())
    for _ in range(40):
        bench.look(ok=False)
    bench.look(bench.spur())
    assert len(bench.proposals) == 1
    assert bench.corrections[0].rule.count("4 objects in 0.8 m") == 1


def test_agglomerates_are_filed_and_never_acted_on(bench: Bench):
    """Eight agglomerates at three metres file one report at the third, without any proposal."""
    for _ in range(8):
        bench.look(bench.spur(defect=AGGLOMERATE, side=Side.NONE))
        bench.clean(2.75)
    (report,) = bench.harness.sent("nonconformities")
    assert (report.id, report.defect, report.cause, report.lot) == ("NCR-1", AGGLOMERATE, "mixing", "L1")
    assert len(report.evidence) == 3
    assert report.span.length_m == pytest.approx(6.002)
    assert bench.proposals == []


def test_a_loop_whose_class_is_not_fixable_here_tells_a_person():
    """A loop on a class without influence raises an alarm and proposes nothing."""
    watch = make_loop().watch
    loop = make_loop(watch=type(watch)(AGGLOMERATE, watch.normal, watch.alarm, watch.evidence))
    bench = Bench(make_cell(loop))
    for _ in range(6):
        bench.look(bench.spur(defect=AGGLOMERATE))
    assert bench.proposals == []
    assert bench.alarms("correction.edge_spur.left") == [True]
    bench.harness.close()
