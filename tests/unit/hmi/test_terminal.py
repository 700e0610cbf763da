"""The terminal view: what it says, that it fits, and that colour means something."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from cellctl.hmi import CellView, Screen, export_svg, plain_line, render
from cellctl.hmi.picture import main
from cellctl.hmi.view import AdviceRow, AlarmRow, CorrectionRow, ProcessRow, QuestionRow, RegulatorRow, SensorRow
from cellctl.testing import VirtualClock
from tests.unit.hmi.example import example_view

WIDTH, HEIGHT = 100, 32


def drawn(view: CellView, *, colour: bool = False) -> str:
    """The view as a terminal of 100 columns shows it."""
    console = Console(
        width=WIDTH, file=io.StringIO(), force_terminal=colour, color_system="truecolor" if colour else None
    )
    with console.capture() as capture:
        console.print(render(view))
    return capture.get()


def test_example_says_what_matters() -> None:
    """State, speed, rate, the move, the test's standing, the report and the alarm are all there."""
    text = drawn(example_view())
    for part in ("EXECUTE", "1.00 m/s", "0.10 /m (1)", "20.00 → 21.00 kPa", "1 object in 8.2 m", "NCR-1", "MEDIUM"):
        assert part in text


def test_empty_view_can_be_drawn() -> None:
    """Before the first message nothing is invented."""
    text = drawn(CellView(cell="coater-01"))
    assert "– m/s" in text
    assert "none seen" in text


def crowded() -> CellView:
    """Many rows with long texts in every part."""
    view = example_view()
    return msgspec.structs.replace(
        view,
        reason="a long reason " * 9,
        defects=view.defects * 9,
        corrections=view.corrections * 9,
        nonconformities=view.nonconformities * 9,
        alarms=tuple(AlarmRow(f"a{n}", "high", "a text that is far too long " * 9) for n in range(9)),
        stages=view.stages * 2,
    )


def test_crowded_view_fits_the_terminal() -> None:
    """However much there is, the view stays within 100 × 32."""
    lines = drawn(crowded()).splitlines()
    assert len(lines) <= HEIGHT
    assert max(len(line) for line in lines) <= WIDTH


def test_hidden_rows_are_counted() -> None:
    """What does not fit is not silently left out."""
    assert "and 12 more" in drawn(crowded())


FILM = RegulatorRow("film", "film_weight", "g/m2", 199.82, 200.0, 3.0, "auto", 60, 199.9, 0.0, 4)
ASK = AdviceRow("edge_spur-left-1", "coat_edge_spur", "left", "plc.blade_load_sp_left", "kPa", 20.0, 21.0, 0.91, 42.0)
QUESTION = QuestionRow("ESC-edge_spur-left-1", "Are these all coat_edge_spur?", 3)


def with_state(state: str, reason: str = "", **changes: object) -> CellView:
    """The example with its correction in another state."""
    (row,) = example_view().corrections
    changed: CorrectionRow = msgspec.structs.replace(row, state=state, reason=reason, **changes)
    return msgspec.structs.replace(example_view(), corrections=(changed,))


def test_crowded_view_with_regulators_fits_the_terminal() -> None:
    """With regulators, advices and questions as well it still stays within 100 × 32, and says what it leaves out."""
    frozen = msgspec.structs.replace(FILM, frozen="a correction has no verdict yet " * 9)
    view = msgspec.structs.replace(
        crowded(), regulators=(frozen,) * 9, advices=(ASK,) * 9, questions=(QUESTION,) * 9,
        processes=tuple(ProcessRow(f"process_{n}", "ready", True) for n in range(30)),
    )  # fmt: skip
    lines = drawn(view).splitlines()
    assert len(lines) <= HEIGHT
    assert max(len(line) for line in lines) <= WIDTH
    assert "CORRECTIONS, 2 of 9" in drawn(view)


def test_a_watch_after_a_release_shows_how_far_it_is() -> None:
    """While the old value is on, the line counts the metres in which the fault may return."""
    text = drawn(with_state("RELEASING", watched_m=42.0, watch_m=150.0))
    assert "does it come back?" in text
    assert "42 of 150 m" in text


def test_a_verdict_that_waits_for_a_gauge_says_so() -> None:
    """When the rate's test has its answer and the state is still VERIFYING, the line says what is missing."""
    assert "waits for its gauge" in drawn(with_state("VERIFYING", llr=(0.0, 2.95)))
    assert "waits for its gauge" not in drawn(with_state("VERIFYING", llr=(0.0, 2.90)))
    assert "waits for its gauge" not in drawn(with_state("EFFECTIVE", llr=(0.0, 2.95), is_final=True))


@pytest.mark.parametrize("state", ["RESTORED", "STILL_NEEDED", "PROVEN"])
def test_what_a_release_showed_is_said_instead_of_the_test(state: str) -> None:
    """After the release its own words stand where the test of the move stood."""
    text = drawn(with_state(state, "4 objects within 12.8 m after the release"))
    assert "4 objects within 12.8 m" in text
    assert "did it help?" not in text


