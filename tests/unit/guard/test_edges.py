"""Where a limit ends exactly: one step inside passes, one step outside does not."""

from __future__ import annotations

import sys

import pytest

from cellctl.clock import NS_PER_MS
from cellctl.guard import Slew
from cellctl.guard.slew import WINDOW_NS
from cellctl.model.correction import Kind
from cellctl.model.guarding import Memory, Plant, noted
from cellctl.model.message import Stamp
from cellctl.model.packml import CellState, PackMLState
from tests.unit.guard.bench import LEFT, Bench, rules, setpoint
from tests.unit.guard.test_changeover import THICK, THIN, two_recipes

NOW_NS = 50 * WINDOW_NS
COARSE = {"resolution": 0.25, "per_event": 1.0, "slew_per_s": 2.5}
"""Steps of the wire that a float holds exactly."""


def started(in_force: float, **changes: object) -> Bench:
    """Armed and watched at a value, with another envelope."""
    bench = Bench(rules(**changes))
    bench.values[LEFT] = in_force
    bench.arm()
    bench.watch()
    return bench


@pytest.mark.parametrize(
    ("in_force", "target", "passes"),
    [
        (22.5, 23.0, True), (22.5, 23.0 + 1e-6 * 0.01, True), (22.5, 23.00005, False),
        (17.5, 17.0, True), (17.5, 17.0 - 1e-6 * 0.01, True), (17.5, 16.99995, False),
    ],
)  # fmt: skip
def test_the_range_ends_at_its_limits(in_force: float, target: float, passes: bool) -> None:
    """The limit itself and the dust of its fraction are inside, a hundredth of a step is not."""
    assert started(in_force).begin(target=target) == ("" if passes else "range: the target lies outside the range")


@pytest.mark.parametrize(("target", "passes"), [(21.125, True), (21.15, False), (18.875, True), (18.85, False)])
def test_one_move_ends_half_a_step_behind_its_limit(target: float, passes: bool) -> None:
    """1 kPa and half a step of the wire, which is where the wire's rounding ends."""
    assert started(20.0, **COARSE).begin(target=target) == ("" if passes else "per-event: too far for one move")


@pytest.mark.parametrize(
    ("in_force", "target", "passes"),
    [(20.5, 19.875, True), (20.5, 19.87, False), (19.5, 20.125, True), (19.5, 20.13, False)],
)
def test_a_release_ends_half_a_step_behind_the_recipe(in_force: float, target: float, passes: bool) -> None:
    """What the wire rounds to the recipe is the recipe."""
    reason = started(in_force, **COARSE).begin(kind=Kind.RELEASE, target=target)
    assert (reason == "") == passes


@pytest.mark.parametrize(
    ("in_force", "target", "passes"),
    [(19.000000000000004, 19.0, True), (18.99, 18.98995, False), (21.01, 21.01005, False)],
)
def test_only_dust_is_no_step_away_from_the_recipe(in_force: float, target: float, passes: bool) -> None:
    """On either side; a hundredth of a step is one."""
    bench = started(in_force, drift=0.05)
    assert (bench.begin(target=target) == "") == passes


@pytest.mark.parametrize(("slew", "passes"), [(0.01, True), (0.01 * (1 - 1e-6), True), (0.00999, False)])
def test_the_slowest_ramp_is_one_step_a_second(slew: float, passes: bool) -> None:
    """And the dust of its fraction."""
    assert (started(20.0, slew_per_s=slew).begin() == "") == passes


def test_the_largest_float_is_a_number(bench: Bench) -> None:
    """It lies outside of every range."""
    assert bench.begin(target=sys.float_info.max).startswith("range: ")


def test_the_first_sequence_may_be_zero(bench: Bench) -> None:
    """Sources count from nothing."""
    assert bench.begin(sequence=0) == ""


def known(counts: int, until_ns: int) -> Slew:
    """A set-point that stood at a value for two seconds until then: 40 steps a second, 4 a tick."""
    slew = Slew(setpoint(LEFT))
    for at_ns in (until_ns - 2 * WINDOW_NS, until_ns - WINDOW_NS, until_ns):
        slew.note(counts, at_ns)
    return slew


def test_a_value_limits_the_ramp_for_a_second_after_it() -> None:
    """It stood at 2000 until now, and 2040 is in force: 2044 has to wait until 2000 lies a second back."""
    slew = known(2000, NOW_NS)
    slew.note(2040, NOW_NS)
    for at_ns in (NOW_NS, NOW_NS + 1, NOW_NS + WINDOW_NS):
        assert slew.next(at_ns, 2040, 2100) is None
    assert slew.next(NOW_NS + WINDOW_NS + 1, 2040, 2100) == 2044


def test_a_second_without_a_look_is_a_gap() -> None:
    """Exactly a second is none; the watch begins anew after one, and lasts exactly a second."""
    for pause_ns, is_known in ((WINDOW_NS, True), (WINDOW_NS + 1, False)):
        slew = known(2000, NOW_NS)
        slew.note(2000, NOW_NS + pause_ns)
        assert slew.watched(NOW_NS + pause_ns) == is_known
    slew = Slew(setpoint(LEFT))
    slew.note(2000, NOW_NS)
    assert not slew.watched(NOW_NS + WINDOW_NS - 1)
    assert slew.watched(NOW_NS + WINDOW_NS)


