"""How far a loop may go: levels, what takes authority away, and when it comes back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from cellctl.clock import NS_PER_S
from cellctl.loop.diagnose.custody import Custody
from cellctl.loop.diagnose.sight import Sight
from cellctl.loop.people.authority import Level, drift_fault, granted, reduced
from cellctl.model import (
    Advice,
    AdviceState,
    Escalation,
    Instruction,
    Ne107,
    Order,
    Outcome,
    PackMLState,
    Quality,
    Side,
    Stamp,
    TagValue,
    TransactionState,
    WritePhase,
)
from tests.unit.loop.bench import Bench
from tests.unit.loop.builders import (
    LEFT,
    answer,
    make_cell,
    make_inspection,
    make_loop,
    make_setpoint,
    make_state,
)
from tests.unit.loop.line import Line

A = AdviceState


def make_advice(**changes: Any) -> Advice:
    """The advice of a loop on the left edge."""
    advice = Advice(
        stamp=Stamp(0), transaction="edge_spur-left-1", loop="edge_spur", defect="coat_edge_spur", side=Side.LEFT,
        level="confirm", limited_by="", state=A.OPEN, reason="", rule="", evidence=(), tag=LEFT, unit="kPa",
        old=20.0, proposed=21.0, rate_per_m=0.3, gain=0.75, side_effects={}, drift_share=1 / 3, due_ns=0, curve=(),
    )  # fmt: skip
    if "state" in changes:
        changes["state"] = A(changes["state"])
    return msgspec.structs.replace(advice, **changes)


def _bench(authority: str) -> Iterator[Bench]:
    made = Bench(make_cell(make_loop(authority=authority)))
    yield made
    made.harness.close()


@pytest.fixture
def shadow() -> Iterator[Bench]:
    yield from _bench("shadow")


@pytest.fixture
def advisory() -> Iterator[Bench]:
    yield from _bench("advisory")


@pytest.fixture
def confirm() -> Iterator[Bench]:
    yield from _bench("confirm")


@pytest.fixture
def auto() -> Iterator[Bench]:
    yield from _bench("auto")


def _spurs(bench: Bench, count: int = 4) -> None:
    for _ in range(count):
        bench.look(bench.spur())
        bench.clean(0.75)


def _advices(bench: Bench) -> list[Advice]:
    found: list[Advice] = bench.harness.sent("advices")
    return found


def _tell(bench: Bench, order: Order, subject: str) -> None:
    bench.harness.feed("instructions", Instruction(stamp=Stamp(bench.now_ns), order=order, subject=subject, by="Li"))


@pytest.mark.parametrize(
    ("level", "reasons", "left"),
    [
        (Level.AUTO, (), Level.AUTO),
        (Level.AUTO, ("drift",), Level.ADVISORY),
        (Level.CONFIRM, ("drift",), Level.ADVISORY),
        (Level.SHADOW, ("drift",), Level.SHADOW),
    ],
)
def test_a_reason_leaves_advisory_at_most(level, reasons, left):
    """What speaks against acting never raises a level."""
    assert reduced(level, reasons) is left


def test_off_sees_nothing():
    """A loop that is off sends nothing at all, whatever the web brings."""
    bench = next(_bench("off"))
    _spurs(bench, 12)
    sent = [bench.harness.sent(name) for name in ("proposals", "advices", "escalations", "alarms")]
    bench.harness.close()
    assert not any(sent)


def test_shadow_records_and_moves_nothing(shadow: Bench):
    """The move that it would have made is on record with gain and drift; no proposal, and nobody is called."""
    _spurs(shadow)
    (advice,) = _advices(shadow)
    assert (advice.level, advice.state, advice.old, advice.proposed) == ("shadow", A.OPEN, 20.0, 21.0)
    assert advice.gain == pytest.approx(0.753, abs=1e-3)
    assert advice.drift_share == pytest.approx(1 / 3)
    assert not shadow.proposals
    assert not shadow.harness.sent("alarms")


def test_shadow_says_that_the_alarm_was_real(shadow: Bench):
    """Spurs that go on with nothing moved: the rate PERSISTED."""
    _spurs(shadow, 16)
    assert _advices(shadow)[1].state is A.PERSISTED


def test_shadow_says_that_the_rate_fell_by_itself(shadow: Bench):
    """No more spurs with nothing moved: a move would have looked effective, and the record says FELL."""
    _spurs(shadow)
    shadow.clean(60.0)
    assert [advice.state for advice in _advices(shadow)] == [A.OPEN, A.FELL]


def test_no_more_advices_than_tries_in_an_episode(shadow: Bench):
    """A fault that goes on is told `up_to` times, and again in the next episode."""
    _spurs(shadow, 80)
    assert [advice.state for advice in _advices(shadow)] == [A.OPEN, A.PERSISTED] * 2
    shadow.clean(55.0)
    _spurs(shadow)
    assert _advices(shadow)[4].state is A.OPEN


def test_every_advice_rests_on_objects_of_its_own(shadow: Bench):
    """The object that ends the watch of one advice is spent: the next one begins with fresh evidence."""
    _spurs(shadow, 80)
    opened = [advice for advice in _advices(shadow) if advice.state is A.OPEN]
    seen = [{item.object_id for item in advice.evidence} for advice in opened]
    assert len(seen) == 2
    assert all(len(objects) >= 3 for objects in seen)
    assert not seen[0] & seen[1]


def test_a_set_point_that_moves_interrupts_the_watch(shadow: Bench):
    """When somebody moves the set-point meanwhile the record says so, and nothing about the alarm."""
    _spurs(shadow)
    shadow.plant["blade_load_sp_left"] = 21.0
    shadow.clean(1.0)
    last = _advices(shadow)[-1]
    assert last.state is A.INTERRUPTED
    assert "was moved to 21" in last.reason


def test_advisory_tells_a_person(advisory: Bench):
    """The advice is an alarm with both values and the gain; nothing is proposed."""
    _spurs(advisory)
    assert advisory.alarms("advice.edge_spur.left") == [True]
    text = advisory.harness.sent("alarms")[-1].text
    assert f"move {LEFT} from 20 to 21 kPa; expected: 75% fewer" in text
    assert not advisory.proposals


def test_confirm_acts_after_a_yes(confirm: Bench):
    """Nothing moves before the yes; after it the same transaction is proposed, on the material seen last."""
    _spurs(confirm)
    (asked,) = _advices(confirm)
    assert not confirm.proposals
    confirm.clean(2.0)
    _tell(confirm, Order.CONFIRM, asked.transaction)
    (proposal,) = confirm.proposals
    assert proposal.transaction == asked.transaction
    assert confirm.now_ns - proposal.exposure_ns < NS_PER_S // 2
    assert confirm.corrections[-1].rule.endswith("allowed by Li")
    assert _advices(confirm)[-1].state is A.CONFIRMED


def test_a_no_is_a_no(confirm: Bench):
    """A declined move is on record, and the next question needs evidence of its own."""
    _spurs(confirm)
    _tell(confirm, Order.DECLINE, "edge_spur-left-1")
    confirm.look(confirm.spur())
    assert [advice.state for advice in _advices(confirm)] == [A.OPEN, A.DECLINED]
    assert not confirm.proposals


def test_a_question_lapses(confirm: Bench):
    """Nobody answers for longer than the limit while spurs go on: LAPSED, and a late yes moves nothing."""
    _spurs(confirm)
    for _ in range(62):
        confirm.look(confirm.spur())
        confirm.clean(0.75)
        if len(_advices(confirm)) > 1:
            break
    assert _advices(confirm)[1].state is A.LAPSED
    _tell(confirm, Order.CONFIRM, "edge_spur-left-1")
    assert not confirm.proposals


def test_a_question_is_withdrawn_when_the_rate_falls(confirm: Bench):
    """When the run of objects has worn off there is nothing left to allow."""
    _spurs(confirm)
    confirm.clean(58.0)
    assert _advices(confirm)[-1].state is A.WITHDRAWN


@pytest.mark.parametrize(
    ("in_force", "target", "refused"),
    [(20.0, 21.0, False), (22.0, 23.0, False), (22.5, 23.5, True), (24.0, 23.5, False), (17.5, 16.5, True)],
)
def test_a_step_that_the_drift_budget_has_no_room_for_is_only_advised(in_force, target, refused):
    """A step that ends outside the budget is only advised; one towards the recipe never is."""
    assert bool(drift_fault(make_setpoint(LEFT), in_force, target)) is refused


def test_a_used_up_budget_turns_into_advice_and_comes_back(auto: Bench):
    """At 22.5 kPa the loop advises and an alarm says why; back at 20 kPa the alarm returns to normal and it acts."""
    auto.plant["blade_load_sp_left"] = 22.5
    auto.harness.feed("state", make_state(PackMLState.HELD))
    auto.clean(1.0)
    auto.harness.feed("state", make_state(epoch=2))
    _spurs(auto)
    assert not auto.proposals
    assert "83% of the drift budget" in _advices(auto)[0].limited_by
    assert auto.alarms("authority.edge_spur.left") == [True]
    auto.plant["blade_load_sp_left"] = 20.0
    auto.clean(1.0)
    assert auto.alarms("authority.edge_spur.left") == [True, False]
    _spurs(auto)
    assert [proposal.target for proposal in auto.proposals] == [21.0]


def test_a_loop_that_may_act_again_acts_on_what_it_has_seen(auto: Bench):
    """Unsure objects leave advice only; the confident one that ends that makes the loop act, with all its evidence."""
    unsure = {0, 1, 2, 3, 6, 8, 10, 12, 14, 16}
    for number in range(20):
        auto.look(auto.spur(confidence=0.5 if number in unsure else 0.97))
        auto.clean(9.75)
    assert not auto.proposals
    auto.look(*(auto.spur() for _ in range(3)))
    assert [advice.state for advice in _advices(auto)] == [A.OPEN]
    auto.look(auto.spur())
    assert _advices(auto)[-1].state is A.INTERRUPTED
    assert len(auto.proposals) == 1
    assert len(auto.corrections[0].evidence) >= 3


def test_unseen_frames_take_authority_away_and_it_comes_back():
    """More than a tenth of the last 400 frames unseen is a fault; it ends when enough frames were judged."""
    sight = Sight()
    for number in range(41):
        assert not sight.fault()
        sight.see(make_inspection(number, number + 1.0, ok=False))
    assert "41 of the last 400 frames of wet_camera" in sight.fault()
    for number in range(359):
        sight.see(make_inspection(number, number + 1.0))
    assert sight.fault()
    sight.see(make_inspection(0.0, 1.0))
    assert not sight.fault()


def test_lost_frames_count_as_unseen():
    """Frames lost before an inspection are unseen, and never more than were looked back on."""
    sight = Sight()
    sight.see(msgspec.structs.replace(make_inspection(0.0, 1.0), lost_frames=41))
    assert sight.fault()
    sight.see(msgspec.structs.replace(make_inspection(0.0, 1.0), lost_frames=10**9))
    assert "399 of the last 400" in sight.fault()


def _value(value: float, t_s: float) -> TagValue:
    return TagValue(LEFT, value, "kPa", Quality.GOOD, Ne107.OK, round(t_s * NS_PER_S))


class _Hands:
    """A custody that is looked at with one value after the other."""

    def __init__(self) -> None:
        self.custody = Custody(make_cell())
        self.t_s = 0.0

    def look(self, value: float, seconds: float = 1.0, *, executing: bool = True) -> str:
        for _ in range(round(seconds / 0.1)):
            self.t_s += 0.1
            found = self.custody.look(LEFT, _value(value, self.t_s), executing=executing)
        return found


def test_a_move_by_somebody_else_is_a_take_over():
    """A value that is not ours, seen for half a second, is somebody else's; one reading alone is not."""
    hands = _Hands()
    assert not hands.look(20.0)
    assert not hands.look(20.5, 0.1)
    assert hands.look(20.5) == f"somebody else moved {LEFT} to 20.5 kPa"


