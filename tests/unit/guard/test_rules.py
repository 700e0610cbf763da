"""Every row of the rule table refuses what it names, alone, and the table is complete."""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec
import pytest

from cellctl.clock import NS_PER_MS, NS_PER_S
from cellctl.guard import RULES, Guard
from cellctl.model.correction import Kind
from cellctl.model.guarding import Memory
from cellctl.model.message import Stamp
from cellctl.model.packml import PackMLState
from cellctl.model.quality import Quality
from tests.unit.guard.bench import LEFT, RIGHT, Bench, rules


def _too_old(bench: Bench) -> str:
    proposal = bench.proposal()
    bench.now_ns += 201 * NS_PER_MS
    bench.tell()
    bench.due()
    return bench.guard.begin(proposal, bench.now_ns, bench.plant)


def _from_the_future(bench: Bench) -> str:
    return bench.begin(stamp=Stamp(bench.now_ns + 1))


def _state_too_old(bench: Bench) -> str:
    bench.supervised = False
    bench.now_ns += 1001 * NS_PER_MS
    return bench.begin()


def _state_from_the_future(bench: Bench) -> str:
    bench.supervised = False
    bench.now_ns -= 1
    return bench.begin(stamp=Stamp(bench.now_ns))


def _tag_of_another_loop(_bench: Bench) -> str:
    """Both loops may write, each its own tag; one tries the other's."""
    other = Bench(msgspec.structs.replace(rules(), loops={"edge_spur": (RIGHT,), "pinhole": (LEFT,)}))
    other.arm()
    other.watch()
    assert other.begin(loop="pinhole", sequence=1) == ""
    return other.begin(sequence=2)


def _replayed(bench: Bench) -> str:
    proposal = bench.proposal(target=20.01)
    assert bench.guard.begin(proposal, bench.now_ns, bench.plant) == ""
    bench.obey()
    return bench.guard.judge(proposal, bench.now_ns, bench.plant)


def _busy(bench: Bench) -> str:
    assert bench.begin() == ""
    return bench.begin(sequence=2)


def _foreign_rollback(bench: Bench) -> str:
    assert bench.begin() == ""
    return bench.begin(sequence=2, kind=Kind.ROLLBACK, transaction="edge_spur-left-2", target=20.0)


def _in_safe_state(bench: Bench) -> str:
    bench.arm(safe=True)
    return bench.begin()


def _held(bench: Bench) -> str:
    bench.arm(state=PackMLState.HELD)
    return bench.begin()


def _after_link_loss(bench: Bench) -> str:
    bench.guard.on_link_lost()
    bench.watch()
    return bench.begin()


def _unwatched(bench: Bench) -> str:
    bench.guard.on_link_lost()
    bench.arm(epoch=2)
    return bench.begin(epoch=2)


def _no_value(bench: Bench) -> str:
    del bench.values[LEFT]
    return bench.begin()


def _with(**changes: object) -> Callable[[Bench], str]:
    """Set attributes of the bench, then propose."""

    def attempt(bench: Bench) -> str:
        for name, value in changes.items():
            setattr(bench, name, value)
        return bench.begin()

    return attempt


def _in_force(value: float, **changes: object) -> Callable[[Bench], str]:
    def attempt(bench: Bench) -> str:
        bench.values[LEFT] = value
        return bench.begin(**changes)

    return attempt


def _slow_envelope(_bench: Bench) -> str:
    other = Bench(rules(slew_per_s=0.009))
    other.arm()
    other.watch()
    return other.begin()


def _latched(bench: Bench) -> str:
    bench.guard.memory = Memory(epoch=1, failures={LEFT: 3})
    return bench.begin()


def _latched_release(bench: Bench) -> str:
    bench.values[LEFT] = 21.0
    bench.guard.memory = Memory(epoch=1, failures={LEFT: 3})
    return bench.begin(kind=Kind.RELEASE, target=20.0)


def _tripped(bench: Bench) -> str:
    bench.guard.memory = Memory(epoch=1, tripped={"edge_spur": "edge_spur was refused too often"})
    return bench.begin()


def _taken(bench: Bench) -> str:
    bench.guard.take_over(LEFT, "Li Wei")
    return bench.begin()


def _drifted(_bench: Bench) -> str:
    tight = Bench(rules(drift=0.5))
    tight.arm()
    tight.watch()
    return tight.begin(target=20.51)


