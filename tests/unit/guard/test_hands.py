"""Who has a set-point: take-over and hand-back without a bump, and hands that nobody announced."""

from __future__ import annotations

import pytest

from cellctl.clock import NS_PER_MS
from cellctl.guard import Guard
from cellctl.model.correction import Kind, Outcome
from cellctl.model.guarding import PLANT, Memory
from cellctl.model.packml import PackMLState
from cellctl.model.quality import Quality
from tests.unit.guard.bench import LEFT, RIGHT, Bench, rules


def test_an_operator_ends_the_ramp_where_it_stands(bench: Bench) -> None:
    """Nothing is written from then on; the transaction learns who has it."""
    bench.begin()
    bench.obey()
    bench.guard.take_over(LEFT, "Li Wei")
    assert bench.obey() == []
    report = bench.guard.reports[-1]
    assert (report.phase, report.outcome, report.reason) == ("target", "REFUSED", "taken over: Li Wei has it")
    assert bench.values[LEFT] == 20.04


def test_an_answer_to_the_last_increment_starts_nothing(bench: Bench) -> None:
    """The increment was out when the operator took over; its confirmation is nobody's any more."""
    bench.begin()
    bench.due()
    bench.guard.take_over(LEFT, "Li Wei")
    bench.reports()
    bench.values[LEFT] = 20.04
    bench.guard.confirmed(bench.now_ns)
    bench.now_ns += 100 * NS_PER_MS
    assert bench.obey() == []
    assert bench.reports() == []


@pytest.mark.parametrize("kind", list(Kind))
def test_what_an_operator_has_is_not_moved_for_any_reason(bench: Bench, kind: Kind) -> None:
    """Also not to take back a correction."""
    bench.guard.take_over(LEFT, "Li Wei")
    assert bench.begin(kind=kind, target=20.0) == "taken over: Li Wei has it"
    assert bench.begin(tag=RIGHT) == ""


def test_the_safe_state_leaves_what_an_operator_has(bench: Bench) -> None:
    """It moves the other set-point only; a person who holds one answers for it."""
    bench.values = {LEFT: 21.0, RIGHT: 21.0}
    bench.guard.take_over(LEFT, "Li Wei")
    bench.watch()
    bench.arm(epoch=2, safe=True, state=PackMLState.HELD)
    assert [tag for tag, _ in bench.due()] == [RIGHT]


def test_an_operator_ends_the_way_to_the_safe_state(bench: Bench) -> None:
    """It stays where he took it."""
    bench.arm(state=PackMLState.HELD)
    bench.values[LEFT] = 21.0
    bench.watch()
    bench.arm(epoch=2, safe=True, state=PackMLState.HELD)
    bench.obey()
    bench.guard.take_over(LEFT, "Li Wei")
    assert LEFT not in dict(bench.obey())
    assert bench.values[LEFT] == 20.96


def test_a_hand_back_starts_from_what_is_in_force(bench: Bench) -> None:
    """Watched for a second first; then the first increment is one tick away from the operator's value."""
    bench.guard.take_over(LEFT, "Li Wei")
    bench.values[LEFT] = 21.5
    bench.watch()
    bench.guard.hand_back(LEFT)
    bench.due()
    assert bench.begin(target=21.0).startswith("watched: ")
    bench.watch()
    assert bench.begin(target=21.0) == ""
    assert bench.due() == [(LEFT, 21.46)]
    assert bench.guard.memory.taken == {}


def test_a_hand_back_of_what_nobody_has_disturbs_nothing(bench: Bench) -> None:
    """A running ramp goes on."""
    bench.begin()
    bench.obey()
    bench.guard.hand_back(LEFT)
    assert bench.obey() == [(LEFT, 20.08)]


def test_an_unknown_set_point_cannot_be_taken(bench: Bench) -> None:
    """The memory does not grow by what is not there."""
    bench.guard.take_over("plc.oven", "Li Wei")
    assert bench.guard.memory.taken == {}


def test_what_was_taken_of_another_recipe_can_be_handed_back() -> None:
    """After a restart the table may lack it."""
    bench = Bench(memory=Memory(taken={"plc.oven": "Li Wei", LEFT: "Li Wei"}))
    bench.guard.hand_back("plc.oven")
    assert bench.guard.memory.taken == {LEFT: "Li Wei"}


def test_who_has_a_set_point_outlives_epoch_and_restart(bench: Bench) -> None:
    """Only a hand-back ends it."""
    bench.guard.take_over(LEFT, "Li Wei")
    bench.arm(epoch=2)
    assert bench.begin(epoch=2).startswith("taken over: ")
    assert Guard(rules(), bench.guard.memory).memory.taken == {LEFT: "Li Wei"}


def test_a_value_that_somebody_changes_is_taken(bench: Bench) -> None:
    """In Execute, at rest, two steps of the wire: no move of ours can have done that."""
    bench.values[LEFT] = 20.02
    bench.due()
    assert bench.guard.memory.taken == {LEFT: PLANT}
    assert bench.begin().startswith("taken over: the plant has it")


def test_one_step_of_the_wire_is_nobodys_hand(bench: Bench) -> None:
    """A controller that rounds has not taken anything."""
    bench.arm(state=PackMLState.HELD)
    bench.values[LEFT] = 21.0
    bench.watch()
    bench.arm(epoch=2)
    bench.watch()
    bench.values[LEFT] = 21.01
    bench.due()
    assert bench.guard.memory.taken == {}


