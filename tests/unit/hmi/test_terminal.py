"""The terminal view: what it says, that it fits, and that colour means something."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from cellctl.hmi import CellView, Screen, export_svg, plain_line, render
from cellctl.hmi.picture import main
from cellctl.hmi.view import AlarmRow, ProcessRow
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
