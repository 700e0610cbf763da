"""What a contract says of waveform devices: fast enough for chatter, and for the envelope's band."""

from __future__ import annotations

import pytest

from cellctl.config.findings.contract import check_contract
from cellctl.config.findings.scene import Scene, Worker
from cellctl.config.findings.waivers import settle
from cellctl.config.resolved.contract import Contract, Signature, Waiver
from cellctl.config.sections.cell import CellConfig
from cellctl.config.source.document import parse_yaml
from tests.unit.config.findings.builders import MACHINE
from tests.unit.evidence.builders import make_cell

TEXT = """devices:
  bearing:
    driver: waveform-file
    rate: 12 kHz
contract:
  vibration: 25.6 kHz
waivers:
  - {code: CELL-1101}
"""
SIGNED = dict.fromkeys(("quality", "it", "process", "purchasing"), Signature("J. Meyer", "2026-11-02"))


def scene(rate_hz, *, contracted_hz=0.0, edge_hz=0.0, waivers=()):
    """A cell with one waveform device and no camera, under an otherwise sound contract."""
    contract = Contract(contracted_hz, edge_hz, {}, 0.1, 0.001, 90 * 86_400.0, 0, 0.05, "mqtt-tls1.3", SIGNED)
    cell = make_cell()
    cell = type(cell)(**{name: getattr(cell, name) for name in cell.__struct_fields__} |
                      {"contract": contract, "waivers": waivers})  # fmt: skip
    bearing = Worker("bearing", "waveform-file", frozenset(), frozenset({"Waveform"}), rate_hz=rate_hz,
                     is_waveform=True)  # fmt: skip
    return Scene(
        document=parse_yaml(TEXT, "cell.yaml"), config=CellConfig.model_construct(simulate={}), cell=cell,
        plugins={}, devices={"bearing": bearing},
        around=MACHINE, conflict=lambda *_: "", times=None, storage=None, found=[], notes=[],
    )  # fmt: skip


def findings(*args, **kwargs):
    looked = scene(*args, **kwargs)
    check_contract(looked)
    return [str(it.error) for it in looked.found]


@pytest.mark.parametrize(("rate_hz", "codes"), [(9_999.0, ["CELL-1101"]), (10_000.0, []), (51_200.0, [])])
def test_vibration_is_sampled_at_ten_kilohertz_at_least(rate_hz, codes):
    """Just below is a finding, just at it is none."""
    assert [it.split(": ")[1] for it in findings(rate_hz, contracted_hz=9_000.0)] == codes


@pytest.mark.parametrize(("rate_hz", "codes"), [(25_599.0, ["CELL-1102"]), (25_600.0, [])])
def test_the_envelopes_band_needs_two_and_a_half_times_its_edge(rate_hz, codes):
    """A band up to 10 kHz needs 25.6 kHz."""
    assert [it.split(": ")[1] for it in findings(rate_hz, contracted_hz=10_000.0, edge_hz=10_000.0)] == codes


def test_a_device_slower_than_contracted_is_named_at_its_rate():
    """12 kHz under a contract of 25.6 kHz; the place is the rate in the file."""
    (line,) = findings(12_000.0, contracted_hz=25_600.0)
    assert line == (
        "cell.yaml:4:11: CELL-1103: devices.bearing.rate: 12 kHz is less than the contracted 25.6 kHz; do: sample "
        "faster, or agree on another contract.vibration"
    )


def test_a_rate_that_nobody_promised_is_found():
    """A contract that does not speak of vibration is no contract for a cell that measures it."""
    assert [it.split(": ")[1] for it in findings(12_000.0)] == ["CELL-1100"]


def test_a_waiver_lets_one_code_pass_below_its_place():
    """A waiver at the device covers its rate, and only the code it names."""
    waiver = Waiver("CELL-1103", "devices.bearing", "J. Meyer", "a recording of others, sampled at 12 kHz")
    looked = scene(12_000.0, contracted_hz=25_600.0, edge_hz=10_000.0, waivers=(waiver,))
    check_contract(looked)
    left, waived = settle(looked)
    assert [it.code for it in left] == ["CELL-1102"]
    assert [(it.finding.code, it.waiver.name) for it in waived] == [("CELL-1103", "J. Meyer")]
