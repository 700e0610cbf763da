"""Ramps, reports and the safe state."""

from __future__ import annotations

import pytest

from cellctl.clock import NS_PER_MS
from cellctl.model.correction import Kind, Outcome
from cellctl.model.guarding import Memory
from cellctl.model.message import Stamp
from cellctl.model.packml import CellState, PackMLState
from cellctl.model.quality import Quality
from tests.unit.guard.bench import LEFT, RIGHT, Bench, rules


def test_first_increment_is_due_at_once(bench: Bench) -> None:
    """A tenth of the slew per second, with no wait."""
    bench.begin()
    assert bench.due() == [(LEFT, 20.04)]


def test_ramp_reaches_its_target_and_reports_both_moments(bench: Bench) -> None:
    """FIRST_INCREMENT and TARGET, each CONFIRMED once."""
    bench.begin()
    for _ in range(40):
        bench.obey()
    assert bench.values[LEFT] == 21.0
    assert bench.reports() == [("first-increment", "CONFIRMED", ""), ("target", "CONFIRMED", "")]
    assert bench.due() == []


def test_ramp_of_one_percent_takes_no_longer_than_the_slew_asks(bench: Bench) -> None:
    """1 kPa at 0.4 kPa/s: 25 increments, and 1 % over two and a half seconds."""
    bench.begin()
    for _ in range(40):
        bench.obey()
    times = [t_ns for t_ns, _, _ in bench.written]
    assert len(times) == 25
    assert 2400 * NS_PER_MS <= times[-1] - times[0] <= 2700 * NS_PER_MS


def test_move_of_no_distance_is_written_and_confirmed(bench: Bench) -> None:
    """A roll-back to the value in force still proves that it is in force."""
    bench.begin(kind=Kind.ROLLBACK, target=20.0)
    assert bench.obey() == [(LEFT, 20.0)]
    assert bench.reports() == [("first-increment", "CONFIRMED", ""), ("target", "CONFIRMED", "")]


def test_nothing_is_due_while_an_answer_is_out(bench: Bench) -> None:
    """One batch of increments at a time."""
    bench.begin()
    assert bench.due()
    bench.now_ns += 100 * NS_PER_MS
    assert bench.due() == []


def test_a_failed_increment_ends_the_ramp(bench: Bench) -> None:
    """What the plant did not confirm is reported as it is, and nothing more is written."""
    bench.begin()
    bench.obey()
    bench.due()
    bench.guard.failed(bench.now_ns, Outcome.UNKNOWN, "time-out: no echo")
    assert bench.reports() == [("first-increment", "CONFIRMED", ""), ("target", "UNKNOWN", "time-out")]
    bench.now_ns += 100 * NS_PER_MS
    assert bench.due() == []


def test_three_failures_in_a_row_latch_until_a_new_epoch(bench: Bench) -> None:
    """Each transaction fails at its first increment; the fourth is not tried."""
    for sequence in (1, 2, 3):
        assert bench.begin(sequence=sequence) == ""
        bench.due()
        bench.guard.failed(bench.now_ns, Outcome.REFUSED, "plc: clamp")
        bench.now_ns += 100 * NS_PER_MS
        bench.due()
    assert bench.begin(sequence=4).startswith("failures: ")
    bench.arm(epoch=2)
    assert bench.begin(sequence=4, epoch=2) == ""


def test_a_confirmed_move_clears_the_failures(bench: Bench) -> None:
    """Only failures in a row count."""
    bench.guard.memory = Memory(epoch=1, failures={LEFT: 2})
    bench.begin(target=20.02)
    bench.obey()
    assert bench.guard.memory.failures == {LEFT: 0}