@pytest.mark.parametrize(
    ("state", "calls"),
    [
        ("RELEASING", False),
        ("RESTORED", False),
        ("STILL_NEEDED", False),
        ("PROVEN", False),
        ("EFFECTIVE", False),
        ("CONFOUNDED", True),
        ("INEFFECTIVE_ROLLED_BACK", True),
    ],
)
def test_only_a_verdict_that_did_not_help_is_coloured(state: str, calls: bool) -> None:
    """A release and what it shows are part of normal work: grey."""
    calm = msgspec.structs.replace(with_state(state), alarms=(), nonconformities=(), defects=())
    assert coloured(drawn(calm, colour=True)) is calls


def test_a_held_characteristic_has_its_line() -> None:
    """Value, target, tolerance, mean, share outside and moves stand in one line, in grey."""
    view = CellView(cell="coater-01", state="EXECUTE", regulators=(FILM,))
    (line,) = (line for line in drawn(view).splitlines() if line.startswith("film_weight"))
    for part in ("199.8 g/m2", "target 200 ±3", "mean 199.9", "0% outside", "4 moves"):
        assert part in line
    assert not coloured(drawn(view, colour=True))


@pytest.mark.parametrize("value", [203.5, None])
def test_a_characteristic_off_its_target_or_unknown_is_coloured(value: float | None) -> None:
    """A value outside its tolerance, and a gauge that says nothing, stand out."""
    row = msgspec.structs.replace(FILM, value=value)
    assert coloured(drawn(CellView(cell="coater-01", state="EXECUTE", regulators=(row,)), colour=True))


def test_a_regulator_that_stands_still_says_why() -> None:
    """The reason follows in the same line."""
    row = msgspec.structs.replace(FILM, frozen="a splice is passing")
    assert "stands still: a splice is passing" in drawn(CellView(cell="coater-01", regulators=(row,)))


def test_a_move_that_needs_a_yes_shows_the_command_and_the_time_left() -> None:
    """The reader sees at once what to type, and until when."""
    text = drawn(msgspec.structs.replace(example_view(), advices=(ASK,)))
    assert "42 s left: cellctl confirm RUN edge_spur-left-1" in text


def test_what_is_urgent_is_not_pushed_out_by_the_rest() -> None:
    """With many reports and questions every alarm of high priority still has its line, and one of each kind is left."""
    view = msgspec.structs.replace(
        example_view(), advices=(ASK,), questions=(QUESTION,) * 9,
        nonconformities=example_view().nonconformities * 9,
        alarms=(*(AlarmRow(f"a{n}", "high", f"fault {n}") for n in range(3)), *example_view().alarms),
    )  # fmt: skip
    text = drawn(view)
    for part in ("fault 0", "fault 1", "fault 2", "ALLOW?", "MEDIUM", "NCR-1"):
        assert part in text
    assert "and 17 more" in text


def test_a_correction_under_way_is_never_among_the_hidden() -> None:
    """Newer ones that are over leave it its lines."""
    (running,) = example_view().corrections
    over = msgspec.structs.replace(running, state="EFFECTIVE", is_final=True)
    assert "VERIFYING" in drawn(msgspec.structs.replace(example_view(), corrections=(*(over,) * 9, running)))


def test_a_rate_above_its_alarm_is_never_among_the_hidden() -> None:
    """However many classes were seen more often, one that is high now has its line."""
    view = example_view()
    many = tuple(msgspec.structs.replace(view.defects[2], defect=f"class_{n}") for n in range(9))
    rare = msgspec.structs.replace(view.defects[0], defect="crater")
    assert "crater" in drawn(msgspec.structs.replace(view, defects=(*many, rare)))


def test_text_of_a_message_is_not_markup() -> None:
    """Square brackets in an alarm are shown as they are."""
    view = msgspec.structs.replace(example_view(), alarms=(AlarmRow("a", "high", "[red]look[/red]"),))
    assert "[red]look[/red]" in drawn(view)


def coloured(text: str) -> bool:
    """Whether yellow or red of the view's palette is used."""
    return "\x1b[1;33m" in text or "\x1b[1;31m" in text


def test_normal_cell_is_grey() -> None:
    """Nothing is coloured while nothing is abnormal."""
    calm = msgspec.structs.replace(example_view(), alarms=(), nonconformities=(), defects=example_view().defects[1:])
    assert not coloured(drawn(calm, colour=True))


@pytest.mark.parametrize(
    "change",
    [
        {"alarms": (AlarmRow("a", "high", "look"),)},
        {"dropped": 1},
        {"blind": "dark"},
        {"state": "ABORTED"},
        {"processes": (ProcessRow("plc", "failed", False),)},
        {"defects": example_view().defects[:1]},
        {"nonconformities": example_view().nonconformities},
    ],
)
def test_each_abnormality_is_coloured(change: dict[str, object]) -> None:
    """A lost frame, an alarm, a report, a dead process, a high rate or a bad state each stand out."""
    calm = CellView(cell="coater-01", state="EXECUTE")
    assert not coloured(drawn(calm, colour=True))
    assert coloured(drawn(msgspec.structs.replace(calm, **change), colour=True))