def test_a_take_over_ends_at_the_recipe_value():
    """Back at the recipe the set-point is the cell's again."""
    hands = _Hands()
    hands.look(20.0)
    assert hands.look(20.5)
    assert not hands.look(20.0)


def test_a_take_over_ends_by_hand_back():
    """Handed back, the value where it stands is the cell's; what nobody took cannot be handed back."""
    hands = _Hands()
    hands.look(20.0)
    assert not hands.custody.hand_back(LEFT, 0)
    hands.look(20.5)
    assert hands.custody.hand_back(LEFT, 0)
    assert not hands.look(20.5)


def test_who_took_it_by_an_order_has_it_at_the_recipe_too():
    """Only a hand-back ends it."""
    hands = _Hands()
    hands.look(20.0)
    hands.custody.take_over(LEFT, "Li")
    assert hands.look(20.0) == f"Li has {LEFT}"
    assert hands.custody.hand_back(LEFT, round(hands.t_s * NS_PER_S))
    assert not hands.look(20.0)


def test_what_the_guard_refuses_as_taken_over_is_taken_over():
    """A set-point that was taken in a run before; but not by a refusal that crossed with the hand-back."""
    hands = _Hands()
    hands.look(20.5)
    bench = next(_bench("auto"))
    _spurs(bench)
    refused = answer(
        bench.proposals[0], WritePhase.DECIDED, round(hands.t_s * NS_PER_S), outcome=Outcome.REFUSED,
        reason="taken over: Li has it",
    )  # fmt: skip
    bench.harness.close()
    hands.custody.result(refused)
    assert hands.look(20.5) == "taken over: Li has it"
    assert hands.custody.hand_back(LEFT, refused.stamp.t_ns)
    hands.custody.result(refused)
    assert not hands.look(20.5)


