"""Objects over block borders: when they close, what they add up to, and that they are reported once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cellctl.inspect.track import Part, Track
from cellctl.inspect.tracker import MOST_OPEN, Tracker

BLOCK_MM = 25.6


def part(block: int, *, top: bool = False, bottom: bool = False, left_mm: float = 100.0, **change: Any) -> Part:
    """A part 2 mm wide in a block; it fills the block's length where it touches a border."""
    from_mm = block * BLOCK_MM + (0.0 if top else 10.0)
    to_mm = block * BLOCK_MM + (BLOCK_MM if bottom else 15.0)
    across = (left_mm, left_mm + 2.0)
    values: dict[str, Any] = {
        "s_mm": (from_mm + to_mm) / 2, "y_mm": left_mm + 1.0, "along": (from_mm, to_mm), "across": across,
        "area_mm2": 2 * (to_mm - from_mm), "contrast": -0.5, "top": across if top else None,
        "bottom": across if bottom else None, "is_left": True,
        "probabilities": np.array([0.7, 0.2, 0.1], np.float32), "features": (1.0,), "image": None,
    }  # fmt: skip
    return Part(**(values | change))


def probabilities(track: Track) -> list[float]:
    """Of an object that has some."""
    assert track.probabilities is not None
    return list(track.probabilities)


def tracker(report_length_mm: float = 1000.0) -> Tracker:
    """A tracker with the pitch of a 0.3 mm camera."""
    return Tracker(report_length_mm, 0.3)


def test_an_object_inside_one_block_closes_there():
    """It touches no border: it is reported at once."""
    (track,) = tracker().update([part(0)])
    assert track.along == (10.0, 15.0)


def test_an_object_at_the_border_waits_for_the_next_block():
    """What touches the lower border closes in the next block, as one object with what continues it."""
    one = tracker()
    assert one.update([part(0, bottom=True)]) == []
    (track,) = one.update([part(1, top=True)])
    assert track.along == (10.0, BLOCK_MM + 15.0)
    assert track.area_mm2 == pytest.approx(2 * (BLOCK_MM - 10.0) + 30.0)


def test_it_closes_in_the_next_block_even_if_nothing_continues_there():
    """An object that ends exactly at the border is reported with the next block."""
    one = tracker()
    one.update([part(0, bottom=True)])
    (track,) = one.update([])
    assert track.along == (10.0, BLOCK_MM)


def test_columns_decide_what_continues():
    """A part elsewhere across the web is another object."""
    one = tracker()
    one.update([part(0, bottom=True)])
    assert len(one.update([part(1, top=True, left_mm=110.0)])) == 2


def test_corners_touch_across_the_border():
    """Neighbouring columns without overlap still belong together, as 8-connectivity has it."""
    one = tracker()
    one.update([part(0, bottom=True)])
    assert len(one.update([part(1, top=True, left_mm=102.2)])) == 1


def test_two_legs_that_meet_are_one_object():
    """A fork that opens in the block before is joined by the part that continues both legs."""
    one = tracker()
    one.update([part(0, bottom=True, left_mm=100.0), part(0, bottom=True, left_mm=104.0)])
    wide = (100.0, 106.0)
    (track,) = one.update([_bridge(wide)])
    assert track.across == wide
    assert track.area_mm2 == pytest.approx(2 * 2 * (BLOCK_MM - 10.0) + 9.0)


def _bridge(wide: tuple[float, float]) -> Part:
    bridge = part(1, top=True)
    return Part(**(vars(bridge) | {"across": wide, "top": wide, "area_mm2": 9.0}))


def test_one_part_that_splits_stays_one_object():
    """Two parts that continue the same object both belong to it."""
    one = tracker()
    first = part(0, bottom=True)
    one.update([Part(**(vars(first) | {"bottom": (100.0, 106.0), "across": (100.0, 106.0)}))])
    assert len(one.update([part(1, top=True, left_mm=100.0), part(1, top=True, left_mm=104.0)])) == 1


def test_log_probabilities_are_weighted_by_area():
    """Three parts of class one against one part of class two: the normalised geometric mean decides."""
    one = tracker()
    one.update([part(0, bottom=True, area_mm2=3.0, probabilities=np.array([0.8, 0.2], np.float32))])
    (track,) = one.update([part(1, top=True, area_mm2=1.0, probabilities=np.array([0.2, 0.8], np.float32))])
    ratio = (0.8**3 * 0.2) ** 0.25 / (0.2**3 * 0.8) ** 0.25
    assert probabilities(track)[0] == pytest.approx(ratio / (1 + ratio), rel=1e-5)


def test_a_part_too_small_to_classify_adds_size_but_no_opinion():
    """Area and extent grow; the probabilities stay those of the classified part."""
    one = tracker()
    one.update([part(0, bottom=True)])
    (track,) = one.update([part(1, top=True, probabilities=None)])
    assert probabilities(track) == pytest.approx([0.7, 0.2, 0.1], rel=1e-5)
    assert track.area_mm2 == pytest.approx(2 * (BLOCK_MM - 10.0) + 30.0)


def test_an_object_nobody_could_classify_has_no_probabilities():
    """Specks at a border that nothing continues stay without a class."""
    (track,) = tracker().update([part(0, probabilities=None)])
    assert track.probabilities is None


def test_certainty_of_one_part_does_not_silence_the_others():
    """A probability of zero in a tiny part cannot overrule a large one."""
    one = tracker()
    one.update([part(0, bottom=True, area_mm2=99.0, probabilities=np.array([0.9, 0.1], np.float32))])
    (track,) = one.update([part(1, top=True, area_mm2=1.0, probabilities=np.array([0.0, 1.0], np.float32))])
    assert probabilities(track)[0] > 0.8


def test_a_long_object_is_reported_once_while_open():
    """Reported in the block in which it reaches the report length, then never again, not even when it closes."""
    one = tracker(report_length_mm=2.5 * BLOCK_MM)
    reports = [one.update([part(block, top=block > 0, bottom=True)]) for block in range(6)]
    reports.append(one.update([part(6, top=True)]))
    assert [len(report) for report in reports] == [0, 0, 1, 0, 0, 0, 0]


def test_a_reported_object_that_joins_another_is_not_reported_again():
    """The join of a reported and a new object counts as reported."""
    one = tracker(report_length_mm=10.0)
    assert len(one.update([part(0, bottom=True)])) == 1
    one.update([part(1, top=True, bottom=True), part(1, bottom=True, left_mm=104.0)])
    wide = (100.0, 106.0)
    bridge = Part(**(vars(part(2, top=True)) | {"across": wide, "top": wide}))
    assert one.update([bridge]) == []


def test_interrupting_forgets_what_was_open():
    """After a gap, what touches the upper border is a new object."""
    one = tracker()
    one.update([part(0, bottom=True)])
    one.interrupt()
    (track,) = one.update([part(1, top=True)])
    assert track.along == (BLOCK_MM, BLOCK_MM + 15.0)


def test_the_number_of_open_objects_is_bounded():
    """A web that is all defects cannot fill the memory: the smallest are given up."""
    one = tracker()
    one.update([part(0, bottom=True, left_mm=3.0 * number) for number in range(MOST_OPEN + 40)])
    assert len(one.open) == MOST_OPEN


def test_the_largest_classified_part_stands_for_the_object():
    """Features and image come from the part that shows most of it."""
    one = tracker()
    one.update([part(0, bottom=True, area_mm2=1.0, features=(1.0,))])
    (track,) = one.update([part(1, top=True, area_mm2=5.0, features=(2.0,))])
    assert track.main.features == (2.0,)