def test_rollback_replaces_the_running_ramp_of_its_transaction(bench: Bench) -> None:
    """The step learns that its target will not come; the way back starts from the value in force."""
    bench.begin()
    bench.obey()
    bench.obey()
    assert bench.begin(sequence=2, kind=Kind.ROLLBACK, target=20.0) == ""
    for _ in range(20):
        bench.obey()
    assert bench.values[LEFT] == 20.0
    assert bench.reports() == [
        ("first-increment", "CONFIRMED", ""),
        ("target", "REFUSED", "replaced by the roll-back of its transaction"),
        ("first-increment", "CONFIRMED", ""),
        ("target", "CONFIRMED", ""),
    ]


def test_an_answer_for_a_replaced_ramp_is_not_credited_to_the_rollback(bench: Bench) -> None:
    """The roll-back began while the step's increment was out: whether that came into force is not the step's to say."""
    bench.begin()
    increments = bench.due()
    bench.begin(sequence=2, kind=Kind.ROLLBACK, target=20.0)
    bench.values.update(increments)
    bench.guard.confirmed(bench.now_ns)
    assert bench.reports() == [("first-increment", "UNKNOWN", "replaced by the roll-back of its transaction")]


def test_what_is_out_when_the_cell_leaves_execute_is_unknown(bench: Bench) -> None:
    """It may still come into force; the other set-point's move, of which nothing is out, is refused."""
    bench.begin()
    assert bench.due() != []
    bench.begin(sequence=2, transaction="edge_spur-right-1", tag=RIGHT)
    bench.arm(epoch=2, state=PackMLState.HELD)
    assert [outcome for _, outcome, _ in bench.reports()] == ["UNKNOWN", "REFUSED"]


def test_somebody_else_taking_over_ends_the_ramp(bench: Bench) -> None:
    """An operator who moves the set-point wins, without a jump from us."""
    bench.begin()
    bench.obey()
    bench.values[LEFT] = 20.5
    assert bench.obey() == []
    assert bench.reports()[-1] == ("target", "REFUSED", "taken over")


def test_losing_the_input_ends_the_ramp(bench: Bench) -> None:
    """Nothing is driven from a value that is not Good."""
    bench.begin()
    bench.obey()
    bench.quality = Quality.UNCERTAIN_LAST_USABLE
    assert bench.obey() == []
    assert bench.reports()[-1] == ("target", "UNKNOWN", "input")


def test_leaving_execute_ends_the_ramp(bench: Bench) -> None:
    """A set-point's life ends with its state."""
    bench.begin()
    bench.obey()
    bench.arm(state=PackMLState.HELD)
    assert bench.obey() == []
    assert bench.reports()[-1] == ("target", "REFUSED", "state")


def test_a_new_epoch_ends_the_ramp(bench: Bench) -> None:
    """Even when the cell is in Execute again at once."""
    bench.begin()
    bench.arm(epoch=2)
    assert bench.obey() == []


def test_repeating_the_state_changes_nothing(bench: Bench) -> None:
    """The same state, sent again, does not disturb a ramp."""
    bench.begin()
    bench.arm()
    assert bench.obey()


def test_an_older_epoch_is_ignored(bench: Bench) -> None:
    """A late message of an older epoch neither arms nor disarms."""
    bench.arm(epoch=0, state=PackMLState.ABORTED)
    assert bench.begin() == ""


def test_safe_state_recipe_ramps_every_setpoint_home(bench: Bench) -> None:
    """Both set-points in one request per tick, at the slew, to the recipe."""
    bench.values = {LEFT: 21.0, RIGHT: 19.5}
    bench.watch()
    bench.arm(epoch=2, safe=True, state=PackMLState.ABORTED)
    assert bench.obey() == [(LEFT, 20.96), (RIGHT, 19.54)]
    for _ in range(40):
        bench.obey()
    assert bench.values == {LEFT: 20.0, RIGHT: 20.0}
    assert bench.reports() == []


def test_safe_state_ends_a_running_ramp(bench: Bench) -> None:
    """The transaction learns of it, once."""
    bench.begin()
    bench.obey()
    bench.arm(safe=True)
    assert bench.reports()[-1] == ("target", "REFUSED", "safe-state")