def test_our_own_moves_are_no_take_over():
    """From the guard's word that it accepted until the target is in force, and after it, the value is ours."""
    hands = _Hands()
    hands.look(20.0)
    bench = next(_bench("auto"))
    _spurs(bench)
    (proposal,) = bench.proposals
    bench.harness.close()
    hands.custody.result(answer(proposal, WritePhase.DECIDED, round(hands.t_s * NS_PER_S)))
    assert not hands.look(20.4)
    hands.custody.result(answer(proposal, WritePhase.TARGET, round(hands.t_s * NS_PER_S)))
    assert not hands.look(21.0)
    assert hands.look(20.8)


def test_a_refused_move_changes_nothing():
    """What the guard refused at once was not moved by us: a value that changes then is somebody else's."""
    hands = _Hands()
    hands.look(20.0)
    bench = next(_bench("auto"))
    _spurs(bench)
    refused = answer(bench.proposals[0], WritePhase.DECIDED, 0, outcome=Outcome.REFUSED, reason="drift")
    bench.harness.close()
    hands.custody.result(refused)
    assert hands.look(20.5)


def test_a_start_takes_the_set_points_as_they_are():
    """Outside Execute anybody may move them; the value at the start is the cell's."""
    hands = _Hands()
    hands.look(20.0)
    hands.look(20.7, executing=False)
    assert not hands.look(20.7)


