"""What is counted over running time or a lot: drift, rest and tries; none of it is reset in the cell's favour."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest

from cellctl.clock import NS_PER_MS, NS_PER_S
from cellctl.config.resolved import DriftOver
from cellctl.guard import Guard
from cellctl.model.correction import Kind, Outcome
from cellctl.model.guarding import Memory, Slots, extremes, noted
from cellctl.model.packml import PackMLState
from tests.unit.guard.bench import LEFT, RIGHT, Bench, rules


def bench_with(memory: Memory | None = None, **changes: object) -> Bench:
    """Armed and watched at 20 kPa, with another envelope."""
    bench = Bench(rules(**changes), memory)
    bench.values = {LEFT: 20.0, RIGHT: 20.0}
    bench.arm()
    bench.watch()
    return bench


def rest(bench: Bench, seconds: float) -> None:
    """Ticks of a second in which nothing is asked for."""
    for _ in range(round(seconds)):
        bench.now_ns += NS_PER_S
        bench.due()


def set_while_held(bench: Bench, value: float, epoch: int) -> None:
    """Somebody sets the left one in a held cell, and arms it again."""
    bench.arm(epoch=epoch, state=PackMLState.HELD)
    bench.values[LEFT] = value
    bench.watch()
    bench.arm(epoch=epoch)
    bench.due()


def move(bench: Bench, target: float, **changes: object) -> str:
    """One whole move of the left set-point; the refusal or empty."""
    reason = bench.begin(target=target, sequence=bench.now_ns, **changes)
    for _ in range(40 if not reason else 0):
        bench.obey()
    return reason


def test_running_time_is_time_in_execute() -> None:
    """Not while the cell is held, changes over, goes safe or nobody speaks; not over a gap of more than a second."""
    bench = bench_with()
    before = bench.guard.memory.running_ns
    rest(bench, 3)
    assert bench.guard.memory.running_ns == before + 3 * NS_PER_S
    for changes in ({"state": PackMLState.HELD}, {"changing": True}, {"safe": True}):
        bench.arm(**changes)
        rest(bench, 2)
    bench.arm()
    bench.supervised = False
    bench.now_ns += 1010 * NS_PER_MS
    bench.due()
    bench.supervised = True
    bench.now_ns += 1010 * NS_PER_MS + 1
    bench.due()
    bench.now_ns -= NS_PER_S
    bench.due()
    assert bench.guard.memory.running_ns == before + 3 * NS_PER_S
    bench.now_ns += 1010 * NS_PER_MS
    bench.due()
    assert bench.guard.memory.running_ns == before + 4010 * NS_PER_MS


def test_drift_over_running_hours_counts_every_value_of_the_window() -> None:
    """From 20 to 21 kPa, then 1.0 kPa in the other direction is 1.01 too far from what was in force before."""
    bench = bench_with(drift=1.0, drift_over=DriftOver.RUNNING, drift_window_s=160.0, recipe=22.0)
    assert move(bench, 19.0) == ""
    set_while_held(bench, 19.9, 2)
    assert move(bench, 18.99, epoch=2).startswith("drift: ")
    assert move(bench, 19.0, epoch=2) == ""


def test_a_move_of_hours_ago_no_longer_counts() -> None:
    """After the window and two of its slots the next budget is whole; just before, it is not."""
    bench = bench_with(drift=1.0, drift_over=DriftOver.RUNNING, drift_window_s=160.0, recipe=17.0)
    assert move(bench, 21.0) == ""
    rest(bench, 150)
    assert move(bench, 21.1).startswith("drift: ")
    rest(bench, 32)
    assert move(bench, 22.0) == ""


def test_held_hours_do_not_shorten_the_window() -> None:
    """Only running time passes."""
    bench = bench_with(drift=1.0, drift_over=DriftOver.RUNNING, drift_window_s=160.0, recipe=17.0)
    assert move(bench, 21.0) == ""
    bench.arm(epoch=2, state=PackMLState.HELD)
    rest(bench, 400)
    bench.arm(epoch=2)
    bench.watch()
    assert move(bench, 21.1, epoch=2).startswith("drift: ")


def test_towards_the_recipe_uses_no_drift() -> None:
    """Back home is always allowed, and no further than the wire's rounding of it."""
    bench = bench_with(drift=0.2, drift_over=DriftOver.RUNNING, drift_window_s=160.0, recipe=20.504)
    set_while_held(bench, 20.0, 2)
    assert bench.begin(target=20.51, epoch=2).startswith("drift: ")
    assert bench.begin(target=20.508, epoch=2) == ""


