"""A live camera against its contract: what it does not keep is an alarm, and the cell goes on."""

import time

import msgspec
import pytest

from cellctl.model import Alarm, Inspection
from cellctl.runtime.loading import load_cell
from cellctl.runtime.supervision import LiveCell
from cellsim.line import Line
from tests.system.conftest import ROOT, endpoints

CONFIG = ROOT / "configs" / "coater.yaml"
BLOCKS = 300
"""Camera blocks to wait for: eight seconds, more than the five over which a rate is measured."""
SILENT = "faults:\n  - {camera: silent, from: 14 s, for: 1 s}\n"


def enough(seen):
    return sum(isinstance(it, Inspection) for it in seen) >= BLOCKS


def contracted(seen):
    return [(it.id, it.active, it.holds) for it in seen if isinstance(it, Alarm) and it.id.startswith("contract.")]


def alarms(line, tmp_path, rate_hz, count):
    """Contract alarms of a cell under a contract of so many frames a second, once it saw enough and `count` of them."""
    cell = load_cell(CONFIG, simulated=True, endpoints=endpoints(line))
    assert cell.contract is not None
    contract = msgspec.structs.replace(cell.contract, frame_rate_hz={"wet_camera": rate_hz}, clock_s=1.0)
    cell = msgspec.structs.replace(cell, contract=contract)
    seen = []
    with LiveCell(cell, tmp_path / "run", seen.append) as live:
        live.start()
        end = time.monotonic() + 40.0
        while not (enough(seen) and len(contracted(seen)) >= count) and time.monotonic() < end:
            live.poll()
        assert live.stop()
    assert enough(seen)
    return contracted(seen)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("faults", "rate_hz", "expected"),
    [
        ("", 60.0, [("contract.wet_camera.rate", True, False)]),
        (SILENT, 1.0, [("contract.wet_camera.gap", True, False)]),
        ("", 35.0, []),
    ],
    ids=["slow", "silent", "kept"],
)
def test_what_a_camera_does_not_keep_is_an_alarm(tmp_path, faults, rate_hz, expected):
    """39 frames a second are too few for a contract of 60 and enough for 35; a metre that passes unseen is a gap."""
    scenario = tmp_path / "line.yaml"
    scenario.write_text(f"seed: 1\n{faults}", encoding="utf-8")
    with Line(str(scenario), out=tmp_path / "line", plc_port=0, camera_port=0) as line:
        assert alarms(line, tmp_path, rate_hz, len(expected)) == expected