def test_a_person_takes_and_hands_back_a_set_point_by_its_name(auto: Bench):
    """The loop stands back at once, at the recipe too, and acts again when it is handed back."""
    _tell(auto, Order.TAKE_OVER, "plc.another")
    assert auto.alarms("takeover.edge_spur.left") == []
    _tell(auto, Order.TAKE_OVER, LEFT)
    auto.clean(2.0)
    assert auto.alarms("takeover.edge_spur.left") == [True]
    _spurs(auto)
    assert not auto.proposals
    _tell(auto, Order.HAND_BACK, LEFT)
    assert auto.alarms("takeover.edge_spur.left") == [True, False]
    auto.look(auto.spur())
    assert len(auto.proposals) == 1


def test_a_loop_stands_back_and_gets_its_set_point_back(auto: Bench):
    """Taken over, the loop only advises and an alarm says so; handed back by name, it acts from the value there."""
    auto.plant["blade_load_sp_left"] = 20.5
    auto.clean(2.0)
    assert auto.alarms("takeover.edge_spur.left") == [True]
    _spurs(auto)
    assert not auto.proposals
    assert "somebody else moved" in _advices(auto)[0].limited_by
    _tell(auto, Order.HAND_BACK, "another_loop")
    assert auto.alarms("takeover.edge_spur.left") == [True]
    _tell(auto, Order.HAND_BACK, "edge_spur")
    assert auto.alarms("takeover.edge_spur.left") == [True, False]
    auto.look(auto.spur())
    assert [proposal.target for proposal in auto.proposals] == [21.5]
    assert _advices(auto)[-1].state is A.INTERRUPTED


