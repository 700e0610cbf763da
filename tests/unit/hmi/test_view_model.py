"""The view model: what messages become."""

from __future__ import annotations

import msgspec
import pytest

from cellctl.config.resolved import Escalate, Loop, Verify, Watch
from cellctl.hmi import ProcessRow, ViewModel
from cellctl.hmi.tally import DefectTally
from cellctl.model import (
    Alarm,
    CellState,
    DefectObject,
    Inspection,
    Ne107,
    Outcome,
    PackMLState,
    Priority,
    Quality,
    Reading,
    Side,
    Stamp,
    TagValue,
    WebRef,
    WebSpan,
    WritePhase,
)
from cellctl.testing import VirtualClock
from tests.unit.evidence.builders import (
    EFFECTIVE_PATH,
    TAG,
    make_cell,
    make_correction,
    make_inspection,
    make_nonconformity,
    make_object,
    make_result,
)

LOOP = Loop(
    name="edge_spur", side=Side.LEFT, authority="auto", watch=Watch("coat_edge_spur", 0.01, 0.1, 3.0), tag=TAG,
    unit="kPa", step=1.0, tries=1, protect=(), verify=Verify(True, 0.24, 0.05, 3.0, 0.0, 0.02),
    escalate=Escalate(0.85, 3, 50.0), deadline_s=0.8,
)  # fmt: skip


@pytest.fixture
def model() -> ViewModel:
    """A view model of a cell with one loop on the left edge."""
    return ViewModel(msgspec.structs.replace(make_cell(), loops=(LOOP,)), VirtualClock())


def metre(number: int, *objects: DefectObject) -> Inspection:
    """The judgement of a frame that shows a whole metre."""
    span = WebSpan(number * 1000.0, (number + 1) * 1000.0)
    inspection: Inspection = msgspec.structs.replace(make_inspection(number, *objects), span=span)
    return inspection


def spur(s_mm: float) -> DefectObject:
    """A spur on the left edge at a place."""
    found: DefectObject = msgspec.structs.replace(make_object(), web=WebRef(s_mm, 40.0, Side.LEFT, "wet_camera"))
    return found


def test_watched_class_is_shown_before_it_is_seen(model: ViewModel) -> None:
    """The reader sees from the start what the cell looks after, and where it acts."""
    (row,) = model.view().defects
    assert (row.defect, row.side, row.total, row.alarm_per_m) == ("coat_edge_spur", "left", 0, 0.1)


def test_rates_are_per_metre_of_inspected_material(model: ViewModel) -> None:
    """Two spurs in 20 m, one of them in the last 10 m."""
    for number in range(20):
        model.take(metre(number, *([spur(number * 1000.0)] if number in {3, 15} else [])))
    view = model.view()
    (row,) = view.defects
    assert view.inspected_m == pytest.approx(20.0)
    assert (row.recent, row.total) == (1, 2)
    assert row.recent_per_m == pytest.approx(0.1)
    assert row.total_per_m == pytest.approx(0.1)


def test_material_that_could_not_be_judged_does_not_count(model: ViewModel) -> None:
    """INDETERMINATE frames are counted as such and add no metres."""
    model.take(make_inspection(0, reason="dark"))
    model.take(make_inspection(4, lost=3))
    view = model.view()
    assert (view.judged, view.indeterminate, view.dropped) == (2, 1, 3)
    assert view.inspected_m == pytest.approx(0.025)


def test_reading_gives_speed_and_position_in_metres(model: ViewModel) -> None:
    """Tags keep the PLC's units (µm/s, mm); people read metres."""
    values = (
        TagValue("plc.web_speed", 1_000_000.0, "µm/s", Quality.GOOD, Ne107.OK, 0),
        TagValue("plc.encoder_pos", 73_400.0, "mm", Quality.GOOD, Ne107.OK, 0),
    )
    model.take(Reading(stamp=Stamp(0), device="plc", values=values))
    assert model.view().speed_m_s == pytest.approx(1.0)
    assert model.view().encoder_m == pytest.approx(73.4)


def test_verification_moves_between_two_records(model: ViewModel) -> None:
    """While VERIFYING metres and objects count from the correction's own mark on, as the loop counts them."""
    model.take(make_correction("VERIFYING"))
    for number in range(10, 20):
        model.take(metre(number, *([spur(number * 1000.0)] if number in {12, 16} else [])))
    row = model.view().corrections[0]
    assert (row.state, row.events) == ("VERIFYING", 1)
    assert row.metres == pytest.approx(6.0)
    assert row.llr[-1] == pytest.approx(-1.427 + 0.76 * 0.4 * 6.0, abs=1e-3)
    assert row.bound == pytest.approx(2.944, abs=1e-3)


def test_verdict_shows_the_records_own_curve(model: ViewModel) -> None:
    """What counts is the loop's record, not the face's arithmetic."""
    for state in EFFECTIVE_PATH:
        model.take(make_correction(state))
    row = model.view().corrections[0]
    assert (row.state, row.is_final, row.metres) == ("EFFECTIVE", True, make_correction().curve[-1].metres)
    assert row.llr[-1] == make_correction().curve[-1].llr


def test_alarm_leaves_when_it_returns_to_normal(model: ViewModel) -> None:
    """Standing alarms only, most urgent first."""
    for name, priority in (("low", Priority.LOW), ("high", Priority.HIGH), ("gone", Priority.HIGH)):
        model.take(Alarm(stamp=Stamp(0), id=name, active=True, priority=priority, text=name))
    model.take(Alarm(stamp=Stamp(0), id="gone", active=False, priority=Priority.HIGH, text=""))
    assert [alarm.id for alarm in model.view().alarms] == ["high", "low"]


def test_state_reports_and_processes_are_passed_on(model: ViewModel) -> None:
    """PackML state, nonconformities and processes appear as they are."""
    model.take(CellState(stamp=Stamp(0), state=PackMLState.HELD, epoch=2, safe=True, reason="PLC silent"))
    model.take(make_nonconformity())
    model.processes([ProcessRow("plc", "ready", True)])
    view = model.view()
    assert (view.state, view.reason) == ("HELD", "PLC silent")
    assert (view.nonconformities[0].id, view.nonconformities[0].from_m) == ("NCR-1", 60.0)
    assert view.processes[0].name == "plc"


def test_stage_times_come_from_the_stamps(model: ViewModel) -> None:
    """A frame received 1 ms and judged 3 ms after its exposure; a move in force 390 ms after it."""
    model.take(make_inspection(4))
    model.take(make_result(WritePhase.FIRST_INCREMENT))
    model.take(make_result(WritePhase.FIRST_INCREMENT, Outcome.UNKNOWN))
    rows = {row.stage: (row.n, row.p50_ms) for row in model.view().stages}
    assert rows == {
        "exposure → received": (1, 1.0),
        "received → judged": (1, 2.0),
        "exposure → first move in force": (1, 390.0),
    }


def test_frames_still_in_work_show(model: ViewModel) -> None:
    """Received is what the cameras delivered, judged what has a verdict."""
    model.take(make_inspection(0))
    model.received(3)
    assert (model.view().received, model.view().judged) == (3, 1)


def test_a_loop_that_watches_no_rate_shows_none():
    """A class that is watched for one object that goes on has no alarm rate to compare with."""
    (row,) = DefectTally({("streak", "none"): 0.0}).rows()
    assert row.alarm_per_m is None
