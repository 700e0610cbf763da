"""A live cell of real processes on the simulated line: it starts, sees every frame, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from cellctl.errors import PluginError
from cellctl.model import Inspection, PackMLState
from cellctl.runtime.loading import load_cell
from cellctl.runtime.supervision import LiveCell
from tests.system.conftest import ROOT, endpoints, leftovers

CONFIG = ROOT / "configs" / "coater.yaml"
SEEN: list = []
"""What the cell under test has said to its faces."""


def run_until(live, done, limit_s=20.0):
    """Poll until `done(messages so far)`; fails when it takes too long."""
    end = time.monotonic() + limit_s
    while not done(SEEN):
        assert time.monotonic() < end, f"{live.state.state.name}: {live.failure or 'nothing happened'}"
        live.poll()


def inspections(messages):
    return [message for message in messages if isinstance(message, Inspection)]


@pytest.fixture
def live(line, tmp_path):
    """A started cell."""
    cell = load_cell(CONFIG, simulated=True, endpoints=endpoints(line))
    SEEN.clear()
    with LiveCell(cell, tmp_path / "run", SEEN.append) as live:
        live.start()
        yield live
    assert leftovers(os.getpid()) == []


def test_every_frame_is_judged_once_and_recorded(live, line, tmp_path):
    """What the camera produced, what was judged and what the ledger holds are the same frames."""
    run_until(live, lambda seen: len(inspections(seen)) >= 60)
    assert live.stop()
    line.stop()
    closed = json.loads((tmp_path / "run" / "ledger.jsonl").read_text().splitlines()[-1])
    judged = closed["body"]["frames"]["wet_camera"]["judged"]
    assert judged == [[0, line.summary["produced"] - 1]]


def test_a_cell_starts_in_stopped(live):
    """Nobody is armed because a process was started."""
    assert live.state.state is PackMLState.STOPPED
    assert live.arm() == ""
    assert live.state.state is PackMLState.EXECUTE
    assert live.stop()


def test_a_stopping_cell_cannot_be_armed(live):
    """Once the end was asked for, `cellctl start` is refused."""
    live.arm()
    live.interrupt()
    assert "about to end" in live.arm()


def test_a_cell_without_its_camera_cannot_be_armed(live):
    """A standing alarm that holds the cell is named; when the camera is back the cell may start."""
    os.kill(live.processes["wet_camera"].pid, signal.SIGSTOP)
    run_until(live, lambda _: live.failure or live.authority.standing)
    os.kill(live.processes["wet_camera"].pid, signal.SIGCONT)
    assert live.arm() != ""
    assert live.state.state is PackMLState.STOPPED


def test_a_camera_that_cannot_be_reached_is_named(line, tmp_path):
    """The start ends with the driver's own words, and nothing is left."""
    cell = load_cell(CONFIG, simulated=True, endpoints={**endpoints(line), "wet_camera": {"port": 1}})
    with LiveCell(cell, tmp_path / "run") as live, pytest.raises(PluginError, match="wet_camera did not start"):
        live.start()
    assert leftovers(os.getpid()) == []


def start_cell(line, tmp_path, *more):
    """`cellctl run` as a user starts it, on the line's ports."""
    config = tmp_path / "cell.yaml"
    text = CONFIG.read_text().replace("coater_tags.csv", str(ROOT / "configs" / "coater_tags.csv"))
    text = text.replace("port: 5020", f"port: {line.plc_port}").replace("port: 5021", f"port: {line.camera_port}")
    config.write_text(text)
    return subprocess.Popen(
        [sys.executable, "-m", "cellctl", "run", str(config), "--simulated", "--out", str(tmp_path / "cell"), *more],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def gone(pid, limit_s=5.0):
    """Whether nothing of the cell is left after a while."""
    end = time.monotonic() + limit_s
    while leftovers(pid) and time.monotonic() < end:
        time.sleep(0.05)
    return leftovers(pid)


@pytest.mark.parametrize("delay_s", [0.1, 0.6, 1.2, 2.0, 4.0])
def test_ctrl_c_at_any_moment_leaves_nothing(line, tmp_path, delay_s):
    """Before the workers, while they start, and while they run."""
    process = start_cell(line, tmp_path)
    time.sleep(delay_s)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=40)
    assert "Traceback" not in output
    assert gone(process.pid) == []


def test_workers_die_with_a_killed_supervisor(line, tmp_path):
    """SIGKILL gives nobody a chance to clean up; the kernel ends the workers, the next start sweeps the rest."""
    process = start_cell(line, tmp_path)
    end = time.monotonic() + 30
    while not any("evidence" in entry for entry in running(process.pid)) and time.monotonic() < end:
        time.sleep(0.1)
    process.kill()
    process.communicate(timeout=10)
    end = time.monotonic() + 5
    while running(process.pid) and time.monotonic() < end:
        time.sleep(0.05)
    assert running(process.pid) == []


def running(pid):
    """Command lines of the workers of a supervisor."""
    found = subprocess.run(
        ["pgrep", "-af", f"cellctl.runtime.worker .*cellctl-{pid}-"], capture_output=True, text=True, check=False
    )
    return found.stdout.splitlines()