def test_a_value_that_creeps_is_taken_at_its_second_step(bench: Bench) -> None:
    """What must be in force does not follow what somebody turns slowly."""
    for value in (20.01, 20.02):
        bench.values[LEFT] = value
        bench.watch()
    assert bench.guard.memory.taken == {LEFT: PLANT}


@pytest.mark.parametrize(
    ("state", "changing", "safe"),
    [(PackMLState.HELD, False, False), (PackMLState.EXECUTE, True, False), (PackMLState.EXECUTE, False, True)],
)
def test_outside_of_execute_anybody_may_set_it(bench: Bench, state: PackMLState, changing: bool, safe: bool) -> None:
    """Held, in a changeover, or on the way to the safe state: nothing is taken, also not when Execute begins."""
    bench.arm(epoch=2, state=state, changing=changing, safe=safe)
    bench.values[RIGHT] = 20.6
    bench.due()
    bench.arm(epoch=3)
    bench.watch()
    assert bench.guard.memory.taken == {}


def test_a_supervisor_that_fell_silent_makes_nobody_a_taker(bench: Bench) -> None:
    """Without its word the cell does not act."""
    bench.supervised = False
    bench.now_ns += 1100 * NS_PER_MS
    bench.due()
    bench.values[LEFT] = 20.5
    bench.due()
    assert bench.guard.memory.taken == {}


def test_what_the_plant_took_goes_safe_all_the_same(bench: Bench) -> None:
    """Nobody said that he would look after it."""
    bench.values[LEFT] = 20.5
    bench.watch()
    assert bench.guard.memory.taken == {LEFT: PLANT}
    bench.arm(epoch=2, safe=True, state=PackMLState.HELD)
    assert (LEFT, 20.46) in bench.due()


def test_what_stands_at_the_recipe_again_is_the_cells(bench: Bench) -> None:
    """Nobody has to hand back what somebody brought back; a second is watched."""
    bench.values[LEFT] = 20.5
    bench.watch()
    bench.values[LEFT] = 20.01
    bench.due()
    assert bench.guard.memory.taken == {}
    assert bench.begin().startswith("watched: ")


def test_an_operator_at_the_recipe_still_has_it(bench: Bench) -> None:
    """He said so; he says when it ends."""
    bench.guard.take_over(LEFT, "Li Wei")
    bench.watch()
    assert bench.guard.memory.taken == {LEFT: "Li Wei"}


def test_an_operators_own_changes_do_not_make_it_the_plants(bench: Bench) -> None:
    """He keeps it under his name."""
    bench.guard.take_over(LEFT, "Li Wei")
    bench.values[LEFT] = 21.0
    bench.watch()
    assert bench.guard.memory.taken == {LEFT: "Li Wei"}


def test_a_confirmed_move_is_our_own(bench: Bench) -> None:
    """The value it left is what must be in force; the next tick takes nobody for its author."""
    bench.begin(target=20.5)
    for _ in range(20):
        bench.obey()
    assert bench.guard.memory.taken == {}
    bench.values[LEFT] = 20.4
    bench.due()
    assert bench.guard.memory.taken == {LEFT: PLANT}


def test_a_change_straight_after_a_move_is_noticed(bench: Bench) -> None:
    """No second has to pass: the target was confirmed."""
    bench.begin(target=20.04)
    bench.obey()
    bench.values[LEFT] = 20.2
    bench.obey()
    assert bench.guard.memory.taken == {LEFT: PLANT}


def test_a_write_without_an_answer_may_still_land(bench: Bench) -> None:
    """Half a second later the value is the one that was asked for: that was us."""
    bench.begin(target=20.04)
    bench.due()
    bench.guard.failed(bench.now_ns, Outcome.UNKNOWN, "time-out")
    for _ in range(5):
        bench.obey()
    bench.values[LEFT] = 20.04
    for _ in range(15):
        bench.obey()
    assert bench.guard.memory.taken == {}
    bench.values[LEFT] = 20.2
    bench.obey()
    assert bench.guard.memory.taken == {LEFT: PLANT}


def test_a_change_in_the_ramp_is_a_take_over_that_lasts(bench: Bench) -> None:
    """The ramp ends and the set-point is left to whoever moved it."""
    bench.begin()
    bench.obey()
    bench.values[LEFT] = 20.5
    bench.obey()
    assert bench.reports()[-1] == ("target", "REFUSED", "taken over")
    assert bench.guard.memory.taken == {LEFT: PLANT}


def test_the_way_to_the_safe_state_takes_no_notice_of_others(bench: Bench) -> None:
    """Somebody turned it meanwhile: it still goes where it is safe."""
    bench.arm(state=PackMLState.HELD)
    bench.values[LEFT] = 20.5
    bench.watch()
    bench.arm(epoch=2, safe=True, state=PackMLState.HELD)
    bench.obey()
    bench.values[LEFT] = 20.6
    assert (LEFT, 20.56) in bench.obey()


def test_a_lost_link_forgets_what_was_ours(bench: Bench) -> None:
    """Nobody watched: who changed it then is not known, and nobody is named."""
    bench.guard.on_link_lost()
    bench.values[LEFT] = 20.5
    bench.watch()
    assert bench.guard.memory.taken == {}


def test_a_value_that_is_not_good_is_no_change(bench: Bench) -> None:
    """Only what may be acted on says something."""
    bench.quality = Quality.BAD_TIMEOUT
    bench.values[LEFT] = 20.5
    bench.due()
    assert bench.guard.memory.taken == {}
