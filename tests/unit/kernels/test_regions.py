"""Connected regions against a flood fill written from the definition."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellctl._native import regions as native
from cellctl.kernels.regions import BOTTOM, LEFT, REGION, RIGHT, TOP, Bounds, RegionFinder

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


shapes = st.tuples(st.integers(1, 20), st.one_of(st.integers(1, 40), st.sampled_from([63, 64, 65, 255, 256, 257, 600])))


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


@pytest.mark.parametrize("limit", [{"runs": 3}, {"capacity": 3}])
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
    assert not RegionFinder(20, runs=5, capacity=5).find(pixels, bounds_for(20)).overflow


def per_pixel(bounds: Bounds, rows: int) -> Bounds:
    """The same bounds as an area camera has them: one for every pixel."""
    shape = (rows, bounds.lo.size)
    lo, hi = np.broadcast_to(bounds.lo, shape).copy(), np.broadcast_to(bounds.hi, shape).copy()
    return Bounds(lo, hi, np.broadcast_to(bounds.gain, shape).copy())


@given(seed=st.integers(0, 2**32 - 1), shape=shapes)
def test_bounds_per_pixel_that_are_equal_in_every_row_change_nothing(seed, shape):
    """Bounds and gain of shape (rows, columns) give what the same ones per column give."""
    pixels, bounds = random_block(seed, shape, 0.1), bounds_for(shape[1])
    one = RegionFinder(shape[1], capacity=8192, sample_every=2).find(pixels, bounds)
    other = RegionFinder(shape[1], capacity=8192, sample_every=2).find(pixels, per_pixel(bounds, shape[0]))
    assert np.array_equal(one.regions, other.regions)
    assert np.array_equal(one.sums, other.sums)
    assert np.array_equal(one.counts, other.counts)


@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 12), columns=st.integers(1, 70))
def test_bounds_per_pixel_hold_for_their_pixel(seed, rows, columns):
    """Candidates are the pixels outside of their own bounds, contrast is by their own gain."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (rows, columns), dtype=np.uint8)
    lo, hi = np.sort(rng.integers(0, 256, (2, rows, columns), dtype=np.uint8), axis=0)
    gain = rng.uniform(0.005, 0.02, (rows, columns)).astype(np.float32)
    found = RegionFinder(columns, capacity=8192).find(pixels, Bounds(lo, hi, gain))
    mask = (pixels < lo) | (pixels > hi)
    contrast = pixels * gain.astype(np.float64) - 1
    assert found.candidates == found.regions["area"].sum() == mask.sum()
    assert found.regions["sum_contrast"].sum() == pytest.approx(contrast[mask].sum(), rel=1e-5, abs=1e-3)


@pytest.mark.parametrize(("lo", "hi"), [(0, 255), (0, 0), (255, 255), (0, 254), (1, 255)])
def test_bounds_at_the_ends_of_the_scale(lo, hi):
    """Bounds of 0 and 255 leave nothing out that is within them: every grey value against the definition."""
    pixels = np.arange(256, dtype=np.uint8)[None]
    found = RegionFinder(256).find(pixels, bounds_for(256, lo, hi))
    assert found.candidates == np.count_nonzero((pixels < lo) | (pixels > hi))


def test_a_block_all_of_candidates_is_one_region():
    """Every pixel of a large block at the full scale: one region, with the moments of the whole block."""
    found = RegionFinder(600).find(np.full((70, 600), 255, np.uint8), bounds_for(600))
    (region,) = found.regions
    assert (region["area"], region["borders"]) == (42_000, TOP | BOTTOM | LEFT | RIGHT)
    assert region["sum_xx"] == 70 * sum(x * x for x in range(600))
    assert region["sum_yy"] == 600 * sum(y * y for y in range(70))


@pytest.mark.parametrize("gap", [0, 1])
@pytest.mark.parametrize("border", [64, 256])
def test_a_run_over_the_pixels_that_are_looked_at_at_once_is_one_region(border, gap):
    """A run over such a border is one region, and two (negative control) where a normal pixel is at the border."""
    pixels = np.full((1, 600), GREY, np.uint8)
    pixels[0, border - 3 : border + 3] = 0
    pixels[0, border : border + gap] = GREY
    assert len(RegionFinder(600).find(pixels, bounds_for(600)).regions) == 1 + gap


def test_a_run_takes_one_place_however_long_it_is():
    """Two lines across several stretches need room for two runs, and one place less is said (negative control)."""
    pixels = np.full((3, 1000), GREY, np.uint8)
    pixels[:2, 10:900] = 0
    assert not RegionFinder(1000, runs=2).find(pixels, bounds_for(1000)).overflow
    assert RegionFinder(1000, runs=1).find(pixels, bounds_for(1000)).overflow


@given(seed=st.integers(0, 2**32 - 1), cut=st.integers(0, 12), columns=st.integers(1, 80))
def test_a_block_cut_by_rows_holds_the_same_candidates(seed, cut, columns):
    """Two finders for the parts of a block in two threads find its candidates, and its regions where none is cut."""
    pixels, bounds = random_block(seed, (12, columns), 0.1), bounds_for(columns)
    pixels[max(0, cut - 1) : cut + 1] = GREY
    whole = RegionFinder(columns, capacity=8192).find(pixels, bounds)
    parts = (pixels[:cut], pixels[cut:])
    finders = [RegionFinder(columns, capacity=8192) for _ in parts]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda finder, part: finder.find(part, bounds), finders, parts))
    assert sum(part.candidates for part in found) == whole.candidates
    areas = [part.regions["area"] for part in found]
    assert np.array_equal(np.concatenate(areas), whole.regions["area"])


