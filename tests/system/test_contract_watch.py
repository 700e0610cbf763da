"""A live camera against its contract: what it does not keep is an alarm, and the cell goes on."""

import time

import msgspec
import pytest

from cellctl.model import Alarm, Inspection
from cellctl.runtime.loading import load_cell
from cellctl.runtime.supervision import LiveCell
from tests.system.conftest import ROOT, endpoints

CONFIG = ROOT / "configs" / "coater.yaml"
BLOCKS = 340
"""Camera blocks to wait for: nine seconds, more than the five over which a rate is measured."""


def alarms(line, tmp_path, rate_hz):
    """Contract alarms of a cell that saw so many blocks under a contract of so many frames a second."""
    cell = load_cell(CONFIG, simulated=True, endpoints=endpoints(line))
    assert cell.contract is not None
    rates = {"wet_camera": rate_hz}
    contract = msgspec.structs.replace(cell.contract, frame_rate_hz=rates, clock_s=1.0, gap_s=5.0)
    cell = msgspec.structs.replace(cell, contract=contract)
    seen = []
    with LiveCell(cell, tmp_path / "run", seen.append) as live:
        live.start()
        end = time.monotonic() + 40.0
        while sum(isinstance(it, Inspection) for it in seen) < BLOCKS and time.monotonic() < end:
            live.poll()
        assert live.stop()
    assert sum(isinstance(it, Inspection) for it in seen) >= BLOCKS
    return [it for it in seen if isinstance(it, Alarm) and it.id.startswith("contract.")]


@pytest.mark.slow
@pytest.mark.parametrize(("rate_hz", "broken"), [(60.0, True), (35.0, False)])
def test_a_camera_slower_than_contracted_is_an_alarm(line, tmp_path, rate_hz, broken):
    """The simulated camera gives 39 frames a second: too few for a contract of 60, enough for one of 35."""
    found = alarms(line, tmp_path, rate_hz)
    assert [(it.id, it.active, it.holds) for it in found] == [("contract.wet_camera.rate", True, False)][: int(broken)]
