"""Connected regions against a flood fill written from the definition."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellctl.kernels.regions import BOTTOM, LEFT, RIGHT, TOP, Bounds, RegionFinder

Pixels = npt.NDArray[np.uint8]

GREY = 100
WRONG_GAIN: Any = np.ones(4)


def bounds_for(columns: int, lo: int = 80, hi: int = 120) -> Bounds:
    """The same bounds in every column, around a reference of `GREY`."""
    return Bounds(
        np.full(columns, lo, np.uint8), np.full(columns, hi, np.uint8), np.full(columns, 1 / GREY, np.float32)
    )


def flood_fill(mask: Any, reach_rows: int, reach_columns: int) -> list[set[tuple[int, int]]]:
    """Connected candidates as sets of (y, x); neighbours lie within the reach of each other."""
    left = {(int(y), int(x)) for y, x in np.argwhere(mask)}
    components: list[set[tuple[int, int]]] = []
    while left:
        edge = [left.pop()]
        component = set(edge)
        while edge:
            y, x = edge.pop()
            near = {
                (y + dy, x + dx)
                for dy in range(-reach_rows, reach_rows + 1)
                for dx in range(-reach_columns, reach_columns + 1)
            } & left
            left -= near
            component |= near
            edge.extend(near)
        components.append(component)
    return components


def random_block(seed: int, shape: tuple[int, int], share: float) -> Pixels:
    """Normal pixels with a share of dark and bright candidates."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(80, 121, shape, dtype=np.uint8)
    out = rng.random(shape) < share
    pixels[out] = rng.choice(np.array([0, 79, 121, 255], np.uint8), int(out.sum()))
    return pixels


def summary(pixels: Pixels, component: set[tuple[int, int]]) -> dict[str, Any]:
    """The statistics of a component, from its pixels."""
    y, x = np.array(sorted(component)).T
    contrast = pixels[y, x] / GREY - 1.0
    measured = {"area": len(component), "x0": x.min(), "x1": x.max() + 1, "y0": y.min(), "y1": y.max() + 1}
    moments = {"x": x, "y": y, "xx": x * x, "yy": y * y, "xy": x * y, "contrast": contrast}
    measured |= {f"sum_{name}": values.sum() for name, values in moments.items()}
    return measured | {"min_contrast": contrast.min(), "max_contrast": contrast.max()}


shapes = st.tuples(st.integers(1, 20), st.one_of(st.integers(1, 40), st.sampled_from([127, 128, 129, 300])))


@given(seed=st.integers(0, 2**32 - 1), shape=shapes, share=st.sampled_from([0.0, 0.02, 0.2, 0.5, 1.0]))
def test_equals_flood_fill(seed, shape, share):
    """Every region of every block has the statistics of the flood fill's component (8-connectivity)."""
    pixels = random_block(seed, shape, share)
    found = RegionFinder(shape[1], capacity=8192).find(pixels, bounds_for(shape[1]))
    mask = (pixels < 80) | (pixels > 120)
    expected = [summary(pixels, component) for component in flood_fill(mask, 1, 1)]
    assert found.candidates == mask.sum()
    assert not found.overflow
    assert len(found.regions) == len(expected)
    key = ("area", "x0", "y0", "x1", "y1", "sum_x", "sum_y", "sum_xx", "sum_yy", "sum_xy")
    expected.sort(key=lambda one: tuple(int(one[name]) for name in key))
    for got, want in zip(np.sort(found.regions, order=key), expected, strict=True):
        for name, value in want.items():
            assert got[name] == pytest.approx(value, rel=1e-5, abs=1e-4), name


@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(1, 20),
    columns=st.integers(1, 40),
    reach=st.integers(2, 5),
)
def test_equals_flood_fill_with_reach_along_the_web(seed, rows, columns, reach):
    """Candidates up to `reach` lines apart belong together; areas are those of the flood fill."""
    pixels = random_block(seed, (rows, columns), 0.05)
    found = RegionFinder(columns, reach_rows=reach, capacity=8192).find(pixels, bounds_for(columns))
    expected = flood_fill((pixels < 80) | (pixels > 120), reach, 1)
    assert sorted(found.regions["area"]) == sorted(len(component) for component in expected)


def test_a_gap_longer_than_the_reach_splits():
    """Two specks four lines apart are one region at reach 4 and two at reach 3."""
    pixels = np.full((9, 5), GREY, np.uint8)
    pixels[2, 2] = pixels[6, 2] = 0
    assert len(RegionFinder(5, reach_rows=4).find(pixels, bounds_for(5)).regions) == 1
    assert len(RegionFinder(5, reach_rows=3).find(pixels, bounds_for(5)).regions) == 2


def test_a_gap_across_the_web_splits_by_its_own_reach():
    """Two specks in one line, two columns apart, join only at a reach of two columns."""
    pixels = np.full((3, 9), GREY, np.uint8)
    pixels[1, 3] = pixels[1, 5] = 0
    assert len(RegionFinder(9, reach_columns=2).find(pixels, bounds_for(9)).regions) == 1
    assert len(RegionFinder(9, reach_columns=1).find(pixels, bounds_for(9)).regions) == 2


