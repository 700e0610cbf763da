"""What system tests share: the simulated line and a folder that shows what a cell leaves behind."""

import subprocess
from pathlib import Path

import pytest

from cellsim.line import Line

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def line(tmp_path):
    """The quiet line on free ports."""
    with Line("quiet", out=tmp_path / "line", plc_port=0, camera_port=0) as line:
        yield line


def endpoints(line):
    """Where the line listens, as `load_cell` takes it."""
    return {"plc": {"port": line.plc_port}, "wet_camera": {"port": line.camera_port}}


def leftovers(pid):
    """Sockets, frame pools and processes of the cell whose supervisor had this process id."""
    found = [str(path) for folder in (Path("/tmp"), Path("/dev/shm")) for path in folder.glob(f"cellctl-{pid}-*")]
    workers = subprocess.run(
        ["pgrep", "-f", f"cellctl.runtime.worker .*cellctl-{pid}-"], capture_output=True, text=True, check=False
    )
    return found + workers.stdout.split()
