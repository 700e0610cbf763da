"""A correction under way when the cell leaves Execute: it always gets its last word, and nothing is left unsaid."""

from __future__ import annotations

import pytest

from cellctl.model import PackMLState, Priority, TransactionState, WritePhase
from tests.unit.loop.bench import Bench
from tests.unit.loop.builders import make_cell, make_state

S = TransactionState
OPEN = [S.PROPOSED, S.GUARDED, S.WRITTEN, S.WAITING, S.VERIFYING, S.ROLLING_BACK]
LEAVING = [PackMLState.STOPPING, PackMLState.HELD, PackMLState.ABORTED]


def _bench_in(state: TransactionState, safe_state: str) -> Bench:
    """A cell whose correction stands in `state`."""
    bench = Bench(make_cell(safe_state=safe_state))
    proposal = bench.alarm()
    for phase, then in zip(WritePhase, (S.GUARDED, S.WRITTEN, S.WAITING), strict=True):
        if bench.states[-1] is state:
            return bench
        bench.answer(proposal, phase)
        if phase is WritePhase.TARGET:
            bench.plant["blade_load_sp_left"] = 21.0
            bench.harness.clock.advance(0.01)
            bench.read()
        assert bench.states[-1] is then
    if state in {S.VERIFYING, S.ROLLING_BACK}:
        bench.clean(1.0)
    if state is S.ROLLING_BACK:
        bench.plant["web_speed"] = 0.9
        bench.look()
    assert bench.states[-1] is state
    return bench


@pytest.mark.parametrize("safe_state", ["hold", "recipe"])
@pytest.mark.parametrize("leaving", LEAVING)
@pytest.mark.parametrize("state", OPEN)
def test_leaving_execute_leaves_no_correction_open(state, leaving, safe_state):
    """Whatever the correction was doing, its last record is CONFOUNDED when the cell has gone to its safe state."""
    bench = _bench_in(state, safe_state)
    bench.harness.feed("state", make_state(leaving, epoch=2, safe=True))
    assert bench.states[-1] is S.CONFOUNDED
    bench.harness.close()


@pytest.mark.parametrize("leaving", LEAVING)
@pytest.mark.parametrize("state", [S.WAITING, S.VERIFYING, S.ROLLING_BACK])
def test_what_hold_leaves_in_place_is_said(state, leaving):
    """With `hold` the unproven value stays: the record says where, and a high alarm asks a person to decide."""
    bench = _bench_in(state, "hold")
    bench.harness.feed("state", make_state(leaving, epoch=2, safe=True))
    assert "left at 21 kPa, a person decides" in bench.corrections[-1].reason
    alarm = bench.harness.sent("alarms")[-1]
    assert (alarm.id, alarm.active, alarm.priority) == ("correction.edge_spur.left", True, Priority.HIGH)
    assert "left at 21 kPa" in alarm.text
    bench.harness.close()


def test_what_goes_to_the_recipe_is_no_high_alarm():
    """Negative control: with `recipe` the guard brings the value back, and the record says so."""
    bench = _bench_in(S.VERIFYING, "recipe")
    bench.harness.feed("state", make_state(PackMLState.STOPPING, epoch=2, safe=True))
    assert "the guard brings the set-point to its safe value" in bench.corrections[-1].reason
    assert bench.harness.sent("alarms")[-1].priority is Priority.MEDIUM
    bench.harness.close()


def test_a_cell_that_ends_without_a_safe_order_leaves_nothing_open():
    """No roll-back can be asked for any more: the correction says where the set-point was left."""
    bench = _bench_in(S.VERIFYING, "recipe")
    bench.harness.feed("state", make_state(PackMLState.STOPPED, epoch=2))
    assert bench.states[-1] is S.CONFOUNDED
    assert "left at 21 kPa" in bench.corrections[-1].reason
    bench.harness.close()


def test_where_it_was_left_is_never_guessed():
    """With stale readings the record names the last confirmed value as such."""
    bench = _bench_in(S.VERIFYING, "hold")
    bench.harness.clock.advance(0.9)
    bench.harness.feed("state", make_state(PackMLState.HELD, epoch=2, safe=True))
    assert "left at 21 kPa (last confirmed)" in bench.corrections[-1].reason
    bench.harness.close()
