"""Only an armed cell without anything against it may act."""

import pytest

from cellctl.model import Alarm, PackMLState, Priority, Stamp
from cellctl.runtime.supervision.authority import Authority
from cellctl.testing import VirtualClock


def alarm(*, active=True, holds=True, name="camera.silent"):
    return Alarm(stamp=Stamp(0), id=name, active=active, priority=Priority.HIGH, text=f"{name} stands", holds=holds)


@pytest.fixture
def authority():
    authority = Authority(VirtualClock())
    authority.ready()
    return authority


def test_it_begins_in_stopped(authority):
    """Starting a process arms nobody."""
    assert authority.state.state is PackMLState.STOPPED
    assert not authority.state.safe


def test_arming_leads_to_execute(authority):
    """The only way there."""
    assert authority.arm("operator") == ""
    assert authority.state.state is PackMLState.EXECUTE


def test_a_holding_alarm_takes_the_cell_out_of_execute(authority):
    """Into the safe state, with a new epoch; and it stays there when the alarm goes."""
    authority.arm("operator")
    epoch = authority.state.epoch
    authority.alarm(alarm())
    assert authority.state.state is PackMLState.HELD
    assert authority.state.safe
    assert authority.state.epoch == epoch + 1
    authority.alarm(alarm(active=False))
    assert authority.state.state is PackMLState.HELD


def test_other_alarms_hold_nothing(authority):
    """They are for people."""
    authority.arm("operator")
    authority.alarm(alarm(holds=False))
    assert authority.state.state is PackMLState.EXECUTE


@pytest.mark.parametrize("held_in", ["stopped", "execute"])
def test_it_cannot_be_armed_while_a_holding_alarm_stands(authority, held_in):
    """Whenever the alarm came."""
    if held_in == "execute":
        authority.arm("operator")
    authority.alarm(alarm())
    assert "camera.silent stands" in authority.arm("operator")
    assert authority.state.state is not PackMLState.EXECUTE
    authority.alarm(alarm(active=False))
    assert authority.arm("operator") == ""


def test_every_holding_alarm_must_go(authority):
    """One that went does not clear the other."""
    authority.alarm(alarm(name="a"))
    authority.alarm(alarm(name="b"))
    authority.alarm(alarm(name="a", active=False))
    assert "b stands" in authority.arm("operator")


def test_a_lost_process_aborts_and_the_first_cause_is_kept(authority):
    """What failed because of it is not blamed."""
    authority.arm("operator")
    authority.fail("inspect: killed")
    authority.fail("loop: silent")
    assert authority.failure == "inspect: killed"
    assert authority.state.state is PackMLState.ABORTED
    assert authority.state.safe
    assert "inspect: killed" in authority.arm("operator")


def test_a_stopping_cell_cannot_be_armed(authority):
    """The way out is one way."""
    authority.arm("operator")
    authority.stop()
    assert authority.state.state is PackMLState.STOPPING
    assert "STOPPING" in authority.arm("operator")


def test_a_cell_that_never_acted_needs_no_safe_state(authority):
    """Stopping from Stopped moves nothing."""
    authority.stop()
    assert not authority.state.safe


def test_refreshing_changes_the_stamp_alone():
    """The same state, epoch and reason, told again."""
    clock = VirtualClock()
    authority = Authority(clock)
    authority.arm("operator")
    before = authority.state
    clock.advance(0.2)
    after = authority.refresh()
    assert after.stamp.t_ns == before.stamp.t_ns + 200_000_000
    assert (after.state, after.epoch, after.reason) == (before.state, before.epoch, before.reason)


def test_a_changeover_does_not_hide_why_the_cell_is_held(authority):
    """Who looks at a held cell after a changeover reads the cause, not that the material has settled."""
    authority.arm("operator")
    authority.change_over("", "L2", None, "lot changed")
    authority.alarm(alarm())
    authority.settled()
    assert (authority.state.state, authority.state.reason) == (PackMLState.HELD, "camera.silent stands")
    authority.alarm(alarm(active=False))
    authority.arm("operator")
    authority.change_over("", "L3", None, "lot changed")
    authority.settled()
    assert authority.state.reason == "L3 has settled"


def test_a_run_begins_behind_the_newest_epoch_that_a_guard_has_seen(authority):
    """In an older one the guard would take every word for an old one."""
    authority.begin_behind(7)
    assert authority.state.epoch == 8
    authority.begin_behind(-1)
    assert authority.state.epoch == 8


def test_each_change_is_kept_for_the_record_with_who_made_it(authority):
    """Also those that follow one another before anybody looks."""
    authority.arm("started by Li", "Li")
    authority.alarm(alarm())
    authority.stop("Wang")
    told = [(it.state, it.reason, it.by) for it in authority.changes[1:]]
    assert told == [
        (PackMLState.EXECUTE, "started by Li", "Li"),
        (PackMLState.HELD, "camera.silent stands", ""),
        (PackMLState.STOPPING, "stopping", "Wang"),
    ]
