"""The view model: what messages become."""

from __future__ import annotations

import msgspec
import pytest

from cellctl.config.resolved import Characteristic, Escalate, Loop, Release, Verify, Watch
from cellctl.config.resolved.regulator import Regulator
from cellctl.hmi import ProcessRow, ViewModel
from cellctl.hmi.tally import DefectTally
from cellctl.model import (
    Alarm,
    CellState,
    DefectObject,
    Escalation,
    Inspection,
    Judgement,
    Label,
    Ne107,
    Outcome,
    PackMLState,
    Priority,
    Quality,
    Reading,
    Regulation,
    Released,
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
from tests.unit.evidence.test_windows import make_features
from tests.unit.loop.test_authority import make_advice

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


def dry(inspection: Inspection) -> Inspection:
    """The same judgement by another camera, 50 m further along the web."""
    span = WebSpan(inspection.span.from_mm - 50_000.0, inspection.span.to_mm - 50_000.0)
    made: Inspection = msgspec.structs.replace(inspection, camera="dry_camera", span=span)
    return made


def test_two_cameras_do_not_make_the_web_longer():
    """Each metre is counted once per camera; a class that one camera looks for is measured by that one's metres."""
    tally = DefectTally({("coat_edge_spur", "left"): 0.2}, {("coat_edge_spur", "left"): "wet_camera"})
    for number in range(60, 80):
        seen = metre(number, *([spur(number * 1000.0)] if number in {63, 75} else []))
        tally.see(seen)
        tally.see(dry(msgspec.structs.replace(seen, objects=())))
    (row,) = tally.rows()
    assert tally.inspected_m == pytest.approx(20.0)
    assert (row.total, row.total_per_m, row.recent) == (2, pytest.approx(0.1), 1)


def test_what_a_camera_far_along_the_web_sees_is_recent_too():
    """The last metres are those of the camera that sees the class, not those of the camera that is first."""
    tally = DefectTally({("coat_edge_spur", "left"): 0.2}, {("coat_edge_spur", "left"): "dry_camera"})
    for number in range(60, 80):
        tally.see(metre(number))
        tally.see(dry(metre(number, *([spur(number * 1000.0 - 50_000.0)] if number == 78 else []))))
    (row,) = tally.rows()
    assert (row.recent, row.recent_per_m) == (1, pytest.approx(0.1))


def test_a_correction_without_a_rate_has_no_test_to_run_along(model: ViewModel):
    """A move against one object that goes on is verified without a baseline; the face shows its state all the same."""
    model.take(make_correction("VERIFYING", baseline_per_m=0.0))
    model.take(metre(12))
    row = model.view().corrections[0]
    assert (row.state, row.metres, row.bound) == ("VERIFYING", 0.0, 0.0)


RELEASED = Released(20.0, in_force_ns=1, from_mm=40_000.0)


def test_the_watch_after_a_release_moves_between_two_records():
    """Material made since the release is counted as it is inspected; what was not judged is not."""
    loop = msgspec.structs.replace(LOOP, release=Release(True, 300.0, 150.0, 2400.0))
    model = ViewModel(msgspec.structs.replace(make_cell(), loops=(loop,)), VirtualClock())
    model.take(make_correction("RELEASING", path=(*EFFECTIVE_PATH, "RELEASING"), released=RELEASED))
    for number in range(38, 45):
        model.take(metre(number))
    model.take(msgspec.structs.replace(metre(45), judgement=Judgement.INDETERMINATE))
    row = model.view().corrections[0]
    assert (row.watched_m, row.watch_m) == (pytest.approx(5.0), 150.0)


def test_a_regulator_shows_its_gauge_and_its_report():
    """The value is the gauge's own, the mean and the moves are those of the last report."""
    model = ViewModel(film_cell(), VirtualClock())
    (before,) = model.view().regulators
    assert (before.value, before.measurements) == (None, 0)
    model.take(gauge_reading(199.8))
    model.take(make_regulation())
    (row,) = model.view().regulators
    assert (row.value, row.target, row.tolerance) == (199.8, 200.0, 3.0)
    assert (row.mean, row.moves, row.frozen) == (199.9, 4, "a splice is passing")


def test_a_bad_gauge_value_is_not_shown():
    """After a Bad reading the old value does not stay on the screen."""
    model = ViewModel(film_cell(), VirtualClock())
    model.take(gauge_reading(199.8))
    model.take(gauge_reading(150.0, Quality.BAD))
    assert model.view().regulators[0].value is None


def film_cell():
    """A cell with one regulator on the film weight."""
    held = Characteristic("film_weight", "plc.film_weight", "g/m2", "", 64.5, 200.0, 3.0)
    film = Regulator("film", "auto", "film_weight", "ewma", (), 5.0, 0.3, 0.1, 900.0, 60.0, 0.1)
    return msgspec.structs.replace(make_cell(), characteristics=(held,), regulators=(film,))


def gauge_reading(value: float, quality: Quality = Quality.GOOD) -> Reading:
    """One value of the film gauge."""
    measured = TagValue("plc.film_weight", value, "g/m2", quality, Ne107.OK, 0)
    return Reading(stamp=Stamp(0), device="plc", values=(measured,))


def make_regulation() -> Regulation:
    """A minute of the film regulator."""
    return Regulation(
        stamp=Stamp(60), regulator="film", characteristic="film_weight", unit="g/m2", target=200.0, since_ns=0,
        measurements=60, outside=0.0, mean=199.9, deviation=0.4, authority="auto", moves=4, setpoints={}, wanted={},
        frozen=0.1, reason="a splice is passing",
    )  # fmt: skip


def test_a_move_that_waits_for_a_yes_counts_down(model: ViewModel):
    """It is there with the time that is left, in place of its alarm, until it is answered."""
    alarm = Alarm(stamp=Stamp(0), id="advice.edge_spur.left", active=True, priority=Priority.HIGH, text="move it?")
    model.take(make_advice(due_ns=60_000_000_000))
    model.take(alarm)
    view = model.view()
    assert [(row.transaction, row.left_s) for row in view.advices] == [("edge_spur-left-1", pytest.approx(60.0))]
    assert view.alarms == ()
    model.take(make_advice(due_ns=60_000_000_000, state="LAPSED"))
    assert model.view().advices == ()


def test_a_shadow_asks_for_nobody(model: ViewModel):
    """What a loop in shadow would do is for the record."""
    model.take(make_advice(level="shadow"))
    assert model.view().advices == ()


def test_a_question_is_there_until_all_its_objects_are_labelled(model: ViewModel):
    """One label of two is not the answer yet."""
    model.take(
        Escalation(
            stamp=Stamp(0), id="ESC-edge_spur-left-1", defect="coat_edge_spur", side=Side.LEFT, reason="unsure",
            question="Is this coat_edge_spur?", objects=("a", "b"),
        )
    )  # fmt: skip
    model.take(label("a"))
    assert [(row.id, row.objects) for row in model.view().questions] == [("ESC-edge_spur-left-1", 2)]
    model.take(label("b"))
    assert model.view().questions == ()


def question(number: int = 1) -> Escalation:
    """A question about the left edge."""
    return Escalation(
        stamp=Stamp(0), id=f"ESC-edge_spur-left-{number}", defect="coat_edge_spur", side=Side.LEFT, reason="unsure",
        question="Is this coat_edge_spur?", objects=("a",),
    )  # fmt: skip


def test_of_alarms_of_one_priority_the_newest_is_first(model: ViewModel):
    """What just happened is not behind what stands for an hour."""
    for name, second in (("first", 1), ("last", 3), ("second", 2)):
        model.take(Alarm(stamp=Stamp(second), id=name, active=True, priority=Priority.MEDIUM, text=name))
    assert [alarm.id for alarm in model.view().alarms] == ["last", "second", "first"]


def test_a_question_is_no_alarm_besides_and_none_when_it_is_answered(model: ViewModel):
    """The alarm that calls for the expert says what the question says; without a question it stands."""
    model.take(
        Alarm(stamp=Stamp(0), id="escalation.coat_edge_spur.left", active=True, priority=Priority.MEDIUM, text="?")
    )
    assert len(model.view().alarms) == 1
    model.take(question())
    assert model.view().alarms == ()
    model.take(label("a"))
    assert (model.view().alarms, model.view().questions) == ((), ())


def test_a_question_is_settled_by_an_effective_verdict_on_the_same_class_and_side(model: ViewModel):
    """One asked later is open and comes first; while the correction is verified nothing is settled."""
    model.take(question(1))
    model.take(make_correction("VERIFYING"))
    assert [row.settled for row in model.view().questions] == [False]
    for state in EFFECTIVE_PATH:
        model.take(make_correction(state))
    model.take(question(2))
    model.take(question(3))
    rows = model.view().questions
    assert [(row.id[-1], row.settled) for row in rows] == [("3", False), ("2", False), ("1", True)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"lot": "LOT-0002"}, "changing to LOT-0002: no moves until 1234 m"),
        ({"product": "LFP-150"}, "changing to LFP-150: no moves until 1234 m"),
        ({"lot": "LOT-0002", "since_mm": None}, "changing to LOT-0002: no moves for 100 m of the new material"),
        ({"lot": "LOT-0002", "changing": False}, ""),
    ],
)
def test_a_changeover_says_until_when_nothing_moves(changes: dict[str, object], words: str):
    """What is new, and the place on the web where moves are allowed again."""
    cell = make_cell()
    model = ViewModel(cell, VirtualClock())
    state = CellState(stamp=Stamp(0), state=PackMLState.EXECUTE, epoch=2, safe=False, reason="lot changed",
                      product=cell.recipe.product, lot=cell.lot, changing=True, since_mm=1_134_000.0)  # fmt: skip
    model.take(msgspec.structs.replace(state, **changes))
    assert model.view().changing == words


def test_without_a_web_a_changeover_says_how_long_it_lasts():
    """Seconds, where nothing tells metres."""
    cell = make_cell()
    cell = msgspec.structs.replace(cell, web=msgspec.structs.replace(cell.web, encoder=""))
    model = ViewModel(cell, VirtualClock())
    model.take(CellState(stamp=Stamp(0), state=PackMLState.EXECUTE, epoch=2, safe=False, reason="", lot="LOT-9",
                         product=cell.recipe.product, changing=True))  # fmt: skip
    assert model.view().changing == "changing to LOT-9: no moves for 60 s"


def label(object_id: str) -> Label:
    """An expert's word on one object."""
    return Label(
        stamp=Stamp(1), escalation="ESC-edge_spur-left-1", object_id=object_id, label="streak", by="Li", note=""
    )


def test_windows_are_counted_by_sensor() -> None:
    """Judged, unjudged and lost windows are told apart, and the newest one's reason is kept."""
    model = ViewModel(make_cell(), VirtualClock())
    for window in (make_features(0), make_features(2, lost=1, reason="short")):
        model.take(window)
    (row,) = model.view().sensors
    assert (row.name, row.judged, row.indeterminate, row.lost, row.reason) == ("bearing", 2, 1, 1, "short")
