"""The demo's summary says what the line knows to be true, not what the cell hopes."""

from pathlib import Path

import pytest

from cellctl.model import Correction, Evidence, Nonconformity, Side, Stamp, TransactionState, WebSpan
from cellctl.runtime.control import Beat
from cellctl.runtime.histogram import Summary
from cellctl.testing.lateness import Lateness
from cellsim.commands.demo import _machine, summarize
from cellsim.figures import is_on_unfixable
from cellsim.trial import Outcomes, Tally

SPUR = {"record": "object", "defect": "coat_edge_spur", "side": "right", "from_mm": 1000.0, "to_mm": 1005.0}
LEFT_SPUR = SPUR | {"side": "left", "from_mm": 3000.0, "to_mm": 3005.0}
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


def outcomes(
    corrections=(), reported=("agglomerate",), judged=((0, 9),), late=0, evidence_ok=True, failure="", drained=True,
    aged=10, **of_line,
):  # fmt: skip
    tally = Tally()
    tally.nonconformities = [
        Nonconformity(stamp=Stamp(0), id="NCR-1", defect=defect, side=Side.NONE, span=WebSpan(0.0, 1.0), cause="c",
                      reason="r", lot="l", evidence=(), exposure_ns=0) for defect in reported
    ]  # fmt: skip
    line = {
        "complete": True, "streams": [{"first_id": 0, "produced": 10}], "produced": 10, "dropped": 0, "withheld": 0,
        "late": late, "max_late_ms": 0.0, "cpu_cores": 0.2, "envelope_violations": 0,
    } | of_line  # fmt: skip
    ages = {"frames.age": Summary(n=aged, p50=12.0, p99=20.0, p999=31.0, max=40.0)}
    return Outcomes(
        tally=tally, lateness=Lateness(1, 0, 0.0, 0.0), drained=drained, failure=failure, interrupted=False, line=line,
        beats={"wet_camera": Beat({}, {}, {"received": 10.0}), "inspect": Beat({}, ages, {})},
        truth=[SPUR, LEFT_SPUR, LUMP], evidence_ok=evidence_ok, head="h", corrections=tuple(corrections), results=(),
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
        {"corrections": [correction(1002.0), correction(2001.0)]},
        {"corrections": [correction(1002.0), correction(3002.0)]},
        {"corrections": [correction(1002.0), correction()]},
        {"corrections": [correction(1002.0)], "envelope_violations": 1},
        {"corrections": [correction(1002.0)], "envelope_violations": None},
        {"corrections": [correction(1002.0)], "judged": ((0, 8),)},
        {"corrections": [correction(1002.0)], "dropped": 1},
        {"corrections": [correction(1002.0)], "withheld": 1},
        {"corrections": [correction(1002.0)], "drained": False},
    ],
)
def test_anything_less_is_not(broken):
    """Each missing part alone keeps the loop open."""
    assert not summarize(outcomes(**broken))["closed"]


def test_a_correction_on_what_was_no_spur_is_counted():
    """Ground truth decides, not the class that the cell saw."""
    assert is_on_unfixable(correction(2001.0, 2001.5), [SPUR, LUMP])
    assert not is_on_unfixable(correction(1002.0, 1003.0, 2001.0), [SPUR, LUMP])


def test_a_spur_on_the_other_edge_is_no_cause():
    """The right blade load mends no spur of the left edge, though the class and the place agree."""
    assert is_on_unfixable(correction(3002.0), [SPUR, LEFT_SPUR])
    assert not is_on_unfixable(correction(1002.0), [SPUR, LEFT_SPUR])


def test_a_correction_without_evidence_has_no_cause():
    """Nothing was seen, so nothing can be mended."""
    assert is_on_unfixable(correction(), [SPUR, LUMP])


def test_what_keeps_the_loop_open_is_said():
    """Each flaw is named in the summary; a run without one names none."""
    assert summarize(outcomes([correction(1002.0)]))["flaws"] == []
    found = summarize(outcomes([correction(1002.0)], envelope_violations=2, dropped=3, drained=False))["flaws"]
    assert found == [
        "2 envelope violations in the plant's own log",
        "3 frames dropped",
        "a worker ended before it had handled all it was sent",
    ]


def test_the_age_of_frames_is_the_inspectors():
    """It comes from the inspector's own count of every frame."""
    age = summarize(outcomes())["frames"]["age_ms"]
    assert (age["p999"], age["n"], age["valid"]) == (31.0, 10, True)


@pytest.mark.parametrize("aged", [0, 9, 11])
def test_an_age_of_other_frames_than_the_judged_is_invalid(aged):
    """A frame more or less than the ledger judged makes the figure invalid."""
    assert not summarize(outcomes(aged=aged))["frames"]["age_ms"]["valid"]


def test_an_invalid_run_is_marked_in_the_list():
    """A simulator that was late says so beside the times."""
    assert _machine(summarize(outcomes())) == "quiet"
    assert _machine(summarize(outcomes(late=1))) == "quiet, INVALID"


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
