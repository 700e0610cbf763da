"""The whole line with its real processes: camera stream, truth, summary, clean end."""

from __future__ import annotations

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymodbus.client import ModbusTcpClient

from cellctl.errors import ConfigError, PlantError
from cellctl.sdk import Camera, Geometry
from cellsim.camera.driver import SimCamera, SimCameraSettings
from cellsim.line import Line

SPURS = """
seed: 4
edge: {normal: 1e-9 /m, cap: 1}
background: {streak: 0 /m, agglomerate: 0 /m, dust: 0 /m, blotch: 0 /m}
patterns:
  - {defect: coat_edge_spur, every: 0.3 m, from: 0.1 m, to: 30 m, side: left}
"""
FRAME = 512 * 2048


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    """A short scenario: a spur in a known block every 0.3 m."""
    path = tmp_path / "spurs.yaml"
    path.write_text(SPURS, encoding="utf-8")
    return str(path)


@pytest.fixture
def line(scenario: str, tmp_path: Path) -> Iterator[Line]:
    """A running line on free ports."""
    with Line(scenario, tmp_path / "line", plc_port=0, camera_port=0) as running:
        yield running


def camera_of(line: Line) -> SimCamera:
    return SimCamera("wet_camera", SimCameraSettings(port=line.camera_port))


def wait_for_echo(client: ModbusTcpClient) -> None:
    """Until the PLC has judged command 1, five seconds at most."""
    deadline = time.monotonic() + 5.0
    while time.monotonic() < deadline:
        if client.read_input_registers(1, count=1, device_id=1).registers == [1]:
            return


def grab_for_ever(camera: SimCamera) -> None:
    while True:
        camera.grab(memoryview(bytearray(FRAME)), 2.0)


def is_running(pid: int) -> bool:
    """Whether a process exists (zombies of others do not count: the line reaps its own)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until_gone(pids: list[int]) -> list[int]:
    """Pids that still run after five seconds at most."""
    deadline = time.monotonic() + 5.0
    while any(map(is_running, pids)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return [pid for pid in pids if is_running(pid)]


def test_frames_arrive_in_order_and_none_is_lost(line: Line) -> None:
    """Ids count from 0 without a gap, stamps and encoder advance by one block, produced equals received."""
    camera = camera_of(line)
    assert isinstance(camera, Camera)
    assert camera.open() == Geometry(512, 2048, 0.05, 0.3)
    buffer = bytearray(FRAME)
    grabs = [camera.grab(memoryview(buffer), 2.0) for _ in range(30)]
    camera.close()
    camera.close()
    assert [grab and grab.frame_id for grab in grabs] == list(range(30))
    for one, after in itertools.pairwise(grabs):
        assert one
        assert after
        assert after.last_line_ns - one.last_line_ns == 25_600_000
        assert after.encoder_mm - one.encoder_mm == pytest.approx(25.6)
        assert one.last_line_ns - one.first_line_ns == 25_550_000
    summary = line.stop()
    assert summary["produced"] == 30
    assert summary["dropped"] == 0
    assert summary["complete"]


def test_spurs_are_seen_where_the_truth_says(line: Line) -> None:
    """A frame shows a spur exactly if the truth file has one in its span: encoder and material agree."""
    camera = camera_of(line)
    camera.open()
    buffer = bytearray(FRAME)
    view = memoryview(buffer).cast("B", (512, 2048))
    seen = []
    for _ in range(130):
        grab = camera.grab(memoryview(buffer), 2.0)
        assert grab
        if min(view[row, 16] for row in range(0, 512, 4)) < 100 or _darkest(view) < 110:
            seen.append(grab.encoder_mm - 1500.0)
    camera.close()
    line.stop()
    truth = [json.loads(text) for text in (line.out / "truth.jsonl").read_text().splitlines()]
    ends = sorted(seen)
    expected = [t["s_mm"] + 12.8 for t in truth if t["record"] == "object" and t["s_mm"] + 12.8 <= ends[-1] + 1e-6]
    assert len(ends) >= 3
    assert ends == pytest.approx(expected)


def _darkest(view: memoryview) -> int:
    """Darkest pixel two pixels outside of the left edge."""
    return min(view[row, 21] for row in range(0, 512, 4))


def test_plc_and_camera_share_encoder_and_clock(line: Line) -> None:
    """The encoder in the PLC's registers and the one in the frames are the same web."""
    camera = camera_of(line)
    camera.open()
    with ModbusTcpClient("127.0.0.1", port=line.plc_port) as client:
        buffer = bytearray(FRAME)
        grab = camera.grab(memoryview(buffer), 2.0)
        answer = client.read_input_registers(10, count=4, device_id=1)
        asked_ns = time.monotonic_ns()
    camera.close()
    assert grab
    speed_um_s = (answer.registers[0] << 16) + answer.registers[1]
    encoder_mm = (answer.registers[2] << 16) + answer.registers[3]
    travelled_mm = (asked_ns - grab.last_line_ns) * speed_um_s / 1e12
    assert speed_um_s == 1_000_000
    assert grab.encoder_mm - 25.0 <= encoder_mm <= grab.encoder_mm + travelled_mm + 1.0


def test_second_acquisition_begins_at_frame_zero(line: Line) -> None:
    """After a stop the camera serves the next client, again from frame 0; both are in the summary."""
    buffer = bytearray(FRAME)
    for _ in range(2):
        camera = camera_of(line)
        camera.open()
        grab = camera.grab(memoryview(buffer), 2.0)
        camera.close()
        assert grab
        assert grab.frame_id == 0
    assert [stream["produced"] for stream in line.stop()["streams"]] == [1, 1]


