"""The small cells that ship: one that only regulates, and one that only listens."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from cellctl.evidence import verify_run
from cellctl.model import Features, PackMLState, Reading, Regulation, WriteResult
from cellctl.runtime.loading import load_cell
from cellctl.runtime.lockstep import LockstepCell
from cellctl.runtime.supervision import LiveCell
from cellctl.runtime.topology import SOURCES, build
from tests.system.conftest import ROOT, endpoints, leftovers

MODBUS, VIBRATION = ROOT / "configs" / "modbus.yaml", ROOT / "configs" / "vibration.yaml"
DATA = os.environ.get("CELLCTL_DATA", "")


def test_modbus_cell_holds_its_film_weight_in_virtual_time(tmp_path: Path) -> None:
    """Its regulator moves the gap, each move is confirmed in force, and the evidence of a run without frames holds."""
    heard: list[Any] = []
    cell = load_cell(MODBUS, lockstep=True)
    live = LockstepCell(cell, tmp_path / "run", listen=heard.append)
    live.start()
    live.run(2.0)
    assert live.arm() == ""
    live.run(598.0)
    live.stop()
    results = [it for it in heard if isinstance(it, WriteResult)]
    assert results
    assert {it.outcome.value for it in results} == {"CONFIRMED"}
    last = [it for it in heard if isinstance(it, Regulation)][-1]
    assert last.measurements > 0
    assert abs(last.mean - last.target) < 3.0
    assert verify_run(tmp_path / "run").ok


def test_modbus_cell_runs_live_without_a_camera(line: Any, tmp_path: Path) -> None:
    """It can be started, reads its PLC, has no source that could come to an end, and stops in good order."""
    heard: list[Any] = []
    cell = load_cell(MODBUS, simulated=True, endpoints={"plc": endpoints(line)["plc"]})
    with LiveCell(cell, tmp_path / "run", heard.append) as live:
        live.start()
        end = time.monotonic() + 20.0
        while live.arm() and time.monotonic() < end:
            live.poll()
        assert live.state.state is PackMLState.EXECUTE
        while sum(isinstance(it, Reading) for it in heard) < 20:
            assert time.monotonic() < end
            live.poll()
        assert not live.exhausted
        assert live.stop()
        assert live.failure == ""
    assert verify_run(tmp_path / "run").ok
    assert leftovers(os.getpid()) == []


@pytest.mark.skipif(
    not (Path(DATA) / "cwru_0hp_de12_f32").is_dir() or not DATA,
    reason="CELLCTL_DATA does not name a folder with cwru_0hp_de12_f32",
)
def test_vibration_cell_hears_every_window(tmp_path: Path) -> None:
    """A cell without PLC, camera and web judges all recordings, ends by itself, and its evidence holds."""
    heard: list[Any] = []
    cell = load_cell(VIBRATION, data=Path(DATA))
    assert [it.name for it in build(cell, tmp_path, tmp_path).workers if it.role in SOURCES] == ["bearing"]
    with LiveCell(cell, tmp_path / "run", heard.append) as live:
        live.start()
        end = time.monotonic() + 60.0
        while not live.exhausted:
            assert time.monotonic() < end
            live.poll()
        assert live.stop()
    windows = [it for it in heard if isinstance(it, Features)]
    assert [it.window_id for it in windows] == list(range(186))
    assert verify_run(tmp_path / "run").ok