@pytest.mark.parametrize(("value", "target"), [(20.0, 19.0), (21.0, 19.9), (21.0, 21.001)])
def test_beyond_the_recipe_or_away_from_it_counts(value: float, target: float) -> None:
    """A move that passes the recipe, or leaves by a part of a step, is no way home."""
    bench = bench_with(drift=0.05, per_event=3.0)
    set_while_held(bench, value, 2)
    assert bench.begin(target=target, epoch=2).startswith("drift: ")


def test_dust_of_the_decimal_fractions_is_no_step_away() -> None:
    """A value that a sum of fractions puts a hair beside the wire's is the same value."""
    bench = bench_with(drift=0.05)
    set_while_held(bench, 20.999999999999996, 2)
    assert bench.begin(target=21.0, epoch=2) == ""


def test_what_is_in_force_now_counts_before_it_was_noted() -> None:
    """Somebody set it while the cell was held, and a proposal comes with the first word of Execute."""
    bench = bench_with(drift=0.5, drift_over=DriftOver.RUNNING, drift_window_s=160.0, recipe=17.0)
    bench.arm(epoch=2, state=PackMLState.HELD)
    bench.values[LEFT] = 20.4
    bench.watch()
    bench.arm(epoch=2)
    assert bench.begin(target=21.0, epoch=2).startswith("drift: ")


def test_drift_per_lot_counts_from_its_beginning() -> None:
    """Net: there and back uses nothing; an announced lot begins anew, a repeated word does not."""
    bench = bench_with(drift=0.5, drift_over=DriftOver.LOT, recipe=17.0)
    assert move(bench, 20.5) == ""
    assert move(bench, 20.6).startswith("drift: ")
    assert move(bench, 20.1) == ""
    assert move(bench, 20.5) == ""
    bench.guard.on_cell(_lot(bench, "B", changing=False))
    assert move(bench, 20.6).startswith("drift: ")
    bench.guard.on_cell(_lot(bench, "B", changing=True))
    bench.guard.on_cell(_lot(bench, "B", changing=False))
    bench.due()
    assert move(bench, 21.0) == ""
    bench.guard.on_cell(_lot(bench, "B", changing=True))
    bench.guard.on_cell(_lot(bench, "B", changing=False))
    assert move(bench, 21.1).startswith("drift: ")


def _lot(bench: Bench, lot: str, *, changing: bool):
    bench.tell()
    assert bench._state is not None
    return msgspec.structs.replace(bench._state, lot=lot, changing=changing)


def test_before_the_lots_first_value_is_seen_the_budget_counts_from_now() -> None:
    """A proposal with the first word of the lot."""
    bench = bench_with(drift=0.5, drift_over=DriftOver.LOT)
    bench.guard.memory = msgspec.structs.replace(bench.guard.memory, drift={})
    assert bench.begin(target=20.51).startswith("drift: ")
    assert bench.begin(target=20.5) == ""


def test_another_lot_leaves_a_window_of_hours_alone() -> None:
    """Only budgets of the lot begin anew."""
    bench = bench_with(drift=0.5, drift_over=DriftOver.RUNNING, drift_window_s=160.0)
    kept = bench.guard.memory.drift
    assert kept
    bench.guard.on_cell(_lot(bench, "B", changing=True))
    assert bench.guard.memory.drift == kept
    assert bench.guard.memory.lot == "B"


def test_another_product_begins_every_budget_anew() -> None:
    """Values of another recipe say nothing of this one."""
    bench = bench_with(drift=0.5, drift_over=DriftOver.RUNNING, drift_window_s=160.0)
    bench.arm(product="LFP-150")
    assert bench.guard.memory.drift == {}
    assert bench.guard.memory.product == "LFP-150"


def test_a_budget_from_the_recipe_needs_no_memory(bench: Bench) -> None:
    """Nothing is kept that nothing counts from."""
    assert bench.guard.memory.drift == {}


