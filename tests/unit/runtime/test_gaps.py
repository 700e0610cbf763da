"""A process that the kernel cannot confine is an alarm of low priority, for the screen and for the record."""

from __future__ import annotations

from typing import Any

from cellctl.model import Alarm, Priority
from cellctl.runtime import control
from cellctl.runtime.supervision import LiveCell
from cellctl.testing import bare_cell


class Wires:
    """Links and control channel of a supervisor in memory."""

    def __init__(self, *said: control.Upward) -> None:
        self.said = [("guest", it) for it in said]
        self.sent: list[Any] = []

    def sender(self, port: str) -> Wires:
        assert port == "alarms"
        return self

    def send(self, message: Any) -> None:
        self.sent.append(message)

    def hear(self) -> Any:
        return self.said


class Quiet:
    """A process that is there and says nothing by itself."""

    def hear(self, *_: Any) -> None:
        """What it does with it is tested elsewhere."""

    def ended_now(self) -> bool:
        return False

    def judge(self, _: int) -> bool:
        return False


def alarms(tmp_path: Any, gaps: tuple[str, ...]) -> list[Alarm]:
    """What the supervisor sends when a worker says hello, which is also what it shows."""
    shown: list[Any] = []
    live = LiveCell(bare_cell(), tmp_path / "run", shown.append)
    wires: Any = Wires(control.Hello(1, gaps))
    live._ports = live._board = wires
    guest: Any = Quiet()
    live.processes["guest"] = guest
    live._watch()
    assert wires.sent == shown
    return shown


def test_a_gap_is_an_alarm(tmp_path: Any) -> None:
    """It says what stays open, and does not hold the cell."""
    (alarm,) = alarms(tmp_path, ("the network stays open: no seccomp",))
    assert (alarm.id, alarm.active, alarm.priority, alarm.holds) == ("process.guest.rights", True, Priority.LOW, False)
    assert "the network stays open: no seccomp" in alarm.text


def test_no_gap_is_no_alarm(tmp_path: Any) -> None:
    """The control: a confined process is no news."""
    assert alarms(tmp_path, ()) == []