def test_safe_state_goes_on_after_a_failure(bench: Bench) -> None:
    """A failed increment of the way home is tried again at the next tick."""
    bench.values[LEFT] = 20.5
    bench.watch()
    bench.arm(safe=True)
    bench.due()
    bench.guard.failed(bench.now_ns, Outcome.UNKNOWN, "time-out")
    bench.now_ns += 100 * NS_PER_MS
    assert (LEFT, 20.46) in bench.due()


def test_safe_state_waits_for_a_good_input_and_goes_on(bench: Bench) -> None:
    """Not Good: nothing is written; Good again: the way home goes on."""
    bench.values[LEFT] = 20.5
    bench.watch()
    bench.arm(safe=True)
    bench.quality = Quality.BAD_TIMEOUT
    assert bench.obey() == []
    bench.quality = Quality.GOOD
    assert bench.obey()


def test_safe_state_is_entered_once(bench: Bench) -> None:
    """The same order, repeated, does not write the recipe for ever."""
    bench.arm(safe=True)
    bench.obey()
    bench.arm(safe=True)
    assert bench.obey() == []


def test_safe_state_hold_stops_where_it_is() -> None:
    """`hold` ends ramps and writes nothing."""
    bench = Bench(rules(safe=None))
    bench.arm()
    bench.watch()
    bench.begin()
    bench.obey()
    bench.arm(safe=True)
    assert bench.obey() == []
    assert bench.reports()[-1] == ("target", "REFUSED", "safe-state")


def test_after_a_lost_link_nothing_old_is_written(bench: Bench) -> None:
    """The ramp ends UNKNOWN and does not go on by itself."""
    bench.begin()
    bench.obey()
    bench.guard.on_link_lost()
    assert bench.reports()[-1] == ("target", "UNKNOWN", "link")
    bench.watch()
    assert bench.due() == []


def test_a_safe_order_after_a_lost_link_is_followed(bench: Bench) -> None:
    """The order is explicit, and its increments start from the value in force now."""
    bench.guard.on_link_lost()
    bench.arm(epoch=2, safe=True, state=PackMLState.ABORTED)
    bench.values[LEFT] = 20.3
    for _ in range(12):
        bench.obey()
    assert bench.written[0][1:] == (LEFT, 20.26)


def test_the_way_to_the_safe_state_outlives_a_flapping_link(bench: Bench) -> None:
    """Two blips in the ramp, no new order: each time it is watched anew, then goes on, and ends at the recipe."""
    bench.values[LEFT] = 20.5
    bench.watch()
    bench.arm(epoch=2, safe=True, state=PackMLState.HELD)
    for _ in range(2):
        bench.obey()
        bench.due()
        before = bench.values[LEFT]
        bench.guard.on_link_lost()
        bench.alive = False
        bench.now_ns += 300 * NS_PER_MS
        assert bench.obey() == []
        bench.alive = True
        assert [bench.obey() for _ in range(10)] == [[]] * 10
        assert bench.values[LEFT] == before > 20.0
    for _ in range(40):
        bench.obey()
    assert bench.values == {LEFT: 20.0, RIGHT: 20.0}
    assert bench.obey() == []


def test_a_finished_way_to_the_safe_state_is_not_repeated_after_a_lost_link(bench: Bench) -> None:
    """What a person sets in a cell that is held stays: the order was carried out."""
    bench.arm(epoch=2, safe=True, state=PackMLState.HELD)
    for _ in range(5):
        bench.obey()
    bench.guard.on_link_lost()
    bench.values[LEFT] = 20.3
    bench.watch()
    assert bench.due() == []


def test_a_safe_order_of_a_newer_epoch_is_a_new_order(bench: Bench) -> None:
    """Even when the state between the two, in which the cell ran, was never heard."""
    bench.arm(epoch=2, safe=True, state=PackMLState.HELD)
    for _ in range(5):
        bench.obey()
    bench.values[LEFT] = 20.3
    bench.watch()
    bench.arm(epoch=3, safe=True, state=PackMLState.HELD)
    assert (LEFT, 20.26) in bench.due()


