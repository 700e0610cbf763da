"""A controller that takes no moves holds the cell, and says why; what is not known is a reason too."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cellctl.config.resolved import Web
from cellctl.devices.modbus.settings import ModbusTcpSettings
from cellctl.devices.tags import read_tag_table
from cellctl.guard import Guard
from cellctl.model.events import Alarm
from cellctl.model.packml import PackMLState
from cellctl.runtime.bus.plant import PlantImage
from cellctl.runtime.bus.reporting import Reporter
from cellctl.testing.clock import VirtualClock
from tests.unit.guard.bench import rules

TABLE = Path(__file__).parents[3] / "configs" / "coater_tags.csv"
HANDSHAKE = {"heartbeat": "heartbeat", "sequence": "cmd_seq", "echo": "seq_echo", "accept": "accept_code"}
START_NS = 10**9


class Scene:
    """A reporter over the image of a controller that shows state and mode, if the handshake names them."""

    def __init__(self, **handshake: str) -> None:
        settings = ModbusTcpSettings.model_validate(
            {"host": "127.0.0.1", "tags": TABLE, "handshake": HANDSHAKE | handshake}
        )
        own = rules().of_device("none")
        self.image = PlantImage("plc", settings, read_tag_table(TABLE, settings.poll), own, Web("", "", "", {}))
        self.image.values.alive = True
        self.now_ns, self.alarms = START_NS, list[Alarm]()
        ports: Any = SimpleNamespace(alarms=SimpleNamespace(send=self.alarms.append))
        journal: Any = None
        self.reporter = Reporter(self.image, Guard(own), ports, journal, VirtualClock(START_NS))

    def show(self, state: float, mode: float = 1.0) -> list[str]:
        """The controller shows these; every alarm that was raised so far."""
        self.image.values.put_all([("packml_state", state), ("unit_mode", mode)], START_NS)
        self.reporter.controller()
        return [alarm.text for alarm in self.alarms if alarm.active]


def test_leaving_execute_holds_the_cell_until_it_is_back() -> None:
    """One alarm that holds while the interlock stands, and its end; repeats are not sent."""
    scene = Scene(state="packml_state")
    for state in (6.0, 11.0, 11.0, 6.0):
        scene.show(state)
    assert [(alarm.id, alarm.active, alarm.holds) for alarm in scene.alarms] == [
        ("plc.controller", True, True),
        ("plc.controller", False, True),
    ]
    assert scene.alarms[0].text == "the controller is in HELD, not in Execute"


@pytest.mark.parametrize("shown", [0.0, float("nan"), 99.0, float(PackMLState.ABORTED)])
def test_what_is_not_execute_is_never_taken_for_it(shown: float) -> None:
    """A state that is none, or out of the table's range, holds the cell too."""
    assert len(Scene(state="packml_state").show(shown)) == 1


def test_only_production_is_worked_in() -> None:
    """In manual mode a person moves the set-points."""
    assert Scene(mode="unit_mode").show(6.0, 3.0) == ["the controller is in MANUAL, not in Production"]


def test_a_mode_of_the_plants_own_is_said_by_its_number() -> None:
    """PackML leaves numbers from 4 on to the machine."""
    assert Scene(mode="unit_mode").show(6.0, 7.0) == ["the controller is in mode 7, not in Production"]


def test_an_old_state_is_no_state() -> None:
    """The guard is told so as well; it was Execute once, which says nothing of now."""
    scene = Scene(state="packml_state")
    assert scene.image.for_guard(START_NS).refuses == "the state of the controller is not known"
    scene.show(6.0)
    assert scene.image.for_guard(START_NS).refuses == ""
    assert scene.image.for_guard(START_NS + 10**9).refuses == "the state of the controller is not known"


def test_a_controller_without_state_and_mode_says_nothing() -> None:
    """The tags are optional."""
    assert Scene().show(11.0, 3.0) == []
