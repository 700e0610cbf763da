"""The measures of the sampled lines against their formulas in float64."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import uniform_filter1d

from cellctl.kernels.regions import Bounds, RegionFinder
from cellsim.render import WebRenderer

Pixels = npt.NDArray[np.uint8]

GREY = 100


def bounds_for(columns: int, lo: int = 80, hi: int = 120) -> Bounds:
    """The same bounds in every column, around a reference of `GREY`."""
    return Bounds(
        np.full(columns, lo, np.uint8), np.full(columns, hi, np.uint8), np.full(columns, 1 / GREY, np.float32)
    )


def random_block(seed: int, shape: tuple[int, int], share: float) -> Pixels:
    """Normal pixels with a share of dark and bright candidates."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(80, 121, shape, dtype=np.uint8)
    out = rng.random(shape) < share
    pixels[out] = rng.choice(np.array([0, 79, 121, 255], np.uint8), int(out.sum()))
    return pixels


shapes = st.tuples(st.integers(1, 20), st.one_of(st.integers(1, 40), st.sampled_from([63, 64, 65, 255, 256, 257, 600])))


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


@given(seed=st.integers(0, 2**32 - 1), shape=shapes, every=st.integers(1, 9))
def test_focus_is_the_mean_squared_step_over_the_squared_mean(seed, shape, every):
    """Focus equals its formula in float64; 0 for lines of one pixel."""
    pixels = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    sampled = pixels[::every].astype(np.float64)
    steps = np.diff(sampled, axis=1)
    expected = (steps**2).mean() / sampled.mean() ** 2 if steps.size and sampled.any() else 0.0
    found = RegionFinder(shape[1], capacity=8192, sample_every=every).find(pixels, bounds_for(shape[1]))
    assert found.focus == pytest.approx(expected, rel=1e-12)


def test_the_largest_steps_of_the_longest_line_fit():
    """Black and white in turn over the most columns: the sums of a line do not overflow."""
    pixels = np.tile(np.array([0, 255], np.uint8), (3, 8192))
    found = RegionFinder(16_384, sample_every=1).find(pixels, bounds_for(16_384, 0, 255))
    assert found.focus == pytest.approx(4.0)
    assert found.saturated == 0.5


def test_column_sums_of_many_bright_lines_fit():
    """A thousand sampled lines of the brightest pixels: sums and counts are carried over in time."""
    found = RegionFinder(3, sample_every=1).find(np.full((1000, 3), 255, np.uint8), bounds_for(3, 0, 255))
    assert found.sums.tolist() == [255_000] * 3
    assert found.counts.tolist() == [1000] * 3


def test_brighter_light_leaves_the_focus_as_it_is():
    """Twice the light on the same picture gives the same focus."""
    pixels = np.random.default_rng(4).integers(20, 120, (16, 80), dtype=np.uint8)
    dark, bright = (RegionFinder(80).find(block, bounds_for(80)).focus for block in (pixels, pixels * np.uint8(2)))
    assert bright == pytest.approx(dark, rel=1e-12)


def test_blur_lowers_the_focus():
    """A picture of the web, blurred along the line, has a lower focus, and the lower the wider the blur."""
    pixels = WebRenderer(3).render(0)
    blurred = [pixels, *(uniform_filter1d(pixels, width, axis=1) for width in (3, 7))]
    finder = RegionFinder(pixels.shape[1])
    sharp, soft, softer = (finder.find(block, bounds_for(pixels.shape[1], 0, 255)).focus for block in blurred)
    assert sharp > 2 * soft > 2 * softer


@given(seed=st.integers(0, 2**32 - 1), shape=shapes, every=st.integers(1, 9))
def test_change_is_the_mean_difference_from_the_block_before(seed, shape, every):
    """Change equals its formula; exactly 0 for the same block again; NaN for the first and after another height."""
    rng = np.random.default_rng(seed)
    one, other = (rng.integers(0, 256, shape, dtype=np.uint8) for _ in range(2))
    finder, bounds = RegionFinder(shape[1], capacity=8192, sample_every=every), bounds_for(shape[1])
    assert np.isnan(finder.find(one, bounds).change)
    difference = np.abs(other[::every].astype(float) - one[::every])
    assert finder.find(other, bounds).change == pytest.approx(difference.mean())
    assert finder.find(other, bounds).change == 0.0
    assert np.isnan(finder.find(np.tile(other, (12, 1)), bounds).change)


def test_one_count_in_one_sampled_pixel_is_a_change():
    """Negative control of exact equality: the smallest difference there can be is not 0."""
    pixels, bounds = random_block(5, (16, 64), 0.0), bounds_for(64)
    finder = RegionFinder(64)
    finder.find(pixels, bounds)
    pixels[8, 63] ^= 1
    assert finder.find(pixels, bounds).change > 0