def test_a_supervisor_that_falls_silent_ends_ramps_and_sends_the_setpoints_home(bench: Bench) -> None:
    """One second after its last word, at the slew, to the recipe; the transaction learns of it once."""
    bench.begin()
    bench.obey()
    bench.supervised = False
    for _ in range(10):
        bench.obey()
    highest = bench.values[LEFT]
    assert highest > 20.3
    assert not bench.guard.aged
    for _ in range(40):
        bench.obey()
    assert bench.guard.aged
    assert bench.values == {LEFT: 20.0, RIGHT: 20.0}
    assert bench.reports() == [("first-increment", "CONFIRMED", ""), ("target", "REFUSED", "state-age")]


def test_control_a_supervisor_that_goes_on_talking_ends_nothing(bench: Bench) -> None:
    """Negative control: the same ramp and time, the state sent anew."""
    bench.begin()
    for _ in range(51):
        bench.obey()
    assert bench.values[LEFT] == 21.0


def test_the_safe_state_for_age_is_entered_once(bench: Bench) -> None:
    """Home once; after that nothing is written, however long the silence."""
    bench.supervised = False
    for _ in range(30):
        bench.obey()
    written = len(bench.written)
    assert written == 2
    for _ in range(30):
        bench.obey()
    assert len(bench.written) == written


def test_a_state_that_was_old_on_arrival_changes_nothing(bench: Bench) -> None:
    """Late repeats neither arm nor enter the safe state again; a fresh one lets the cell act."""
    bench.supervised = False
    late = CellState(stamp=Stamp(bench.now_ns), state=PackMLState.EXECUTE, epoch=1, safe=False, reason="late")
    for _ in range(30):
        bench.guard.on_cell(late)
        bench.obey()
    assert len(bench.written) == 2
    assert bench.begin().startswith("state-age: ")
    bench.supervised = True
    assert bench.begin() == ""


def test_silence_of_a_held_cell_moves_nothing(bench: Bench) -> None:
    """Only Execute gives authority that can grow old."""
    bench.arm(state=PackMLState.HELD)
    bench.supervised = False
    for _ in range(30):
        bench.obey()
    assert bench.written == []
    assert not bench.guard.aged


def test_the_host_is_told_when_a_move_waits(bench: Bench) -> None:
    """Not while nothing moves, not between two ticks, not while an answer is out."""
    assert not bench.guard.waits(bench.now_ns)
    bench.begin()
    assert bench.guard.waits(bench.now_ns)
    bench.due()
    assert not bench.guard.waits(bench.now_ns)
    bench.guard.confirmed(bench.now_ns)
    assert not bench.guard.waits(bench.now_ns)
    assert bench.guard.waits(bench.now_ns + 100 * NS_PER_MS)


def test_value_outside_the_range_is_left_alone_by_the_safe_state(bench: Bench) -> None:
    """Any step from there would itself lie outside the range, and a jump would break the slew."""
    bench.values[LEFT] = 25.0
    bench.watch()
    bench.arm(safe=True)
    assert LEFT not in dict(bench.due())


def test_a_gap_in_watching_starts_the_second_anew(bench: Bench) -> None:
    """Nobody knows what the value was while nobody looked."""
    bench.now_ns += 2_000 * NS_PER_MS
    bench.due()
    assert bench.begin().startswith("watched: ")


@pytest.mark.parametrize("end", ["taken over", "safe state"])
def test_a_move_whose_block_is_out_is_not_told_as_refused(bench: Bench, end: str) -> None:
    """The plant may have taken the value already; who ended the move does not know."""
    bench.begin()
    assert bench.due()
    if end == "taken over":
        bench.guard.take_over(LEFT, "Li")
    else:
        bench.guard.enter_safe_state("safe-state: test")
    assert [(phase, outcome) for phase, outcome, _ in bench.reports()] == [("first-increment", "UNKNOWN")]