def _hot(_bench: Bench) -> str:
    hot = Bench(rules(cool_down_s=5.0))
    hot.arm()
    hot.watch()
    assert hot.begin(target=20.02) == ""
    hot.obey()
    return hot.begin(sequence=2)


def _tried(_bench: Bench) -> str:
    tried = Bench(rules(tries=1, tries_window_s=60.0))
    tried.arm()
    tried.watch()
    assert tried.begin(target=20.02) == ""
    tried.obey()
    return tried.begin(sequence=2)


def _changing(bench: Bench) -> str:
    bench.arm(epoch=1, changing=True)
    return bench.begin()


CASES: list[tuple[str, Callable[[Bench], str]]] = [
    *(("finite", lambda b, bad=bad: b.begin(target=bad)) for bad in (math.nan, math.inf, -math.inf)),
    ("tag", lambda b: b.begin(tag="plc.oven")),
    ("tag", lambda b: b.begin(tag="")),
    ("unit", lambda b: b.begin(unit="bar")),
    ("epoch", lambda b: b.begin(epoch=0)),
    ("epoch", lambda b: b.begin(epoch=2)),
    ("re-arm", _after_link_loss),
    ("state", _held),
    ("changeover", _changing),
    ("safe-state", _in_safe_state),
    ("slew", _slow_envelope),
    ("state-age", _state_too_old),
    ("state-age", _state_from_the_future),
    ("authority", lambda b: b.begin(loop="stranger")),
    ("authority", _tag_of_another_loop),
    ("proposal-age", _too_old),
    ("proposal-age", _from_the_future),
    ("evidence-age", lambda b: b.begin(exposure_ns=b.now_ns - 801 * NS_PER_MS)),
    ("evidence-age", lambda b: b.begin(exposure_ns=b.now_ns + 1)),
    ("way-back", lambda b: b.begin(kind=Kind.ROLLBACK)),
    ("sequence", _replayed),
    ("sequence", lambda b: b.begin(sequence=-1)),
    ("input", _with(alive=False)),
    ("input", _with(quality=Quality.UNCERTAIN_LAST_USABLE)),
    ("input", _with(quality=Quality.BAD_COMMUNICATION)),
    ("input", _with(age_s=0.301)),
    ("input", _with(age_s=-0.001)),
    ("input", _no_value),
    ("input", _in_force(math.nan)),
    ("controller", _with(refuses="the controller is in HELD")),
    ("watched", _unwatched),
    ("busy", _busy),
    ("busy", _foreign_rollback),
    ("outside", _in_force(23.01, target=22.9)),
    ("outside", _in_force(16.99, target=17.5)),
    ("range", _in_force(22.9, target=23.001)),
    ("range", _in_force(17.1, target=16.999)),
    ("per-event", lambda b: b.begin(target=21.01)),
    ("per-event", lambda b: b.begin(target=18.99)),
    ("release", _in_force(20.5, kind=Kind.RELEASE, target=20.6)),
    ("release", _in_force(20.5, kind=Kind.RELEASE, target=19.9)),
    ("release", _in_force(19.5, kind=Kind.RELEASE, target=19.4)),
    ("tripped", _tripped),
    ("taken over", _taken),
    ("evidence", lambda b: b.begin(quality=Quality.UNCERTAIN)),
    ("drift", _drifted),
    ("cool-down", _hot),
    ("tries", _tried),
    ("failures", _latched),
    ("failures", _latched_release),
]


@pytest.mark.parametrize(("name", "attempt"), CASES, ids=[f"{i}-{name}" for i, (name, _) in enumerate(CASES)])
def test_refused_by_its_own_rule(bench: Bench, name: str, attempt: Callable[[Bench], str]) -> None:
    """A legal proposal with one thing wrong is refused by the rule of that name, and nothing is written."""
    assert attempt(bench).startswith(f"{name}: ")


def test_drift_counts_the_net_distance_from_the_recipe() -> None:
    """Beyond the budget is refused, back towards the recipe never is."""
    tight = Bench(rules(drift=0.5))
    tight.arm()
    tight.watch()
    assert tight.begin(target=20.51).startswith("drift: ")
    tight.values[LEFT] = 20.9
    assert tight.begin(target=20.6) == ""


def test_every_rule_has_a_case() -> None:
    """No row of the table is without a test."""
    assert {rule.name for rule in RULES} == {name for name, _ in CASES}


def test_legal_step_passes(bench: Bench) -> None:
    """The negative control of all refusals: the unchanged proposal is accepted."""
    assert bench.begin() == ""


