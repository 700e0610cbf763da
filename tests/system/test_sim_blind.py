"""A camera that goes dark under a running cell: an alarm by name, and out of Execute."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cellctl.config.resolved import ResolvedCell
from cellctl.model import Alarm, PackMLState
from cellctl.runtime.supervision import LiveCell
from cellsim.trial import run_trial

pytestmark = pytest.mark.slow
CONFIG = Path(__file__).parents[2] / "configs" / "coater.yaml"
DARK = "faults:\n  - {camera: dark, from: 6 s, for: 1.5 s}\n"


class Watcher:
    """Keeps the alarms of blindness, and the cell's state at the end of a trial."""

    def __init__(self) -> None:
        self.alarms: list[Alarm] = []
        self.states: list[PackMLState] = []

    def open(self, cell: ResolvedCell) -> None:
        """Nothing to prepare."""

    def take(self, message: Any) -> None:
        if isinstance(message, Alarm) and message.id == "camera.wet_camera.blind":
            self.alarms.append(message)

    def show(self, live: LiveCell) -> None:
        self.states.append(live.state.state)

    def close(self, live: LiveCell) -> None:
        """Nothing to keep."""


@pytest.mark.parametrize(("faults", "seen", "limit_s"), [(DARK, [True], 20.0), ("", [], 4.0)], ids=["dark", "light"])
def test_a_dark_camera_takes_the_cell_out_of_execute(tmp_path, faults, seen, limit_s):
    """The alarm is raised in the dark, the cell is Held, and the trial says why; with light nothing happens."""
    scenario = tmp_path / "line.yaml"
    scenario.write_text("seed: 1\n" + faults, encoding="utf-8")
    face = Watcher()
    outcomes = run_trial(
        CONFIG, str(scenario), tmp_path / "out", until=lambda _: len(face.alarms) >= 2, limit_s=limit_s, face=face
    )
    assert [alarm.active for alarm in face.alarms] == seen
    assert face.states[-1] is (PackMLState.HELD if seen else PackMLState.EXECUTE)
    assert outcomes.failure.startswith("HELD: ") == bool(seen)
    assert outcomes.evidence_ok