def test_an_unsure_classifier_leaves_advice(auto: Bench):
    """With more than 30 % unsure objects the loop does not act, and its advice says why."""
    for _ in range(20):
        auto.look(auto.spur(confidence=0.6))
    _spurs(auto)
    assert not auto.proposals
    assert "below the confidence limit" in _advices(auto)[0].limited_by


def test_the_alarm_of_an_unsure_classifier_ends_with_the_share(auto: Bench):
    """When sure objects come, one every 20 m and so without an alarm, the high alarm returns to normal."""
    for _ in range(20):
        auto.look(auto.spur(confidence=0.6))
    for _ in range(4):
        auto.look(auto.spur())
    assert auto.alarms("confidence") == [True]
    for _ in range(20):
        auto.clean(20.0)
        auto.look(auto.spur())
    auto.clean(0.5)
    assert auto.alarms("confidence") == [True, False]
    assert auto.proposals == []


def test_questions_are_on_record_with_their_objects(auto: Bench):
    """Three in a row ask one question, an unsure object another, each with its objects, beside the loop's work."""
    _spurs(auto)
    auto.look(auto.spur(confidence=0.5))
    asked: list[Escalation] = auto.harness.sent("escalations")
    assert [it.id for it in asked] == ["ESC-edge_spur-left-1", "ESC-edge_spur-left-2"]
    assert [len(it.objects) for it in asked] == [3, 1]
    assert asked[1].question == "Is this coat_edge_spur?"
    assert len(auto.proposals) == 1


def test_a_failed_correction_asks_for_the_cause():
    """A move that did not help opens a question about it, with the objects that it rested on."""
    line = Line(3, connected=False)
    record = line.verdict()
    assert record.state is TransactionState.INEFFECTIVE_ROLLED_BACK
    asked = [it for it in line.questions if it.transaction == record.transaction]
    assert [it.objects for it in asked] == [tuple(entry.object_id for entry in record.evidence)]


def test_leaving_execute_ends_an_advice(shadow: Bench):
    """Outside Execute nothing is said about the rate."""
    _spurs(shadow)
    shadow.harness.feed("state", make_state(safe=True))
    assert _advices(shadow)[-1].state is A.INTERRUPTED


def test_every_level_has_its_name():
    """The configuration's words are the levels."""
    names = ("off", "shadow", "advisory", "confirm", "auto")
    assert [granted(make_loop(authority=name)) for name in names] == list(Level)
