"""Patches against a NumPy reference, over shapes, places and layouts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellctl.kernels.crops import Patch, crop_regions, cut_patches


def reference_patch(pixels: Any, gain: Any, corner: Any, patch: Patch) -> Any:
    """The definition: mean of `p · gain - 1` over the pixels of a cell that lie in the block."""
    contrast = pixels * gain.astype(np.float64) - 1.0
    out = np.zeros((patch.rows, patch.columns))
    for i in range(patch.rows):
        for j in range(patch.columns):
            y, x = corner[0] + i * patch.cell_rows, corner[1] + j * patch.cell_columns
            cell = contrast[max(y, 0) : max(y + patch.cell_rows, 0), max(x, 0) : max(x + patch.cell_columns, 0)]
            out[i, j] = cell.mean() if cell.size else 0.0
    return out


def reference_cell(pixels: Any, gain: Any, y: Any, x: Any) -> float:
    """The definition: mean of `p · gain` over the part of a cell that lies in the frame, pixel by pixel; or NaN."""
    total = area = 0.0
    for v in range(pixels.shape[0]):
        for u in range(pixels.shape[1]):
            part = max(0.0, min(y[1], v + 1) - max(y[0], v)) * max(0.0, min(x[1], u + 1) - max(x[0], u))
            total, area = total + part * float(pixels[v, u]) * float(gain[v, u]), area + part
    return total / area if area > 0 else np.nan


def reference_crop(pixels: Any, gain: Any, box: Any, size: Any, mean: float, std: float) -> Any:
    """Every cell of one box, normalised; 0 where there is nothing of the frame."""
    gain = np.broadcast_to(gain, pixels.shape)
    y = np.float64(box[0]) + np.arange(size[0] + 1) * ((np.float64(box[2]) - np.float64(box[0])) / size[0])
    x = np.float64(box[1]) + np.arange(size[1] + 1) * ((np.float64(box[3]) - np.float64(box[1])) / size[1])
    rows = [[reference_cell(pixels, gain, y[i : i + 2], x[j : j + 2]) for j in range(size[1])] for i in range(size[0])]
    return np.nan_to_num((np.array(rows) - mean) / std)


@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.tuples(st.integers(1, 12), st.integers(1, 12)),
    size=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    corner=st.tuples(st.integers(-40, 120), st.integers(-40, 120)),
    extent=st.tuples(st.integers(1, 160), st.integers(1, 160)),
    dtype=st.sampled_from([np.uint8, np.uint16]),
    by_column=st.booleans(),
)
def test_boxes_equal_the_reference_anywhere(seed, shape, size, corner, extent, dtype, by_column):
    """Boxes on eighths of pixels, in, across and outside of the frame, smaller and larger than their cells."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)
    gain = rng.uniform(0.5, 2.0, shape[1] if by_column else shape).astype(np.float32)
    box = np.array([*corner, *np.add(corner, extent)], np.float32) / 8
    got = crop_regions(pixels, gain, box[None], size, mean=100.0, std=50.0)
    expected = reference_crop(pixels, gain, box, size, 100.0, 50.0)
    np.testing.assert_allclose(got[0], expected, rtol=2e-5, atol=2e-5)


@given(box=st.tuples(*[st.floats(-3, 20, width=32)] * 4), size=st.tuples(st.integers(1, 70), st.integers(1, 70)))
def test_an_even_frame_is_even_in_every_crop(box, size):
    """Wherever edges lie, a cell of an even frame is its grey value, or 0 outside of it."""
    y0, x0, y1, x1 = box
    box = np.array([[min(y0, y1), min(x0, x1), max(y0, y1) + 1e-2, max(x0, x1) + 1e-2]], np.float32)
    got = crop_regions(np.full((17, 13), 80, np.uint8), np.full(13, 0.5, np.float32), box, size)
    assert np.all((np.abs(got - 40.0) < 1e-4) | (got == 0.0))


def test_a_box_as_large_as_the_frame_averages_all_of_it():
    """One cell over a whole frame of thousands of pixels is the mean of all of them."""
    pixels = np.random.default_rng(4).integers(0, 65536, (701, 903), np.uint16)
    got = crop_regions(pixels, np.ones(903, np.float32), np.array([[0.0, 0.0, 701.0, 903.0]]), (1, 1))
    np.testing.assert_allclose(got[0, 0, 0], pixels.mean(), rtol=2e-6)


@given(cuts=st.lists(st.integers(0, 9), max_size=3))
def test_boxes_split_over_threads_give_the_same_bits(cuts):
    """A batch made in parts is the batch made at once."""
    rng = np.random.default_rng(6)
    pixels, gain = rng.integers(0, 256, (50, 60), np.uint8), rng.uniform(0.5, 2, (50, 60)).astype(np.float32)
    corners = rng.uniform(-5, 50, (9, 2))
    boxes = np.concatenate([corners, corners + rng.uniform(1, 30, (9, 2))], axis=1)
    out, edges = np.full((9, 7, 8), np.nan, np.float32), [0, *sorted(cuts), 9]

    def make(part):
        crop_regions(pixels, gain, boxes[slice(*part)], (7, 8), out=out[slice(*part)])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(make, pairwise(edges)))
    assert np.array_equal(out, crop_regions(pixels, gain, boxes, (7, 8)))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_gain_that_is_not_finite_spoils_its_own_cells_only(bad):
    """Cells out of reach of the pixel with such a gain keep their values; its own cell shows it."""
    pixels, gain = np.full((16, 16), 9, np.uint8), np.ones((16, 16), np.float32)
    gain[3, 3] = bad
    got = crop_regions(pixels, gain, np.array([[0.0, 0.0, 16.0, 16.0]]), (4, 4))[0]
    assert not np.isfinite(got[0, 0])
    assert np.all(got[:, 1:] == 9.0)
    assert np.all(got[1:] == 9.0)