def test_every_budget_outlives_a_restart() -> None:
    """Drift, rest and tries are what they were; the memory went through the journal's JSON."""
    limits: Any = {"drift": 1.0, "drift_over": DriftOver.RUNNING, "drift_window_s": 160.0, "recipe": 17.0,
              "cool_down_s": 30.0, "tries": 1, "tries_window_s": 90.0}  # fmt: skip
    bench = bench_with(**limits)
    assert move(bench, 21.0) == ""
    memory = msgspec.json.decode(msgspec.json.encode(bench.guard.memory), type=Memory)
    assert memory == bench.guard.memory
    again = Bench(rules(**limits), memory)
    again.values[LEFT] = 21.0
    again.arm(epoch=2)
    again.watch()
    assert again.begin(target=21.1, epoch=2).startswith("drift: ")
    assert again.begin(target=20.9, epoch=2).startswith("cool-down: ")
    rest(again, 30)
    assert again.begin(target=20.9, epoch=2).startswith("tries: ")
    rest(again, 90)
    assert again.begin(target=20.9, epoch=2) == ""


@pytest.mark.parametrize("kind", [Kind.STEP, Kind.REGULATE])
def test_a_set_point_rests_after_a_move(kind: Kind) -> None:
    """Five seconds of running from its end, not a nanosecond less."""
    bench = bench_with(cool_down_s=5.0)
    assert bench.begin(target=20.02) == ""
    bench.obey()
    ended = bench.guard.memory.ended[LEFT]
    assert bench.begin(sequence=2, kind=kind).startswith("cool-down: ")
    _let_run_to(bench, ended + 5 * NS_PER_S - 1)
    assert bench.begin(sequence=2, kind=kind).startswith("cool-down: ")
    _let_run_to(bench, ended + 5 * NS_PER_S)
    assert bench.begin(sequence=2, kind=kind) == ""
    assert bench.begin(tag=RIGHT, sequence=3, kind=kind) == ""


def _let_run_to(bench: Bench, running_ns: int) -> None:
    while (left := running_ns - bench.guard.memory.running_ns) > 0:
        bench.now_ns += min(left, NS_PER_S)
        bench.due()


@pytest.mark.parametrize("kind", [Kind.ROLLBACK, Kind.RETURN, Kind.RELEASE])
def test_what_gives_back_needs_no_rest(kind: Kind) -> None:
    """A correction can be taken back at once."""
    bench = bench_with(cool_down_s=600.0)
    assert move(bench, 20.5) == ""
    assert bench.begin(sequence=bench.now_ns, kind=kind, target=20.0) == ""


@pytest.mark.parametrize("end", ["failed", "taken", "held", "link"])
def test_a_move_that_was_cut_short_needs_its_rest_too(end: str) -> None:
    """It moved the process all the same."""
    bench = bench_with(cool_down_s=600.0)
    bench.begin()
    bench.obey()
    bench.due()
    if end == "failed":
        bench.guard.failed(bench.now_ns, Outcome.UNKNOWN, "time-out")
    elif end == "taken":
        bench.guard.take_over(LEFT, "Li Wei")
    elif end == "held":
        bench.arm(state=PackMLState.HELD)
    else:
        bench.guard.on_link_lost()
    assert bench.guard.memory.ended == {LEFT: bench.guard.memory.running_ns}


def test_only_so_many_corrections_begin_within_an_hour_of_running() -> None:
    """Two per ten seconds: the third waits until the first of the last two lies ten seconds back."""
    bench = bench_with(tries=2, tries_window_s=10.0)
    for sequence in (1, 2):
        assert bench.begin(target=20.0 + sequence / 100, sequence=sequence) == ""
        bench.obey()
        rest(bench, 3)
    first = bench.guard.memory.begun[LEFT][0]
    assert len(bench.guard.memory.begun[LEFT]) == 2
    assert bench.begin(sequence=3).startswith("tries: ")
    _let_run_to(bench, first + 10 * NS_PER_S - 1)
    assert bench.begin(sequence=3).startswith("tries: ")
    assert bench.begin(sequence=3, tag=RIGHT) == ""
    _let_run_to(bench, first + 10 * NS_PER_S)
    assert bench.begin(sequence=4) == ""
    assert len(bench.guard.memory.begun[LEFT]) == 2


@pytest.mark.parametrize("kind", [Kind.REGULATE, Kind.ROLLBACK, Kind.RETURN, Kind.RELEASE])
def test_only_corrections_are_tries(kind: Kind) -> None:
    """A regulator's moves and every way back are none, neither counted nor refused."""
    bench = bench_with(tries=1, tries_window_s=600.0)
    assert move(bench, 20.0, kind=kind) == ""
    assert bench.guard.memory.begun == {}
    assert move(bench, 20.5) == ""
    assert move(bench, 20.0, kind=kind) == ""