@pytest.mark.parametrize(
    ("place", "borders"),
    [
        ((slice(0, 1), slice(3, 5)), TOP),
        ((slice(7, 8), slice(3, 5)), BOTTOM),
        ((slice(3, 5), slice(0, 1)), LEFT),
        ((slice(3, 5), slice(7, 8)), RIGHT),
        ((slice(0, 8), slice(0, 8)), TOP | BOTTOM | LEFT | RIGHT),
        ((slice(3, 5), slice(3, 5)), 0),
    ],
)
def test_says_which_borders_a_region_touches(place, borders):
    """Border bits are set for the borders touched and no others."""
    pixels = np.full((8, 8), GREY, np.uint8)
    pixels[place] = 255
    (region,) = RegionFinder(8).find(pixels, bounds_for(8)).regions
    assert region["borders"] == borders


def test_says_where_a_region_meets_the_border():
    """The columns at the top and at the bottom border are kept apart from the bounding box."""
    pixels = np.full((4, 10), GREY, np.uint8)
    pixels[0, 2:4] = pixels[1:3, 2:8] = pixels[3, 6:8] = 0
    (region,) = RegionFinder(10).find(pixels, bounds_for(10)).regions
    assert (region["top_x0"], region["top_x1"]) == (2, 4)
    assert (region["bottom_x0"], region["bottom_x1"]) == (6, 8)
    assert (region["x0"], region["x1"]) == (2, 8)


def test_the_bounds_themselves_are_normal():
    """A pixel at lo or hi is no candidate; one step further is."""
    pixels = np.array([[79, 80, 100, 120, 121]], np.uint8)
    assert RegionFinder(5).find(pixels, bounds_for(5)).candidates == 2


def test_small_regions_are_dropped_unless_they_reach_the_next_block():
    """Below `smallest` only what touches the top or bottom border is kept."""
    pixels = np.full((5, 9), GREY, np.uint8)
    pixels[2, 2] = pixels[4, 6] = 0
    found = RegionFinder(9, smallest=2).find(pixels, bounds_for(9))
    assert [int(region["x0"]) for region in found.regions] == [6]


@pytest.mark.parametrize("limit", [{"labels": 3}, {"capacity": 3}])
def test_too_many_regions_are_said_not_written(limit):
    """More regions than there is room for set the overflow flag; candidates are still counted."""
    pixels = np.full((1, 20), GREY, np.uint8)
    pixels[0, ::4] = 0
    found = RegionFinder(20, **limit).find(pixels, bounds_for(20))
    assert found.overflow
    assert len(found.regions) <= 3
    assert found.candidates == 5


def test_just_enough_room_is_no_overflow():
    """Negative control: with room for every region the flag stays down."""
    pixels = np.full((1, 20), GREY, np.uint8)
    pixels[0, ::4] = 0
    assert not RegionFinder(20, labels=5, capacity=5).find(pixels, bounds_for(20)).overflow


@given(seed=st.integers(0, 2**32 - 1), shape=shapes, every=st.integers(1, 9))
def test_sums_leave_candidates_out(seed, shape, every):
    """Column sums and counts hold the sampled pixels within bounds and no others."""
    pixels = random_block(seed, shape, 0.2)
    found = RegionFinder(shape[1], capacity=8192, sample_every=every).find(pixels, bounds_for(shape[1]))
    sampled = pixels[::every].astype(np.uint32)
    inside = (sampled >= 80) & (sampled <= 120)
    assert found.sampled_rows == len(sampled)
    assert np.array_equal(found.counts, inside.sum(axis=0))
    assert np.array_equal(found.sums, (sampled * inside).sum(axis=0))
    assert found.mean == pytest.approx(sampled.mean())
    assert found.saturated == pytest.approx((sampled >= 250).mean())


def test_a_strided_block_is_read_right():
    """A non-contiguous view gives what its copy gives."""
    view = random_block(3, (20, 80), 0.1)[::2, ::2]
    finder = RegionFinder(40)
    assert np.array_equal(finder.find(view, bounds_for(40)).regions, finder.find(view.copy(), bounds_for(40)).regions)


def test_a_block_without_lines_holds_nothing():
    """No lines: no regions, no candidates, no division by zero."""
    found = RegionFinder(7).find(np.empty((0, 7), np.uint8), bounds_for(7))
    assert (len(found.regions), found.candidates, found.mean) == (0, 0, 0.0)


def test_one_block_leaves_no_trace_in_the_next():
    """The work space carries nothing over: a clean block after a full one is clean."""
    finder = RegionFinder(32, reach_rows=4)
    finder.find(random_block(1, (16, 32), 1.0), bounds_for(32))
    assert len(finder.find(np.full((16, 32), GREY, np.uint8), bounds_for(32)).regions) == 0


@pytest.mark.parametrize(
    ("pixels", "bounds", "message"),
    [
        (np.zeros((4, 5), np.uint8), bounds_for(4), "pixels: expected"),
        (np.zeros((4, 4), np.int8), bounds_for(4), "pixels: expected"),
        (np.zeros(4, np.uint8), bounds_for(4), "pixels: expected"),
        (np.zeros((4, 4), np.uint8), bounds_for(5), "bounds.lo: expected"),
        (np.zeros((4, 4), np.uint8), bounds_for(4)._replace(gain=WRONG_GAIN), "bounds.gain: expected"),
    ],
)
def test_wrong_arrays_are_named(pixels, bounds, message):
    """A wrong shape or type is refused with the name of the argument."""
    with pytest.raises(ValueError, match=message):
        RegionFinder(4).find(pixels, bounds)


@pytest.mark.parametrize("arguments", [{"columns": 0}, {"columns": 8, "smallest": 0}, {"columns": 8, "labels": 0}])
def test_wrong_sizes_are_refused(arguments):
    """Sizes that cannot work are refused when the finder is made."""
    with pytest.raises(ValueError, match="expected"):
        RegionFinder(**arguments)
