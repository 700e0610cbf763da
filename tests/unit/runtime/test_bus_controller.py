"""A controller that is not in Execute holds the cell, and says in which state it is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from cellctl.guard import Guard
from cellctl.model.events import Alarm
from cellctl.model.packml import PackMLState
from cellctl.runtime.bus.reporting import Reporter
from cellctl.testing.clock import VirtualClock
from tests.unit.guard.bench import rules


class Said:
    """A sender that keeps what was sent."""

    def __init__(self) -> None:
        self.alarms: list[Alarm] = []

    def send(self, alarm: Alarm) -> None:
        """Keep it."""
        self.alarms.append(alarm)


def reporter(values: list[float], *, tag: bool = True) -> tuple[Reporter, Said]:
    """A reporter whose controller shows these states, one after the other."""
    said = Said()
    image: Any = SimpleNamespace(name="plc", plc_state=object() if tag else None, raw=lambda _tag: values.pop(0))
    ports: Any = SimpleNamespace(alarms=said)
    journal: Any = SimpleNamespace()
    return Reporter(image, Guard(rules()), ports, journal, VirtualClock(1)), said


def test_leaving_execute_holds_the_cell_until_it_is_back() -> None:
    """One alarm that holds while the interlock stands, and its end; repeats are not sent."""
    bus, said = reporter([6.0, 11.0, 11.0, 6.0])
    for _ in range(4):
        bus.controller()
    assert [(alarm.id, alarm.active, alarm.holds) for alarm in said.alarms] == [
        ("plc.controller", True, True),
        ("plc.controller", False, True),
    ]
    assert said.alarms[0].text == "the controller is in HELD, not in Execute"


@pytest.mark.parametrize("shown", [0.0, float("nan"), 99.0, float(PackMLState.ABORTED)])
def test_what_is_not_execute_is_never_taken_for_it(shown: float) -> None:
    """A state that was never read, or that is none, holds the cell too."""
    bus, said = reporter([shown])
    bus.controller()
    assert [alarm.active for alarm in said.alarms] == [True]


def test_a_controller_without_a_state_says_nothing() -> None:
    """The tag is optional."""
    bus, said = reporter([], tag=False)
    bus.controller()
    assert said.alarms == []
