"""Draining a schedule ends, whatever the messages set going."""

from __future__ import annotations

from cellctl.clock import VirtualClock
from cellctl.runtime.lockstep.schedule import Schedule


def test_draining_ends_although_timers_would_go_on():
    """Messages under way and those that they cause arrive; timers that they set do not keep it going."""
    schedule = Schedule(VirtualClock())
    seen: list[object] = []

    def again(_: object) -> None:
        schedule.at(schedule.clock.t_ns + 1, 0, again)

    def arrive(message: object) -> None:
        seen.append(message)
        schedule.at(schedule.clock.t_ns, 0, again)
        if message == "first":
            schedule.at(schedule.clock.t_ns + 5, 0, arrive, "second")

    schedule.at(3, 0, arrive, "first")
    schedule.drain()
    assert seen == ["first", "second"]
    assert schedule.clock.t_ns == 8
