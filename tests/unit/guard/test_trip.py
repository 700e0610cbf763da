"""A loop that asks again and again for what the envelope forbids is tripped, and stays so until a person resets it."""

from __future__ import annotations

import math

import msgspec
import pytest

from cellctl.clock import NS_PER_S
from cellctl.guard import Guard
from cellctl.guard.rules import RULES, is_breach
from cellctl.model.correction import Kind
from cellctl.model.guarding import Memory
from cellctl.model.packml import PackMLState
from tests.unit.guard.bench import LEFT, RIGHT, Bench, rules

TRIPPED = {"edge_spur": "edge_spur was refused too often, last per-event: too far for one move"}


def breach(bench: Bench, times: int = 1, **changes: object) -> None:
    """Ask for too much, and let the guard count the refusal."""
    for _ in range(times):
        bench.tell()
        proposal = bench.proposal(**({"target": 22.0} | changes))
        reason = bench.guard.judge(proposal, bench.now_ns, bench.plant)
        bench.guard.refused(proposal, reason, bench.now_ns)


def test_three_breaches_within_a_minute_trip(bench: Bench) -> None:
    """Two do not; after the third nothing of the loop is taken, whatever it asks for."""
    breach(bench, 2)
    assert bench.guard.memory.tripped == {}
    breach(bench)
    assert bench.guard.memory.tripped == TRIPPED
    for kind in Kind:
        assert bench.begin(kind=kind, target=20.0).startswith("tripped: edge_spur was refused too often")


def test_breaches_that_lie_further_apart_do_not_trip(bench: Bench) -> None:
    """Exactly a minute still counts, a nanosecond more does not."""
    breach(bench)
    bench.now_ns += 60 * NS_PER_S + 1
    breach(bench, 2)
    assert bench.guard.memory.tripped == {}
    bench.now_ns += 60 * NS_PER_S
    breach(bench)
    assert bench.guard.memory.tripped == TRIPPED


def test_another_number_and_time() -> None:
    """As the engineer wrote it."""
    bench = Bench(msgspec.structs.replace(rules(), trip=2, trip_within_s=1.0))
    bench.arm()
    bench.watch()
    breach(bench)
    bench.now_ns += NS_PER_S + 1
    bench.due()
    breach(bench)
    assert bench.guard.memory.tripped == {}
    breach(bench)
    assert bench.guard.memory.tripped == TRIPPED


def test_only_breaches_count(bench: Bench) -> None:
    """What a sound loop can be refused for trips nothing, however often."""
    for _ in range(5):
        breach(bench, target=20.5, exposure_ns=0)
    assert bench.guard.memory.tripped == {}


def test_which_refusals_are_breaches() -> None:
    """What no sound loop asks for; not what time, state, budgets or other hands bring about."""
    expected = {"finite", "tag", "unit", "authority", "sequence", "range", "per-event"}
    assert {rule.name for rule in RULES if is_breach(f"{rule.name}: words")} == expected
    assert not is_breach("")
    assert not is_breach("queue: 16 proposals wait already")


def test_its_set_points_go_safe_and_its_ramp_ends(bench: Bench) -> None:
    """The ramp of the left one is ended, and both go to their safe value although the cell stays in Execute."""
    bench.begin()
    for _ in range(5):
        bench.obey()
    breach(bench, 3, sequence=2, tag=RIGHT)
    assert bench.reports()[-1] == ("target", "REFUSED", "tripped")
    for _ in range(20):
        bench.obey()
    assert bench.values == {LEFT: 20.0, RIGHT: 20.0}


def test_set_points_of_other_loops_stay() -> None:
    """Only what the tripped loop may move goes safe; what other devices have is theirs."""
    other = Bench(msgspec.structs.replace(rules(safe=19.0), loops={"edge_spur": (RIGHT, "oven.t"), "pinhole": (LEFT,)}))
    other.arm()
    other.watch()
    breach(other, 3, tag=RIGHT)
    assert [tag for tag, _ in other.due()] == [RIGHT]
    assert other.begin(loop="pinhole", tag=LEFT) == ""


def test_in_a_cell_that_does_not_act_nothing_moves(bench: Bench) -> None:
    """What a person set in a held cell stays; the loop is tripped all the same."""
    bench.arm(state=PackMLState.HELD)
    bench.values[LEFT] = 20.5
    bench.watch()
    breach(bench, 3, target=math.nan)
    assert bench.guard.memory.tripped
    assert bench.due() == []


def test_a_trip_happens_once(bench: Bench) -> None:
    """Further breaches of a tripped loop do not start the way to the safe state anew."""
    breach(bench, 3)
    for _ in range(5):
        bench.obey()
    breach(bench, 9, target=math.nan)
    assert bench.due() == []
    assert bench.guard.memory.tripped == TRIPPED


def test_a_stranger_is_not_remembered(bench: Bench) -> None:
    """Names that no configuration knows can move nothing and must not fill the memory."""
    breach(bench, 5, loop="stranger")
    assert bench.guard.memory.tripped == {}
    bench.guard.reset("stranger")


@pytest.mark.parametrize("epoch", [1, 2])
def test_only_a_person_ends_it(bench: Bench, epoch: int) -> None:
    """Neither a new epoch nor a restart; after the reset the count begins anew."""
    breach(bench, 3)
    for _ in range(5):
        bench.obey()
    bench.arm(epoch=epoch)
    assert Guard(rules(), bench.guard.memory).memory.tripped == TRIPPED
    assert bench.begin(epoch=epoch).startswith("tripped: ")
    bench.guard.reset("edge_spur")
    breach(bench, 2, epoch=epoch)
    assert bench.begin(epoch=epoch) == ""


def test_a_reset_frees_one_loop(bench: Bench) -> None:
    """The other stays tripped."""
    bench.guard.memory = Memory(epoch=1, tripped={"edge_spur": "a", "pinhole": "b"})
    bench.guard.reset("edge_spur")
    assert bench.guard.memory.tripped == {"pinhole": "b"}
