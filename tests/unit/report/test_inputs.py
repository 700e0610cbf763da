"""What came in: windows by recording, and everything that nobody could judge with its reason."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cellctl.config.resolved import PluginEntry
from cellctl.evidence import Coverage
from cellctl.evidence.coverage import Indeterminate
from cellctl.model import Features, Judgement
from cellctl.report.document import Figure, Section, Table
from cellctl.report.run_record import RunRecord
from cellctl.report.section_inputs import MOST_ROWS, limits_of, unjudged, windows
from cellctl.report.section_top import seen
from cellctl.testing import example
from tests.unit.evidence.builders import make_cell

OK, NG, DOUBT = Judgement.OK, Judgement.NG, Judgement.INDETERMINATE


def window(number: int, judgement: Judgement, origin: str = "a.npy", **changes: Any) -> Features:
    """One window of the bearing."""
    values = {} if judgement is DOUBT else {"rms": 0.1 * (number + 1), "kurtosis": 3.0, "crest": 4.0}
    reason = "" if judgement is OK else f"{origin}: why {number}"
    return example(Features, device="bearing", window_id=number, judgement=judgement, origin=origin, unit="g",
                   values=values, reason=reason, **changes)  # fmt: skip


def run_of(tmp_path, *found: Features, doubts: tuple[Indeterminate, ...] = ()) -> RunRecord:
    """A run with these windows, and frames that could not be judged."""
    part = Coverage(camera="cam", judged=((0, 9),), lost=(), repeated=(), counts={"OK": 10}, indeterminate=doubts,
                    inspected_m=1.0)  # fmt: skip
    return RunRecord(tmp_path, report=None, windows=list(found), covered=[(0, part)])  # type: ignore[arg-type]  # not read


def table(section: Section | None) -> Table:
    """Its one table."""
    assert section is not None
    (found,) = (block for block in section.blocks if isinstance(block, Table))
    return found


def words(row: tuple[Any, ...]) -> list[str]:
    """The cells of a row as they are read."""
    return [str(getattr(cell, "words", cell)) for cell in row]


def test_a_recording_is_one_row(tmp_path):
    """Counts by judgement, the highest values with their unit, and the first reason."""
    run = run_of(tmp_path, window(0, OK), window(1, NG), window(2, NG), window(3, DOUBT), window(4, OK, "b.npy"))
    first, second = table(windows(run, str)).rows
    assert words(first) == ["bearing", "a.npy", "1", "2", "1", "0.3 g", "3", "4", "–", "a.npy: why 1"]
    assert words(second) == ["bearing", "b.npy", "1", "0", "0", "0.5 g", "3", "4", "–", "–"]


def test_the_lines_of_a_bearing_are_counted(tmp_path):
    """Each line that stood out, with its number of windows, the most frequent one first."""
    lines = ("BPFO", "", "2xBSF", "BPFO")
    run = run_of(tmp_path, *(msgspec.structs.replace(window(n, NG), bearing=line) for n, line in enumerate(lines)))
    (row,) = table(windows(run, str)).rows
    assert words(row)[-2] == "BPFO (2), 2xBSF (1)"


def test_everything_unjudged_has_its_reason(tmp_path):
    """Frames as intervals, windows one by one."""
    doubts = (Indeterminate(3, 3, "x.jpg: an empty file"), Indeterminate(5, 7, "dark"))
    run = run_of(tmp_path, window(0, DOUBT), window(1, OK), doubts=doubts)
    assert [words(row) for row in table(unjudged(run)).rows] == [
        ["cam", "3", "x.jpg: an empty file"],
        ["cam", "5 – 7", "dark"],
        ["bearing", "0", "a.npy: why 0"],
    ]


def test_a_folder_of_broken_files_is_no_book(tmp_path):
    """The table is bounded, and says how much is not in it."""
    run = run_of(tmp_path, *(window(number, DOUBT) for number in range(MOST_ROWS + 5)))
    found = table(unjudged(run))
    assert len(found.rows) == MOST_ROWS
    assert str(found.note).endswith("5 more rows are in the ledger.")


def test_nothing_to_say_is_no_section(tmp_path):
    """Negative control: a run without windows and without doubts has neither part."""
    run = run_of(tmp_path)
    assert windows(run, str) is None
    assert unjudged(run) is None


def test_the_limits_of_a_sensor_are_those_of_its_listener(tmp_path):
    """They lie in the listener's settings as people wrote them; a listener of another sensor says nothing."""
    run = run_of(tmp_path, window(0, NG))
    listener = PluginEntry("listen", "vibration-features", ("bearing",), {"limits": {"rms": "0.11 g", "kurtosis": "4"}})
    run.cell = msgspec.structs.replace(make_cell(), plugins=(listener,))
    assert limits_of(run, "bearing") == {"rms": 0.11, "kurtosis": 4.0}
    assert limits_of(run, "another") == {}


def test_a_limit_is_drawn_and_what_is_above_it_is_crossed(tmp_path):
    """The words of the limit are in the figure; without limits there are none."""
    run = run_of(tmp_path, window(0, NG), window(1, NG), window(2, DOUBT))
    listener = PluginEntry("listen", "vibration-features", (), {"limits": {"rms": "0.15 g"}})
    drawn = {}
    for name, plugins in (("with", (listener,)), ("without", ())):
        run.cell = msgspec.structs.replace(make_cell(), plugins=plugins)
        section = windows(run, str)
        assert section is not None
        drawn[name] = next(block.svg for block in section.blocks if isinstance(block, Figure))
    assert b"limit 0.15 g" in drawn["with"]
    assert b"limit" not in drawn["without"].replace(b"stroke-miterlimit", b"")


@pytest.mark.parametrize(
    ("counts", "metres", "words"),
    [
        ({"OK": 3}, 1.0, "No object."),
        ({"OK": 2, "INDETERMINATE": 1}, 1.0, "No object in what could be judged."),
        ({"INDETERMINATE": 3}, 0.0, "Nothing: no frame could be judged."),
    ],
)
def test_what_was_not_judged_is_not_said_to_be_free_of_objects(tmp_path, counts: dict[str, int], metres: float, words):
    """That nothing was found says something of the frames that could be judged, and nothing of the others."""
    part = Coverage(camera="cam", judged=((0, 2),), lost=(), repeated=(), counts=counts, indeterminate=(),
                    inspected_m=metres)  # fmt: skip
    run = RunRecord(tmp_path, report=None, covered=[(0, part)])  # type: ignore[arg-type]  # not read
    assert str(seen(run).words) == words