def test_a_range_of_one_value_can_be_confirmed() -> None:
    """Nothing else may be asked for, and that may."""
    slew = Slew(setpoint(LEFT, minimum=20.0, maximum=20.0))
    slew.note(2000, NOW_NS)
    assert slew.next(NOW_NS + WINDOW_NS, 2000, 2000) == 2000


@pytest.mark.parametrize(("slew_per_s", "step"), [(0.05, 2001), (0.45, 2004), (0.4, 2004), (0.01, 2001)])
def test_an_increment_is_a_tenth_of_the_slew_and_at_least_one_step(slew_per_s: float, step: int) -> None:
    """Rounded down."""
    slew = Slew(setpoint(LEFT, slew_per_s=slew_per_s))
    slew.note(2000, NOW_NS)
    assert slew.next(NOW_NS + WINDOW_NS, 2000, 2100) == step


def test_values_come_without_dust_and_without_loss() -> None:
    """Nine decimals: more would keep the dust of large values, fewer would lose the steps of small ones."""
    assert 0.1 * 10000001 != 1000000.1
    assert Slew(setpoint(LEFT, resolution=0.1)).value(10000001) == 1000000.1
    assert Slew(setpoint(LEFT, resolution=3e-9)).value(1) == 3e-9


def test_an_increment_waits_for_its_tick(bench: Bench) -> None:
    """A nanosecond before 100 ms are over nothing is due, and the host is not woken."""
    bench.begin()
    bench.due()
    bench.guard.confirmed(bench.now_ns)
    bench.values[LEFT] = 20.04
    bench.now_ns += 100 * NS_PER_MS - 1
    assert not bench.guard.waits(bench.now_ns)
    assert bench.due() == []
    bench.now_ns += 1
    assert bench.guard.waits(bench.now_ns)
    assert bench.due() == [(LEFT, 20.08)]


def test_the_host_is_not_woken_while_an_answer_is_out(bench: Bench) -> None:
    """However long it takes."""
    bench.begin()
    bench.due()
    assert not bench.guard.waits(bench.now_ns + 100 * NS_PER_MS)


def test_a_guard_that_begins_with_an_old_word_goes_safe() -> None:
    """Nobody has said for more than a second that the cell is in Execute."""
    bench = Bench()
    bench.values[LEFT] = 20.5
    bench.guard.on_cell(CellState(stamp=Stamp(0), state=PackMLState.EXECUTE, epoch=1, safe=False, reason="old"))
    for _ in range(30):
        bench.obey()
    assert bench.values[LEFT] == 20.0


def test_a_safe_order_of_an_epoch_that_is_known_is_followed_after_a_restart() -> None:
    """The guard is new, the order is not: it is its first word all the same."""
    bench = Bench(memory=Memory(epoch=1, lost_epoch=1))
    bench.values[LEFT] = 20.5
    bench.arm(epoch=1, safe=True, state=PackMLState.HELD)
    for _ in range(30):
        bench.obey()
    assert bench.values[LEFT] == 20.0


@pytest.mark.parametrize(
    ("state", "changing", "why"),
    [
        (PackMLState.EXECUTE, False, "state: the cell left Execute (test)"),
        (PackMLState.HELD, True, "state: the cell left Execute (test)"),
        (PackMLState.EXECUTE, True, "changeover: the line changes over (test)"),
    ],
)
def test_a_ramp_learns_what_ended_it(bench: Bench, state: PackMLState, changing: bool, why: str) -> None:
    """A changeover is named only where the cell stays in Execute."""
    bench.begin()
    bench.arm(epoch=2, state=state, changing=changing)
    assert bench.guard.reports[-1].reason == why


def test_who_brings_a_moved_set_point_to_the_recipe_takes_nothing(bench: Bench) -> None:
    """It stands where the recipe wants it."""
    bench.begin(target=20.5)
    for _ in range(20):
        bench.obey()
    bench.values[LEFT] = 20.0
    bench.due()
    assert bench.guard.memory.taken == {}


def test_another_recipe_ends_the_way_to_the_values_of_the_old_one() -> None:
    """The line itself moves its set-points; nobody brings them back to what held before."""
    bench = Bench(two_recipes())
    bench.values[LEFT] = 20.5
    bench.arm(product=THICK, safe=True, state=PackMLState.HELD)
    for _ in range(15):
        bench.obey()
    assert bench.values[LEFT] < 20.5
    bench.arm(epoch=2, product=THIN, state=PackMLState.HELD, changing=True)
    bench.values[LEFT] = 28.5
    assert [bench.obey() for _ in range(15)] == [[]] * 15


def test_running_time_begins_with_the_first_look() -> None:
    """The machine has just started: its clock shows one nanosecond."""
    bench = Bench()
    bench.now_ns = 1
    bench.arm()
    bench.due()
    assert bench.guard.memory.running_ns == 1


def test_what_is_known_and_remembered_is_not_changed_in_place(bench: Bench) -> None:
    """A record that was handed out stays what it was."""
    for record, name in ((bench.guard.memory, "epoch"), (Plant(True, {}), "alive")):
        with pytest.raises(AttributeError):
            setattr(record, name, 7)


def test_a_window_has_sixteen_slots() -> None:
    """Of 30 ns in a window of 480 ns."""
    assert noted(((0, 20.0, 20.0),), 29, 480, 21.0) == ((0, 20.0, 21.0),)
    assert noted(((0, 20.0, 20.0),), 30, 480, 21.0) == ((0, 20.0, 20.0), (30, 21.0, 21.0))