def test_judging_changes_nothing(bench: Bench) -> None:
    """A proposal that was only judged can still begin."""
    proposal = bench.proposal()
    assert bench.guard.judge(proposal, bench.now_ns, bench.plant) == ""
    assert bench.guard.begin(proposal, bench.now_ns, bench.plant) == ""


def test_rollback_is_not_refused_for_the_age_of_its_evidence(bench: Bench) -> None:
    """The evidence of a roll-back is as old as the correction it takes back."""
    bench.values[LEFT] = 21.0
    old = bench.now_ns - 60 * NS_PER_S
    assert bench.begin(kind=Kind.ROLLBACK, target=20.0, exposure_ns=old) == ""


@pytest.mark.parametrize(("in_force", "target"), [(21.0, 20.0), (21.0, 20.4), (19.0, 20.0), (20.0, 20.0)])
def test_a_release_towards_the_recipe_passes_however_old_its_evidence(bench: Bench, in_force, target) -> None:
    """Back to the recipe, or part of the way, is allowed long after the objects were seen."""
    bench.values[LEFT] = in_force
    old = bench.now_ns - 600 * NS_PER_S
    assert bench.begin(kind=Kind.RELEASE, target=target, exposure_ns=old) == ""


def test_the_return_of_a_pulse_replaces_its_own_move(bench: Bench) -> None:
    """The second half of a momentary request is taken although its first half still runs and the latch has dropped."""
    assert bench.begin() == ""
    bench.guard.memory = Memory(epoch=1, sequences={"loop": 1}, failures={LEFT: 3})
    assert bench.begin(sequence=2, kind=Kind.RETURN, target=20.0) == ""


def test_rollback_is_refused_outside_the_range(bench: Bench) -> None:
    """Even a roll-back stays inside the envelope."""
    bench.values[LEFT] = 17.2
    assert bench.begin(kind=Kind.ROLLBACK, target=16.9).startswith("range: ")


def test_rollback_passes_the_latch(bench: Bench) -> None:
    """A correction can be taken back although the plant did not confirm the last moves."""
    bench.guard.memory = Memory(epoch=1, failures={LEFT: 3})
    assert bench.begin(kind=Kind.ROLLBACK, target=20.0) == ""


@pytest.mark.parametrize("kind", [Kind.ROLLBACK, Kind.RETURN])
def test_a_way_back_leads_only_to_where_its_own_correction_began(bench: Bench, kind: Kind) -> None:
    """Old evidence does not move a set-point away from the recipe under the name of a way back."""
    old = bench.now_ns - 600 * NS_PER_S
    bench.values[LEFT] = 20.5
    assert bench.begin(kind=kind, target=21.0, exposure_ns=old).startswith("way-back: ")
    bench.guard.memory = Memory(epoch=1, origins={LEFT: ("edge_spur-left-1", 21.0)})
    assert bench.begin(kind=kind, target=21.3, exposure_ns=old).startswith("way-back: ")
    assert bench.begin(kind=kind, target=21.0, transaction="edge_spur-left-2").startswith("way-back: ")
    assert bench.begin(kind=kind, target=21.0, exposure_ns=old) == ""


def test_where_a_correction_began_outlives_the_epoch(bench: Bench) -> None:
    """A roll-back that is owed is made in the next epoch, also away from the recipe."""
    bench.arm(state=PackMLState.HELD)
    bench.values[LEFT] = 21.0
    bench.watch()
    bench.arm(epoch=2)
    assert bench.begin(target=20.5, epoch=2) == ""
    for _ in range(20):
        bench.obey()
    bench.arm(epoch=3)
    old = bench.now_ns - 600 * NS_PER_S
    assert bench.begin(sequence=2, epoch=3, kind=Kind.ROLLBACK, target=21.0, exposure_ns=old) == ""


def test_a_restarted_guard_is_not_armed() -> None:
    """A guard that remembers an epoch refuses until the cell says Execute again."""
    restarted = Bench(memory=Memory(epoch=4, lost_epoch=4))
    restarted.watch()
    assert restarted.begin(epoch=4).startswith("re-arm: ")
    restarted.arm(epoch=4)
    assert restarted.begin(epoch=4).startswith("re-arm: ")
    restarted.arm(epoch=5)
    assert restarted.begin(epoch=5) == ""


def test_new_guard_is_stopped() -> None:
    """Without any word from the cell every proposal is refused."""
    fresh = Bench()
    fresh.watch()
    assert fresh.begin(epoch=-1).startswith("re-arm: ")
    assert Guard(rules()).memory == Memory()