def test_plain_line_is_one_line() -> None:
    """Without a terminal there is one line with the essentials."""
    line = plain_line(example_view())
    assert "\n" not in line
    for part in ("EXECUTE", "VERIFYING", "NCR-1", "ALARM"):
        assert part in line


def test_plain_line_counts_the_alarms_that_it_does_not_show() -> None:
    """The first of them is the most urgent; the number of the others stands behind it, and none without others."""
    alarms = tuple(AlarmRow(f"a{n}", "high", f"fault {n}") for n in range(3))
    view = CellView(cell="coater-01", alarms=alarms)
    assert plain_line(view).endswith("ALARM fault 0 (+2 more)")
    assert plain_line(msgspec.structs.replace(view, alarms=alarms[:1])).endswith("ALARM fault 0")


def test_an_open_question_shows_how_to_answer_it() -> None:
    """Its name and the command, in the line and on the terminal."""
    view = msgspec.structs.replace(example_view(), questions=(QUESTION,))
    command = "ESC-edge_spur-left-1: cellctl answer RUN ID --label …"
    assert command in plain_line(view)
    assert command in drawn(view)


def test_a_settled_question_is_not_in_the_line() -> None:
    """What it is about is over, so it may wait on the terminal."""
    settled = msgspec.structs.replace(QUESTION, settled=True)
    view = msgspec.structs.replace(example_view(), questions=(settled,))
    assert "ASKED" not in plain_line(view)
    assert "ASKED" in drawn(view)


def test_a_changeover_says_in_both_faces_why_nothing_moves() -> None:
    """In the line, and in the terminal in place of what led to the state, in full beside a long web."""
    words = "changing to LOT-0002: no moves until 1234 m"
    view = msgspec.structs.replace(example_view(), changing=words, encoder_m=1140.2)
    assert words in plain_line(view)
    assert words in drawn(view).splitlines()[0]
    assert len(drawn(view).splitlines()) == len(drawn(example_view()).splitlines())


def test_screen_without_terminal_prints_a_line_every_few_seconds() -> None:
    """A pipe gets a line at once, then one every five seconds, and one when asked."""
    clock, output = VirtualClock(), io.StringIO()
    with Screen(clock, Console(file=output, width=WIDTH)) as screen:
        for _ in range(11):
            screen.show(example_view())
            clock.advance(1.0)
        screen.show(example_view(), now=True)
    assert output.getvalue().count("EXECUTE") == 4


def test_picture_is_drawn_from_a_stored_view(tmp_path: Path) -> None:
    """A view written as JSON becomes an SVG that shows it."""
    (tmp_path / "view.json").write_bytes(msgspec.json.encode(example_view()))
    main([str(tmp_path / "view.json"), str(tmp_path / "images" / "view.svg")])
    svg = (tmp_path / "images" / "view.svg").read_text(encoding="utf-8")
    assert svg.startswith("<svg")
    assert "coat_edge_spur" in svg
    assert "url(" not in svg.replace("url(#", "")


def test_same_view_gives_the_same_picture(tmp_path: Path) -> None:
    """Drawing again changes no byte, so a picture in the repository changes only when the view does."""
    export_svg(example_view(), tmp_path / "a.svg")
    export_svg(example_view(), tmp_path / "b.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


BEARING = SensorRow("bearing", 186, 140, 16, 0, "rms 0.67 g, limit 0.11")


def test_cell_that_only_listens_shows_its_windows() -> None:
    """Without a camera or a web nothing is said of frames, objects and metres."""
    view = CellView(cell="vibration-01", sensors=(BEARING,), has_web=False, has_cameras=False)
    for text in (drawn(view), plain_line(view)):
        assert "186 windows judged" in text
        assert "140 NG" in text
        assert "frames" not in text
        assert "web" not in text


def test_camera_that_gives_nothing_is_not_hidden_by_a_sensor() -> None:
    """Frames that came and were not judged keep their line."""
    view = CellView(cell="strip-01", sensors=(BEARING,), received=3, has_cameras=False)
    assert "3 received" in drawn(view)
    assert "frames: 0 judged" in plain_line(view)


def test_crowded_view_with_sensors_and_regulators_fits_the_terminal() -> None:
    """With sensors and held values too, the view stays within 100 × 32."""
    long = msgspec.structs.replace(BEARING, reason="a text that is far too long " * 9)
    view = msgspec.structs.replace(crowded(), sensors=(long,) * 9, regulators=(FILM,) * 9)
    lines = drawn(view).splitlines()
    assert len(lines) <= HEIGHT
    assert max(len(line) for line in lines) <= WIDTH
    assert "SENSORS, 2 of 9" in drawn(view)


def test_cell_that_only_regulates_shows_what_it_holds() -> None:
    """Without cameras and sensors the held value is what there is to say, also while it is right."""
    view = CellView(cell="film-01", regulators=(FILM,), has_cameras=False)
    assert "frames" not in drawn(view)
    assert f"{FILM.characteristic} {FILM.value:.4g}" in plain_line(view)
