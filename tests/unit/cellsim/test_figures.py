"""The demo's summary says what the line knows to be true, not what the cell hopes."""

from pathlib import Path

import pytest

from cellctl.model import Correction, Evidence, Nonconformity, Side, Stamp, TransactionState, WebSpan
from cellctl.runtime.control import Beat
from cellctl.testing.lateness import Lateness
from cellsim.commands.demo import summarize
from cellsim.figures import is_on_unfixable
from cellsim.trial import Outcomes, Tally

SPUR = {"record": "object", "defect": "coat_edge_spur", "side": "right", "from_mm": 1000.0, "to_mm": 1005.0}
LUMP = {"record": "object", "defect": "agglomerate", "side": "none", "from_mm": 2000.0, "to_mm": 2002.0}


def evidence(s_mm):
    return Evidence(object_id="o", defect="coat_edge_spur", confidence=0.99, s_mm=s_mm, roi="", features=())


def correction(*places, defect="coat_edge_spur", state=TransactionState.EFFECTIVE):
    return Correction(
        stamp=Stamp(0), transaction="t", loop="l", defect=defect, side=Side.RIGHT, state=state, reason="", rule="",
        model="", config="", lot="", evidence=tuple(evidence(place) for place in places), tag="plc.x", unit="kPa",
        old=20.0, proposed=21.0, written=21.0, in_force=21.0, registers=(), alarm_s_mm=1000.0, verify_from_mm=2000.0,
        baseline_per_m=0.3, curve=(), protected={}, times_ns={}, exposure_ns=1_000_000, first_line_ns=1,
        first_in_force_ns=21_000_000, target_in_force_ns=0,
    )  # fmt: skip


def outcomes(corrections=(), reported=("agglomerate",), judged=((0, 9),), late=0, evidence_ok=True, failure=""):
    tally = Tally()
    tally.corrections = {str(number): seen for number, seen in enumerate(corrections)}
    tally.nonconformities = [
        Nonconformity(stamp=Stamp(0), id="NCR-1", defect=defect, side=Side.NONE, span=WebSpan(0.0, 1.0), cause="c",
                      reason="r", lot="l", evidence=(), exposure_ns=0) for defect in reported
    ]  # fmt: skip
    line = {
        "complete": True, "streams": [{"first_id": 0, "produced": 10}], "produced": 10, "dropped": 0, "withheld": 0,
        "late": late, "max_late_ms": 0.0, "cpu_cores": 0.2, "envelope_violations": 0,
    }  # fmt: skip
    return Outcomes(
        tally=tally, lateness=Lateness(1, 0, 0.0, 0.0), drained=True, failure=failure, interrupted=False, line=line,
        beats={"wet_camera": Beat({}, {}, {"received": 10.0})}, truth=[SPUR, LUMP], evidence_ok=evidence_ok, head="h",
        judged={"wet_camera": [list(interval) for interval in judged]}, run_dir=Path("run"),
    )  # fmt: skip


def test_a_closed_loop_is_called_closed():
    """An effective correction, a report of what cannot be mended, evidence that holds."""
    assert summarize(outcomes([correction(1002.0)]))["closed"]


@pytest.mark.parametrize(
    "broken",
    [
        {"corrections": []},
        {"corrections": [correction(1002.0, state=TransactionState.INEFFECTIVE_ROLLED_BACK)]},
        {"corrections": [correction(1002.0)], "reported": ()},
        {"corrections": [correction(1002.0)], "reported": ("streak",)},
        {"corrections": [correction(1002.0), correction(2001.0, defect="agglomerate")]},
        {"corrections": [correction(1002.0)], "evidence_ok": False},
        {"corrections": [correction(1002.0)], "failure": "inspect: ended with status 1"},
    ],
)
def test_anything_less_is_not(broken):
    """Each missing part alone keeps the loop open."""
    assert not summarize(outcomes(**broken))["closed"]


def test_a_correction_on_what_was_no_spur_is_counted():
    """Ground truth decides, not the class that the cell saw."""
    assert is_on_unfixable(correction(2001.0, 2001.5), [SPUR, LUMP])
    assert not is_on_unfixable(correction(1002.0, 1003.0, 2001.0), [SPUR, LUMP])


def test_a_missing_frame_shows():
    """Frames are compared by id, not by number."""
    assert summarize(outcomes())["frames"]["equal_by_id"]
    assert not summarize(outcomes(judged=((0, 4), (6, 10))))["frames"]["equal_by_id"]


def test_a_late_simulator_makes_the_run_invalid():
    """One late block in ten is far above one in a thousand."""
    assert summarize(outcomes())["valid"]
    assert not summarize(outcomes(late=1))["valid"]


def test_times_are_from_exposure():
    """20 ms from the last line to the first increment in force."""
    assert summarize(outcomes([correction(1002.0)]))["corrections"][0]["exposure_to_in_force_ms"] == 20.0
