"""The guard of a live cell remembers over a run that was killed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from cellctl.runtime.loading import load_cell
from cellctl.runtime.supervision import LiveCell
from cellsim.line import Line
from tests.system.conftest import ROOT, endpoints

CONFIG = ROOT / "configs" / "coater.yaml"


def test_a_killed_cell_begins_behind_its_last_epoch(line: Line, tmp_path: Path) -> None:
    """It can be started again, by a newer epoch; a run that ended in good order is needed no more."""
    cell, state = load_cell(CONFIG, simulated=True, endpoints=endpoints(line)), tmp_path / "state"
    with LiveCell(cell, tmp_path / "killed", state_dir=state) as live:
        live.start()
        assert live.arm() == ""
        live.poll()
        first = live.state.epoch
    assert kept(state)["journal"] == "../killed/journal-plc.jsonl"
    with LiveCell(cell, tmp_path / "stopped", state_dir=state) as live:
        live.start()
        assert live.state.epoch > first
        assert live.arm() == ""
        last = live.state.epoch
        assert live.stop()
    assert kept(state)["journal"] == ""
    assert kept(state)["memory"]["epoch"] >= last
    shutil.rmtree(tmp_path / "stopped")
    with LiveCell(cell, tmp_path / "third", state_dir=state) as live:
        assert live.state.epoch > last


def kept(state: Path) -> dict[str, Any]:
    """What the state file of the coater's controller says."""
    found: dict[str, Any] = json.loads((state / "guard-plc.json").read_text())
    return found