def test_without_a_limit_the_last_beginning_is_all_that_is_kept(bench: Bench) -> None:
    """The memory does not grow."""
    for sequence in (1, 2, 3):
        assert bench.begin(sequence=sequence, target=20.0 + sequence / 100) == ""
        bench.obey()
    assert len(bench.guard.memory.begun[LEFT]) == 1


def test_what_an_intent_says_is_what_the_guard_will_remember(bench: Bench) -> None:
    """The memory stored before the move is the memory at its beginning; it is not yet in use."""
    before = bench.guard.memory
    meant = bench.guard.meant(bench.proposal(), 20.0)
    assert bench.guard.memory == before
    assert bench.begin() == ""
    assert bench.guard.memory == meant
    assert meant.origins == {LEFT: ("edge_spur-left-1", 20.0)}


def test_slots_keep_what_a_window_needs_and_no_more() -> None:
    """Sixteen slots of 10 ns: a value that lies a window and a slot back is gone, one within it is not."""
    seen = noted((), 0, 160, 20.0)
    assert seen == ((0, 20.0, 20.0),)
    assert noted(seen, 9, 160, 21.0) == ((0, 20.0, 21.0),)
    assert noted(seen, 9, 160, 19.0) == ((0, 19.0, 20.0),)
    assert noted(seen, 500, 160, 20.0) == seen
    seen = noted(seen, 10, 160, 21.0)
    assert seen == ((0, 20.0, 20.0), (10, 21.0, 21.0))
    assert noted(seen, 180, 160, 21.0) == seen
    assert noted(seen, 181, 160, 21.0) == ((10, 21.0, 21.0),)
    assert noted(noted(seen, 15, 160, 22.0), 20, 160, 22.0) == ((0, 20.0, 20.0), (10, 21.0, 22.0), (20, 22.0, 22.0))
    assert noted(((0, 20.0, 20.0), (10, 21.0, 21.0), (20, 22.0, 22.0)), 300, 160, 22.0) == ((20, 22.0, 22.0),)
    assert extremes(seen) == (20.0, 21.0)
    assert extremes(()) == ()


def test_the_slots_of_a_day_stay_few() -> None:
    """A value that never rests leaves no more than one slot per sixteenth of the window, and two."""
    seen: Slots = ()
    for minute in range(2000):
        seen = noted(seen, minute * 60, 480 * 60, 20.0 + math.sin(minute))
    assert len(seen) <= 18


def test_each_set_point_has_a_safe_value_of_its_own() -> None:
    """One ramps to 18 kPa, one that may not be there stops at its range, and one stays where it is."""
    for safe, end in ((18.0, 18.0), (16.0, 17.0), (24.0, 23.0), (None, 20.5)):
        bench = Bench(rules(safe=safe))
        bench.values[LEFT] = 20.5
        bench.arm(state=PackMLState.HELD)
        bench.watch()
        bench.arm(epoch=2, safe=True, state=PackMLState.HELD)
        for _ in range(110):
            bench.obey()
        assert bench.values[LEFT] == end


def test_a_first_start_knows_nothing() -> None:
    """No budget is used, nobody has anything, no loop is tripped."""
    assert Guard(rules()).memory == Memory(-1, -1, {}, {}, {}, 0, {}, {}, {}, {}, {}, "", "")


@pytest.mark.parametrize("target", [-0.0, 5e-324, 1e308, -1e308, 10**400, -(10**400), 1.0, True])
def test_odd_numbers_are_refused_like_others(bench: Bench, target: float) -> None:
    """Minus nothing, the smallest, the largest, whole numbers beyond any float: outside, and no exception."""
    assert bench.begin(target=target).split(":")[0] in {"finite", "range"}


def test_a_whole_number_is_a_value(bench: Bench) -> None:
    """21 is 21.0."""
    assert bench.begin(target=21) == ""


def test_minus_nothing_is_nothing() -> None:
    """It is written as 0."""
    bench = Bench(rules(recipe=0.0, minimum=-1.0, maximum=1.0))
    bench.arm()
    bench.watch()
    assert bench.begin(target=-0.0) == ""
    assert str(bench.due()[0][1]) == "0.0"


def test_a_clock_that_runs_backwards_lets_nothing_move(bench: Bench) -> None:
    """What was watched before is forgotten, and a second is watched anew."""
    bench.now_ns -= 1
    bench.arm()
    bench.due()
    assert bench.begin().startswith("watched: ")
    bench.watch()
    assert bench.begin() == ""
