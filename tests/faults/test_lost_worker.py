"""A cell that has moved a set-point and then loses a process brings the set-point back.

The plant's own log decides. The negative control is the same cell with `safe_state: hold`: there the set-point stays,
so a cell that ignored the order would be seen.
"""

import json
import os
import signal
import time

import pytest

from cellctl.runtime.loading import load_cell
from cellctl.runtime.supervision import LiveCell
from cellsim.line import Line
from tests.system.conftest import ROOT, endpoints, leftovers

CONFIG = ROOT / "configs"
LIMIT_S = 40.0


@pytest.fixture
def faulty_line(tmp_path):
    """A line that makes a spur every 0.3 m, on both edges in turn: the cell moves both blades within seconds."""
    with Line("bench", out=tmp_path / "line", plc_port=0, camera_port=0) as line:
        yield line


def in_force(line, tag="blade_load_sp_left"):
    """Values that were in force, in order, by the plant's log."""
    records = [json.loads(text) for text in (line.out / "plc.jsonl").read_text().splitlines()]
    return [record["value"] for record in records if record["event"] == "in_force" and record["tag"] == tag]


def wait(live, until):
    end = time.monotonic() + LIMIT_S
    while not until():
        assert time.monotonic() < end, f"{live.state.state.name} {live.failure}"
        live.poll()


def moved_cell(line, tmp_path, safe_state):
    """A cell in Execute whose left blade has been moved to 21 kPa."""
    text = (CONFIG / "coater.yaml").read_text().replace("safe_state: recipe", f"safe_state: {safe_state}")
    (tmp_path / "coater_tags.csv").write_text((CONFIG / "coater_tags.csv").read_text())
    (tmp_path / "cell.yaml").write_text(text)
    return LiveCell(load_cell(tmp_path / "cell.yaml", simulated=True, endpoints=endpoints(line)), tmp_path / "run")


@pytest.mark.parametrize("victim", ["inspect", "loop", "wet_camera"])
def test_a_killed_worker_brings_the_set_point_back(faulty_line, tmp_path, victim):
    """After SIGKILL of one process the recipe value is in force again, within the slew limit."""
    with moved_cell(faulty_line, tmp_path, "recipe") as live:
        live.start()
        assert live.arm() == ""
        wait(live, lambda: in_force(faulty_line)[-1:] == [21.0])
        os.kill(live.processes[victim].pid, signal.SIGKILL)
        wait(live, lambda: live.failure)
        assert live.failure.startswith(f"{victim}:")
        wait(live, lambda: in_force(faulty_line)[-1:] == [20.0])
        live.stop()
    assert leftovers(os.getpid()) == []
    faulty_line.stop()
    assert faulty_line.summary["envelope_violations"] == 0


def test_with_hold_the_set_point_stays(faulty_line, tmp_path):
    """The control: nothing else brings the value back while the process that owns the wire is there."""
    with moved_cell(faulty_line, tmp_path, "hold") as live:
        live.start()
        assert live.arm() == ""
        wait(live, lambda: in_force(faulty_line)[-1:] == [21.0])
        os.kill(live.processes["inspect"].pid, signal.SIGKILL)
        wait(live, lambda: live.failure)
        end = time.monotonic() + 4.0
        wait(live, lambda: time.monotonic() > end)
        assert in_force(faulty_line)[-1] == 21.0


def test_a_cell_in_stopped_moves_nothing(faulty_line, tmp_path):
    """Spurs all the time, a loop with authority, and no move until somebody starts the cell."""
    with moved_cell(faulty_line, tmp_path, "recipe") as live:
        live.start()
        end = time.monotonic() + 8.0
        wait(live, lambda: time.monotonic() > end)
        assert set(in_force(faulty_line)) <= {20.0}
        assert live.arm() == ""
        wait(live, lambda: in_force(faulty_line)[-1:] == [21.0])