@pytest.mark.parametrize("offset", range(0, 40, 3))
def test_where_a_block_lies_in_memory_changes_nothing(offset):
    """The same pixels at another address give the same regions and measures, to the bit."""
    pixels, bounds = random_block(8, (9, 333), 0.1), bounds_for(333)
    room = np.zeros(pixels.size + 64, np.uint8)
    moved = room[offset : offset + pixels.size].reshape(pixels.shape)
    moved[:] = pixels
    one, other = (RegionFinder(333).find(block, bounds) for block in (pixels, moved))
    assert np.array_equal(one.regions, other.regions)
    assert (one.focus, one.mean) == (other.focus, other.mean)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_gain_that_is_no_number_stays_out_of_the_extremes(value):
    """One bad gain in a region: its sum says so, its least contrast is that of the others, its area is whole."""
    bounds = bounds_for(9)
    bounds.gain[4] = value
    pixels = np.full((3, 9), GREY, np.uint8)
    pixels[1, 2:7] = 50
    (region,) = RegionFinder(9).find(pixels, bounds).regions
    assert region["area"] == 5
    assert not np.isfinite(region["sum_contrast"])
    assert region["min_contrast"] == pytest.approx(-0.5)


def test_a_region_without_any_number_says_so():
    """Where every gain is NaN, least and largest contrast are NaN."""
    bounds = bounds_for(5)
    bounds.gain[:] = np.nan
    (region,) = RegionFinder(5).find(np.zeros((2, 5), np.uint8), bounds).regions
    assert np.isnan(region["min_contrast"])
    assert np.isnan(region["max_contrast"])


def test_a_strided_block_is_read_right():
    """A non-contiguous view gives what its copy gives."""
    view = random_block(3, (20, 80), 0.1)[::2, ::2]
    finder = RegionFinder(40)
    assert np.array_equal(finder.find(view, bounds_for(40)).regions, finder.find(view.copy(), bounds_for(40)).regions)


def test_a_block_without_lines_holds_nothing():
    """No lines: no regions, no candidates, no division by zero."""
    found = RegionFinder(7).find(np.empty((0, 7), np.uint8), bounds_for(7))
    assert (len(found.regions), found.candidates, found.mean) == (0, 0, 0.0)


def test_the_record_is_the_native_one():
    """The region that Python reads is as long as the one that the native code writes."""
    assert REGION.itemsize == native.REGION_BYTES


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
        (np.zeros((3, 4), np.uint8), per_pixel(bounds_for(4), 4), "bounds.lo: expected"),
        (np.zeros((4, 4), np.uint8), bounds_for(4)._replace(hi=per_pixel(bounds_for(4), 4).hi), "bounds.hi: expected"),
    ],
)
def test_wrong_arrays_are_named(pixels, bounds, message):
    """A wrong shape or type is refused with the name of the argument."""
    with pytest.raises(ValueError, match=message):
        RegionFinder(4).find(pixels, bounds)


@pytest.mark.parametrize(
    "arguments",
    [{"columns": 0}, {"columns": 8, "smallest": 0}, {"columns": 8, "runs": 0}, {"columns": 8, "saturation": 256}],
)
def test_wrong_sizes_are_refused(arguments):
    """Sizes that cannot work are refused when the finder is made."""
    with pytest.raises(ValueError, match="expected"):
        RegionFinder(**arguments)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("smallest", 2**40), ("smallest", 1.5), ("reach_columns", 2**31 - 1), ("reach_rows", 2**31 - 1),
        ("sample_every", 2**31), ("saturation", 1.5), ("runs", 0), ("capacity", 0),
    ],
)  # fmt: skip
def test_numbers_that_the_native_pass_cannot_count_with_are_refused(name: str, value: Any) -> None:
    """Out of range or no whole number, each is refused by name: none overflows or is cut short."""
    with pytest.raises(ValueError, match=f"{name}: expected a whole number"):
        RegionFinder(64, **{name: value})


def test_an_infinite_gain_gives_infinite_extremes() -> None:
    """Where all contrast of a region is infinite, so are its least and its most: no limit of the type stands there."""
    limit = np.zeros(5, np.uint8)
    found = RegionFinder(5).find(np.ones((2, 5), np.uint8), Bounds(limit, limit, np.full(5, np.inf, np.float32)))
    assert found.regions["min_contrast"].tolist() == found.regions["max_contrast"].tolist() == [np.inf]


def test_columns_of_few_bits() -> None:
    """Measures of a wide block are the same where its columns are counted with a NumPy number of 16 bits."""
    columns: Any = np.int16(9000)
    pixels, limit = np.full((80, 9000), 9, np.uint8), np.full(9000, 9, np.uint8)
    found = RegionFinder(columns).find(pixels, Bounds(limit, limit, np.ones(9000, np.float32)))
    assert found.mean == 9