@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.tuples(st.integers(1, 24), st.integers(1, 24)),
    patch=st.builds(Patch, *[st.integers(1, 6)] * 4),
    centre=st.tuples(st.floats(-40, 40), st.floats(-40, 40)),
)
def test_equals_the_reference_anywhere(seed, shape, patch, centre):
    """Any block, patch and centre, inside or outside of the block, gives the reference's means."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, shape, dtype=np.uint8)
    gain = rng.uniform(1 / 200, 1 / 40, shape[1]).astype(np.float32)
    size = np.array([patch.rows * patch.cell_rows, patch.columns * patch.cell_columns])
    corner = np.floor(np.array(centre) - size / 2 + 0.5).astype(int)
    got = cut_patches(pixels, gain, np.array([centre]), patch)
    np.testing.assert_allclose(got[0], reference_patch(pixels, gain, corner, patch), atol=1e-5)


def test_the_reference_itself_is_zero():
    """A block that equals its reference has no contrast, whatever the reference's profile."""
    profile = np.linspace(40, 200, 64).astype(np.uint8)
    pixels = np.tile(profile, (48, 1))
    got = cut_patches(pixels, (1 / profile).astype(np.float32), np.array([[24.0, 32.0]]), Patch(8, 8, 6, 1))
    np.testing.assert_allclose(got, 0.0, atol=1e-6)


def test_a_shifted_centre_is_another_patch():
    """Negative control for the reference test: one pixel aside gives other values."""
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40), dtype=np.uint8)
    gain = np.full(40, 1 / 128, np.float32)
    here, there = cut_patches(pixels, gain, np.array([[20.0, 20.0], [20.0, 21.0]]), Patch(4, 4, 2, 2))
    assert not np.allclose(here, there)


def test_a_strided_block_is_read_right():
    """A non-contiguous view gives what its copy gives."""
    whole = np.random.default_rng(1).integers(0, 256, (64, 64), dtype=np.uint8)
    view, gain = whole[::2, 1::2], np.full(32, 1 / 99, np.float32)
    centres = np.array([[16.0, 16.0]])
    assert np.array_equal(
        cut_patches(view, gain, centres, Patch(4, 4, 3, 2)),
        cut_patches(view.copy(), gain, centres, Patch(4, 4, 3, 2)),
    )


def test_no_centres_give_an_empty_batch():
    """Nothing to cut is a batch of none."""
    batch = cut_patches(np.zeros((4, 4), np.uint8), np.ones(4, np.float32), np.empty((0, 2)), Patch(8, 8, 1, 1))
    assert batch.shape == (0, 8, 8)


def test_an_empty_block_shows_nothing():
    """A block without lines gives patches of zeroes."""
    batch = cut_patches(np.zeros((0, 4), np.uint8), np.ones(4, np.float32), np.zeros((1, 2)), Patch(2, 2, 1, 1))
    assert not batch.any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pixels": np.zeros((4, 4), np.int16)}, "pixels: expected"),
        ({"pixels": np.zeros(4, np.uint8)}, "pixels: expected"),
        ({"gain": np.ones(5, np.float32)}, "gain: expected"),
        ({"gain": np.ones(4, np.float64)}, "gain: expected"),
        ({"centres": np.zeros((1, 3))}, "centres: expected"),
        ({"centres": np.array([[np.nan, 0.0]])}, "centres: expected"),
        ({"patch": Patch(0, 1, 1, 1)}, "patch: expected"),
    ],
)
def test_wrong_arguments_are_named(change, message):
    """A wrong shape, type or size is refused with the name of the argument."""
    arguments = {
        "pixels": np.zeros((4, 4), np.uint8),
        "gain": np.ones(4, np.float32),
        "centres": np.zeros((1, 2)),
        "patch": Patch(2, 2, 1, 1),
    }
    with pytest.raises(ValueError, match=message):
        cut_patches(**(arguments | change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pixels": np.zeros((4, 4), np.float32)}, "pixels: expected"),
        ({"gain": np.ones((4, 4), np.float32)[:, ::-1]}, "gain: expected"),
        ({"gain": np.ones((2, 4), np.float32)}, "gain: expected"),
        ({"boxes": np.zeros((1, 3))}, "boxes: expected"),
        ({"boxes": np.array([[0, 0, 1, 1]])}, "boxes: expected"),
        ({"boxes": np.array([[0.0, 0.0, 1.0, 0.0]])}, "boxes: expected"),
        ({"boxes": np.array([[0.0, 0.0, np.nan, 1.0]])}, "boxes: expected"),
        ({"boxes": np.array([[0.0, 0.0, np.inf, 1.0]])}, "boxes: expected"),
        ({"size": (0, 2)}, "size: expected"),
        ({"std": -1.0}, "mean, std: expected"),
        ({"mean": np.nan}, "mean, std: expected"),
        ({"out": np.zeros((1, 2, 3), np.float32)}, "out: expected"),
        ({"out": np.zeros((1, 2, 2))}, "out: expected"),
    ],
)
def test_wrong_arguments_of_a_crop_are_named(change, message):
    """A frame, a box or a place for the result that cannot be used is refused with its name."""
    arguments = {
        "pixels": np.zeros((4, 4), np.uint8),
        "gain": np.ones(4, np.float32),
        "boxes": np.array([[0.0, 0.0, 2.0, 2.0]]),
        "size": (2, 2),
    }
    with pytest.raises(ValueError, match=message):
        crop_regions(**(arguments | change))