def test_vanished_client_does_not_stop_the_line(line: Line) -> None:
    """A client that just closes its socket ends its acquisition only."""
    with socket.create_connection(("127.0.0.1", line.camera_port)) as raw:
        assert raw.recv(4)
    camera = camera_of(line)
    camera.open()
    assert camera.grab(memoryview(bytearray(FRAME)), 2.0)
    camera.close()
    assert line.is_alive


def test_unreachable_camera_is_a_plant_error() -> None:
    """Nothing listens: CELL-2201 and what to do about it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        camera = SimCamera("wet_camera", SimCameraSettings(port=free.getsockname()[1]))
        with pytest.raises(PlantError, match=r"CELL-2201.*cellctl sim"):
            camera.open()


def test_lost_camera_is_a_plant_error(line: Line) -> None:
    """The line goes away under a running acquisition: CELL-2202, not an endless wait."""
    camera = camera_of(line)
    camera.open()
    line.stop()
    with pytest.raises(PlantError, match="CELL-2202"):
        grab_for_ever(camera)
    camera.close()


def test_silent_camera_times_out(tmp_path: Path) -> None:
    """During a scripted silence `grab` returns None at its time-out, and the line goes on."""
    path = tmp_path / "silent.yaml"
    path.write_text("faults:\n  - {camera: silent, from: 0 s, for: 60 s}\n", encoding="utf-8")
    with Line(str(path), tmp_path / "line", plc_port=0, camera_port=0) as line:
        camera = camera_of(line)
        camera.open()
        assert camera.grab(memoryview(bytearray(FRAME)), 0.2) is None
        camera.close()
        assert line.is_alive


def test_taken_port_is_told(scenario: str, tmp_path: Path) -> None:
    """A port in use gives one clear error, and no process is left."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        line = Line(scenario, tmp_path / "line", plc_port=0, camera_port=other.getsockname()[1])
        with pytest.raises(ConfigError, match=r"CELL-2211.*choose a free port"):
            line.__enter__()
    assert line.pids == []


def test_commands_end_in_log_and_summary(line: Line) -> None:
    """A real client's command is in force, in the PLC's log and in the summary; no violation is counted."""
    with ModbusTcpClient("127.0.0.1", port=line.plc_port) as client:
        client.write_registers(0, [1, 1, 2020], device_id=1)
        wait_for_echo(client)
        assert client.read_input_registers(102, count=1, device_id=1).registers == [2020]
    summary = line.stop()
    assert (summary["commands"], summary["refused"], summary["envelope_violations"]) == (1, 0, 0)
    events = [json.loads(text) for text in (line.out / "plc.jsonl").read_text().splitlines()]
    assert [e["event"] for e in events][:3] == ["state", "command", "in_force"]


def test_violation_is_counted_by_the_plant(line: Line) -> None:
    """The negative control: a jump of 10 % is refused by the PLC and counted by its referee."""
    with ModbusTcpClient("127.0.0.1", port=line.plc_port) as client:
        client.write_registers(0, [1, 1, 2200], device_id=1)
        wait_for_echo(client)
    assert line.stop()["envelope_violations"] == 1


def test_nothing_is_left_after_the_line(scenario: str, tmp_path: Path) -> None:
    """On exit both processes are gone and the files are there."""
    with Line(scenario, tmp_path / "line", plc_port=0, camera_port=0) as line:
        pids = line.pids
        assert all(map(is_running, pids))
    assert not any(map(is_running, pids))
    assert {"truth.jsonl", "plc.jsonl", "sim_summary.json"} <= {path.name for path in line.out.iterdir()}


PARENT = """
import sys, time
from pathlib import Path
from cellsim.line import Line
with Line(sys.argv[1], Path(sys.argv[2]), plc_port=0, camera_port=0) as line:
    print(*line.pids, flush=True)
    time.sleep(60)
"""


def test_children_die_with_a_killed_parent(scenario: str, tmp_path: Path) -> None:
    """A parent that is killed outright takes both processes with it."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, scenario, str(tmp_path / "line")], stdout=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        parent.kill()
    assert len(pids) == 2
    assert wait_until_gone(pids) == []


def run_command(*arguments: str) -> subprocess.Popen[str]:
    """`sim` as a command of its own."""
    code = "import sys; from cellsim.commands.sim import sim; from pathlib import Path; "
    code += "sim(sys.argv[1], out=Path(sys.argv[2]), plc_port=0, camera_port=0)"
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_command_runs_until_ctrl_c(scenario: str, tmp_path: Path) -> None:
    """`cellctl sim` says where it listens and ends cleanly on Ctrl-C with its closing words."""
    with run_command(scenario, str(tmp_path / "line")) as command:
        watchdog = threading.Timer(60, command.kill)
        watchdog.start()
        assert command.stdout
        first = command.stdout.readline()
        command.send_signal(signal.SIGINT)
        rest: Any = command.communicate()
        watchdog.cancel()
    assert first.startswith("PLC (Modbus TCP, unit 1) on 127.0.0.1:")
    assert "envelope violations" in rest[0]
    assert rest[1] == ""
    assert command.returncode == 0


def test_command_ends_with_its_duration(tmp_path: Path) -> None:
    """A scenario with a duration ends by itself."""
    path = tmp_path / "short.yaml"
    path.write_text("duration: 300 ms\n", encoding="utf-8")
    with run_command(str(path), str(tmp_path / "line")) as command:
        out, err = command.communicate(timeout=60)
    assert err == ""
    assert "0 envelope violations" in out
