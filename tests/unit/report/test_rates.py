"""Rates over metres: objects that count, per metre that was inspected."""

import math

import msgspec
import pytest

from cellctl.evidence import FileStore
from cellctl.model import Side
from cellctl.report.rates import inspected_m, move_of, nice, panels
from cellctl.report.run_record import read_run
from cellctl.report.section_course import chunks
from tests.unit.evidence.builders import make_correction, make_inspection, make_object, start_recorder


def frames(folder, places, *, dark=range(0), frames=4000, **thing):
    """A run of so many frames of 25 mm; an object closes in the frame over each place (m)."""
    harness = start_recorder(FileStore(folder))
    seen = {int(place * 40): place for place in places}
    for frame in range(frames):
        found = [make_object(number=frame, s_mm=seen[frame] * 1000.0, **thing)] if frame in seen else []
        harness.feed("inspections", make_inspection(frame, *found, reason="dark" if frame in dark else ""))
        if frame % 200 == 199:
            harness.clock.advance(5.0)
            harness.tick()
    harness.close()
    return read_run(folder)


@pytest.mark.parametrize(("least", "width"), [(0.9, 1.0), (1.0, 1.0), (1.1, 2.0), (2.1, 2.5), (3.0, 5.0), (24.0, 25.0)])
def test_stretches_have_lengths_that_people_count_in(least, width):
    """1, 2, 2.5, 5 and their tens."""
    assert nice(least) == pytest.approx(width)


def test_a_rate_is_objects_per_inspected_metre(tmp_path):
    """100 m in stretches of 10 m (two objects at the alarm rate of 0.2 /m); three objects in the second."""
    (panel,) = panels(frames(tmp_path, [11.0, 12.0, 19.0]), {})
    assert panel.edges_m[:3] == (0.0, 10.0, 20.0)
    assert panel.rates[:3] == pytest.approx((0.0, 0.3, 0.0))
    assert panel.inspected_m == pytest.approx(100.0)
    assert panel.counted_m == pytest.approx((11.0, 12.0, 19.0))


def test_an_unsure_object_is_shown_and_does_not_count(tmp_path):
    """Below the confidence of its loop it is a mark, and no part of the rate."""
    (panel,) = panels(frames(tmp_path, [11.0], confidence=0.5), {})
    assert panel.rates[1] == 0.0
    assert (panel.counted_m, panel.unsure_m) == ((), (11.0,))


def test_an_object_of_the_other_edge_is_another_loop_s(tmp_path):
    """The panel is of the left edge."""
    (panel,) = panels(frames(tmp_path, [11.0], side=Side.RIGHT), {})
    assert (panel.counted_m, panel.unsure_m) == ((), ())


def test_material_that_was_not_judged_is_no_good_material(tmp_path):
    """Half of a stretch was dark: its rate is per metre seen, and where all was dark there is none."""
    run = frames(tmp_path, [11.0], dark=range(600, 1400))  # 15 m to 35 m
    (panel,) = panels(run, {})
    assert panel.rates[1] == pytest.approx(1 / 5.0)
    assert math.isnan(panel.rates[2])
    assert inspected_m(run) == pytest.approx({"wet_camera": 80.0})


def test_a_ledger_without_places_is_laid_out_from_zero(tmp_path):
    """An older recorder did not say which material a coverage record is about."""
    run = frames(tmp_path, [11.0])
    run.covered = [(t_ns, msgspec.structs.replace(part, from_mm=0.0, to_mm=0.0)) for t_ns, part in run.covered]
    (panel,) = panels(run, {})
    assert panel.rates[1] == pytest.approx(0.1)
    assert panel.inspected_m == pytest.approx(100.0)


def test_a_move_lies_where_the_record_says():
    """In force at the encoder's place; tested from the first material made after it, as long as the test saw."""
    correction = make_correction()
    move = move_of(3, correction, {(correction.transaction, "step"): 13.0})
    assert (move.number, move.helped, move.at_m, move.released_m) == (3, True, 13.0, None)
    assert move.tested_m == pytest.approx((14.0, 14.0 + correction.curve[-1].metres))


def test_a_move_that_was_refused_lies_nowhere():
    """Nothing was in force and nothing was tested."""
    move = move_of(1, make_correction("REFUSED", path=("PROPOSED", "REFUSED"), curve=(), verify_from_mm=0.0), {})
    assert (move.helped, move.at_m, move.tested_m) == (False, None, None)


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (5, [5]), (6, [3, 3]), (11, [3, 4, 4])])
def test_panels_are_dealt_to_figures_of_about_the_same_height(count, sizes):
    """At most five each, none left over alone."""
    groups = chunks(list(range(count)), 5)
    assert [len(group) for group in groups] == sizes
    assert [it for group in groups for it in group] == list(range(count))
