"""Frame coverage: intervals that add up to every frame exactly once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cellctl.evidence import CoverageCounter, FrameTotals
from cellctl.evidence.coverage import Indeterminate
from tests.unit.evidence.builders import make_inspection


def test_frames_in_a_row_are_one_interval() -> None:
    """Ten good frames are one entry."""
    counter = CoverageCounter("wet_camera")
    for frame in range(10):
        counter.see(make_inspection(frame))
    coverage = counter.take()
    assert coverage is not None
    assert (coverage.judged, coverage.lost, coverage.counts) == (((0, 9),), (), {"OK": 10})
    assert counter.take() is None


def test_lost_frames_are_named() -> None:
    """Two frames lost before frame 5 are frames 3 and 4."""
    counter = CoverageCounter("wet_camera")
    for inspection in (make_inspection(2), make_inspection(5, lost=2)):
        counter.see(inspection)
    coverage = counter.take()
    assert coverage is not None
    assert (coverage.judged, coverage.lost) == (((2, 2), (5, 5)), ((3, 4),))


def test_frames_that_could_not_be_judged_keep_their_reason_and_no_metres() -> None:
    """INDETERMINATE frames with one reason in a row are one entry and are not inspected material."""
    counter = CoverageCounter("wet_camera")
    for frame, reason in enumerate(["", "dark", "dark", "torn", ""]):
        counter.see(make_inspection(frame, reason=reason))
    coverage = counter.take()
    assert coverage is not None
    assert coverage.indeterminate == (Indeterminate(1, 2, "dark"), Indeterminate(3, 3, "torn"))
    assert round(coverage.inspected_m, 6) == 0.05


def test_frame_that_comes_twice_is_noted() -> None:
    """A frame id that does not go up is not a second judgement but a fault."""
    counter = CoverageCounter("wet_camera")
    for frame in (0, 1, 1):
        counter.see(make_inspection(frame))
    coverage = counter.take()
    assert coverage is not None
    assert (coverage.counts, coverage.repeated) == ({"OK": 2}, (1,))


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=40))
def test_totals_do_not_depend_on_when_records_are_taken(steps: list[tuple[int, bool]]) -> None:
    """Many small coverage records add up to the one big one."""
    often, once = CoverageCounter("wet_camera"), CoverageCounter("wet_camera")
    totals, frame = FrameTotals(), -1
    for lost, take in steps:
        frame += lost + 1
        for counter in (often, once):
            counter.see(make_inspection(frame, lost=lost))
        part = often.take() if take else None
        totals = totals.plus(part) if part else totals
    rest, whole = often.take(), once.take()
    totals = totals.plus(rest) if rest else totals
    expected = FrameTotals().plus(whole) if whole else FrameTotals()
    assert (totals.judged, totals.lost, totals.counts) == (expected.judged, expected.lost, expected.counts)
