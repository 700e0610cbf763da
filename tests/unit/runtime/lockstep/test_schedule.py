"""The order of events in virtual time, and what a handler's duration does to it."""

from cellctl.clock import VirtualClock
from cellctl.model import Alarm, Priority, Stamp
from cellctl.runtime.lockstep.desk import Desk
from cellctl.runtime.lockstep.outbox import Outbox
from cellctl.runtime.lockstep.schedule import Schedule, Timer


def alarm(name):
    """A message to send around."""
    return Alarm(stamp=Stamp(0), id=name, active=True, priority=Priority.LOW, text="")


def test_time_comes_first_then_the_place_then_the_order_of_scheduling():
    """Of events at one moment, the lower place happens first, and in one place the one that was scheduled first."""
    schedule, seen = Schedule(VirtualClock()), []
    for t_ns, place, name in [(5, 2, "late"), (3, 2, "b"), (3, 1, "a"), (3, 2, "c"), (1, 9, "early")]:
        schedule.at(t_ns, place, seen.append, name)
    schedule.run(10)
    assert seen == ["early", "a", "b", "c", "late"]


def test_the_clock_shows_the_time_of_the_event_and_ends_where_it_was_sent():
    """Handlers see their own moment; afterwards the whole stretch has passed."""
    clock = VirtualClock()
    schedule, seen = Schedule(clock), []
    schedule.at(7, 0, lambda _: seen.append(clock.now_ns()))
    schedule.run(10)
    assert (seen, clock.now_ns()) == ([7], 10)


def test_an_event_that_is_asked_for_in_the_past_happens_now():
    """Time never goes back."""
    clock = VirtualClock(100)
    schedule, seen = Schedule(clock), []
    schedule.at(5, 0, lambda _: seen.append(clock.now_ns()))
    schedule.run(100)
    assert seen == [100]


def test_events_behind_the_end_wait():
    """A run up to a time leaves later events for the next run."""
    schedule, seen = Schedule(VirtualClock()), []
    schedule.at(11, 0, seen.append, "later")
    schedule.run(10)
    assert seen == []
    schedule.run(11)
    assert seen == ["later"]


def test_a_timer_rings_at_once_and_at_every_period():
    """Ten periods make eleven calls, the first one included."""
    clock = VirtualClock()
    schedule, seen = Schedule(clock), []
    Timer(schedule, 0, 100, lambda _: seen.append(clock.now_ns()))
    schedule.run(1000)
    assert seen == list(range(0, 1001, 100))


def test_messages_leave_when_the_handler_has_ended():
    """An outbox of a plugin that takes 4 ms delivers 4 ms later, with source and sequence filled in."""
    clock = VirtualClock()
    schedule, seen = Schedule(clock), []
    outbox = Outbox(schedule, "slow", 4)
    outbox.listeners.append((1, lambda message: seen.append((clock.now_ns(), message.source, message.sequence))))
    schedule.at(10, 0, lambda _: outbox.send(alarm("x")))
    schedule.run(100)
    assert seen == [(14, "slow", 1)]


def test_what_comes_to_a_busy_plugin_waits_for_its_turn():
    """Three messages at one moment are handled one duration after the other, in their order."""
    clock = VirtualClock()
    schedule, seen = Schedule(clock), []
    entrance = Desk(schedule, 1, 10).entrance("in", lambda name: seen.append((clock.now_ns(), name)), 0)
    for name in "abc":
        schedule.at(5, 1, entrance, name)
    schedule.run(100)
    assert seen == [(5, "a"), (15, "b"), (25, "c")]


def test_a_full_entrance_loses_its_oldest_and_counts_it():
    """Of five frames at once, a desk with room for two handles the first and the last two."""
    schedule, seen = Schedule(VirtualClock()), []
    desk = Desk(schedule, 1, 10)
    entrance = desk.entrance("frames", seen.append, 2)
    for name in "abcde":
        schedule.at(5, 1, entrance, name)
    schedule.run(100)
    assert (seen, desk.dropped) == (["a", "d", "e"], {"frames": 2})


def test_an_entrance_without_a_limit_loses_nothing():
    """Inspections wait as they do on a link that blocks its sender."""
    schedule, seen = Schedule(VirtualClock()), []
    entrance = Desk(schedule, 1, 10).entrance("inspections", seen.append, 0)
    for name in range(50):
        schedule.at(5, 1, entrance, name)
    schedule.run(1000)
    assert seen == list(range(50))
