"""Model tensors against a NumPy reference, over shapes, ratios, types and layouts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellctl.kernels.tensor import TensorMaker

SIZES = st.tuples(st.integers(1, 21), st.integers(1, 21))
TYPES = st.sampled_from([np.uint8, np.uint16])


def share(length: int, cells: int) -> Any:
    """Part of the cell's mean that each pixel makes, pixel by pixel, shape (cells, length)."""
    out = np.zeros((cells, length))
    for cell in range(cells):
        begin, end = cell * length / cells, (cell + 1) * length / cells
        for pixel in range(length):
            out[cell, pixel] = max(0.0, min(end, pixel + 1) - max(begin, pixel)) / (end - begin)
    return out


def reference(pixels: Any, gain: Any, size: Any, dark: Any = 0.0, mean: float = 0.0, std: float = 1.0) -> Any:
    """The definition in float64."""
    corrected = (pixels - np.float64(dark)) * np.float64(gain)
    return (share(pixels.shape[0], size[0]) @ corrected @ share(pixels.shape[1], size[1]).T - mean) / std


def allowed(pixels: Any, gain: Any, dark: Any = 0.0, std: float = 1.0) -> float:
    """Rounding of the gain to 16 bits of its largest value, and of sums in float32."""
    largest = float(np.max(pixels)) + float(np.max(np.abs(dark)))
    return float(np.max(gain)) * largest * (1 / 131070 + 4e-6) / std + 1e-6


@given(seed=st.integers(0, 2**32 - 1), shape=SIZES, size=SIZES, dtype=TYPES, by_column=st.booleans())
def test_equals_the_reference_at_any_ratio(seed, shape, size, dtype, by_column):
    """Shrinking, enlarging and both at once give the mean over each cell's area, corrected and normalised."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)
    gain = rng.uniform(0, rng.choice([0.01, 1.9, 70.0]), shape[1] if by_column else shape).astype(np.float32)
    dark = rng.uniform(0, 9, shape).astype(np.float32)
    rows = shape[0] if by_column else 0
    maker = TensorMaker(gain, size, rows=rows, dark=dark, mean=100.0, std=50.0)
    expected = reference(pixels, gain, size, dark, 100.0, 50.0)
    np.testing.assert_allclose(maker.make(pixels), expected, rtol=1e-6, atol=allowed(pixels, gain, dark, 50.0))


@pytest.mark.parametrize("ratio", [1, 2, 3, 4, 5, 8, 9])
def test_whole_ratios_equal_the_reference(ratio):
    """Whole ratios, those with loops of their own and others, are means of whole pixels."""
    rng = np.random.default_rng(ratio)
    shape = (12 * ratio, 10 * ratio)
    pixels, gain = rng.integers(0, 256, shape, np.uint8), rng.uniform(0.5, 1.5, shape).astype(np.float32)
    got = TensorMaker(gain, (12, 10)).make(pixels)
    np.testing.assert_allclose(got, reference(pixels, gain, (12, 10)), atol=allowed(pixels, gain))


@pytest.mark.parametrize("rows", [21, 27, 30, 42, 48])
def test_rows_and_columns_have_ratios_of_their_own(rows):
    """Four whole columns a cell, but rows in part, equal the reference as well."""
    rng = np.random.default_rng(rows)
    pixels, gain = rng.integers(0, 256, (rows, 40), np.uint8), rng.uniform(0.5, 1.5, (rows, 40)).astype(np.float32)
    for size in ((6, 10), (12, 10), (11, 20)):
        got = TensorMaker(gain, size).make(pixels)
        np.testing.assert_allclose(got, reference(pixels, gain, size), atol=allowed(pixels, gain))


def test_error_stays_within_a_ten_thousandth():
    """For a gain of up to 2 and a usual std, 16 bits of gain cost less than 1e-4 in the model's units."""
    rng = np.random.default_rng(5)
    for shape in ((256, 320), (256, 306)):
        pixels, gain = rng.integers(0, 256, shape, np.uint8), rng.uniform(0.7, 2.0, shape).astype(np.float32)
        dark = rng.uniform(0, 8, shape).astype(np.float32)
        got = TensorMaker(gain, (64, 80), dark=dark, mean=110.0, std=45.0).make(pixels)
        assert np.abs(got - reference(pixels, gain, (64, 80), dark, 110.0, 45.0)).max() < 1e-4


def test_a_saturated_frame_is_not_clamped():
    """All pixels at their largest under a gain above 1 go beyond what a byte holds."""
    for dtype in (np.uint8, np.uint16):
        pixels = np.full((64, 64), np.iinfo(dtype).max, dtype)
        got = TensorMaker(np.full((64, 64), 3.0, np.float32), (16, 16)).make(pixels)
        np.testing.assert_allclose(got, 3.0 * np.iinfo(dtype).max, rtol=1e-6)


def test_a_black_frame_gives_minus_mean_by_std():
    """No light and no dark value leave only the normalisation."""
    got = TensorMaker(np.ones((9, 7), np.float32), (4, 3), mean=3.0, std=2.0).make(np.zeros((9, 7), np.uint8))
    assert np.all(got == np.float32(-1.5))


def test_a_gain_of_nothing_but_zero_shows_nothing():
    """A camera that is wholly masked gives zeroes, not a division by zero."""
    got = TensorMaker(np.zeros((8, 8), np.float32), (2, 2)).make(np.full((8, 8), 255, np.uint8))
    assert not got.any()


def test_another_gain_is_another_tensor():
    """Negative control for the reference test: one pixel's gain changes its cell and no other."""
    pixels, gain = np.full((16, 16), 99, np.uint8), np.ones((16, 16), np.float32)
    changed = gain.copy()
    changed[5, 9] = 0.5
    differs = TensorMaker(gain, (4, 4)).make(pixels) != TensorMaker(changed, (4, 4)).make(pixels)
    assert np.argwhere(differs).tolist() == [[1, 2]]


@given(shape=SIZES, size=SIZES, dtype=TYPES, steps=st.tuples(*[st.sampled_from([-2, -1, 1, 2, 3])] * 2))
def test_any_stride_gives_what_a_copy_gives(shape, size, dtype, steps):
    """Views with gaps, backwards or both are read right, bit by bit."""
    rng = np.random.default_rng(0)
    whole = rng.integers(0, 256, (shape[0] * abs(steps[0]), shape[1] * abs(steps[1])), dtype)
    view = whole[:: steps[0], :: steps[1]]
    maker = TensorMaker(rng.uniform(0.5, 2, view.shape).astype(np.float32), size)
    assert np.array_equal(maker.make(view), maker.make(view.copy()))


@given(start=st.integers(0, 31))
def test_the_place_in_memory_does_not_matter(start):
    """A frame that begins at any byte gives the same bits."""
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (16, 33), np.uint8)
    memory = np.empty(pixels.size + 32, np.uint8)
    moved = memory[start : start + pixels.size].reshape(pixels.shape)
    moved[...] = pixels
    maker = TensorMaker(rng.uniform(0.5, 2, pixels.shape).astype(np.float32), (5, 9))
    assert np.array_equal(maker.make(moved), maker.make(pixels))


@given(size=SIZES, cuts=st.lists(st.integers(0, 21), max_size=4))
def test_every_split_gives_the_same_bits(size, cuts):
    """Rows made in threads, in any parts, are the rows made at once."""
    rng = np.random.default_rng(2)
    pixels, gain = rng.integers(0, 256, (37, 29), np.uint8), rng.uniform(0.5, 2, (37, 29)).astype(np.float32)
    maker, out = TensorMaker(gain, size), np.full(size, np.nan, np.float32)
    edges = [0, *sorted(min(cut, size[0]) for cut in cuts), size[0]]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda part: maker.make(pixels, out, part), pairwise(edges)))
    assert np.array_equal(out, maker.make(pixels))


def test_only_the_rows_asked_for_are_written():
    """What lies outside of `rows` stays as it was."""
    maker, out = TensorMaker(np.ones((8, 8), np.float32), (4, 4)), np.full((4, 4), -7.0, np.float32)
    maker.make(np.full((8, 8), 5, np.uint8), out, (1, 3))
    assert out[:, 0].tolist() == [-7.0, 5.0, 5.0, -7.0]


def test_writes_into_a_models_input():
    """The last two axes of a batch of one are a place for the tensor."""
    batch = np.zeros((1, 1, 4, 4), np.float32)
    TensorMaker(np.ones((8, 8), np.float32), (4, 4)).make(np.full((8, 8), 5, np.uint8), batch[0, 0])
    assert np.all(batch == 5.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gain": np.ones((4, 4))}, "gain: expected float32"),
        ({"gain": np.ones((0, 4), np.float32)}, "gain: expected float32"),
        ({"gain": np.full((4, 4), np.nan, np.float32)}, "gain: expected finite"),
        ({"gain": np.full((4, 4), np.inf, np.float32)}, "gain: expected finite"),
        ({"gain": np.full((4, 4), -1.0, np.float32)}, "gain: expected finite"),
        ({"gain": np.ones(4, np.float32)}, "rows: expected"),
        ({"rows": 3}, "rows: expected"),
        ({"dark": np.ones(5, np.float32)}, "dark: expected"),
        ({"dark": np.nan}, "dark: expected"),
        ({"size": (0, 4)}, "size: expected"),
        ({"mean": np.inf}, "mean, std: expected"),
        ({"std": 0.0}, "mean, std: expected"),
    ],
)
def test_wrong_settings_are_named(change, message):
    """A setting that cannot be used is refused with its name."""
    settings = {"gain": np.ones((4, 4), np.float32), "size": (2, 2), "rows": 0}
    with pytest.raises(ValueError, match=message):
        TensorMaker(**(settings | change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pixels": np.zeros((4, 5), np.uint8)}, "pixels: expected"),
        ({"pixels": np.zeros((4, 4), np.int16)}, "pixels: expected"),
        ({"out": np.zeros((2, 3), np.float32)}, "out: expected"),
        ({"out": np.zeros((2, 2))}, "out: expected"),
        ({"out": np.zeros((2, 4), np.float32)[:, ::2]}, "out: expected"),
        ({"rows": (0, 3)}, "rows: expected"),
        ({"rows": (2, 1)}, "rows: expected"),
        ({"rows": (-1, 1)}, "rows: expected"),
    ],
)
def test_wrong_arguments_are_named(change, message):
    """A frame or a place for the result that does not fit is refused with its name."""
    arguments = {"pixels": np.zeros((4, 4), np.uint8)}
    with pytest.raises(ValueError, match=message):
        TensorMaker(np.ones((4, 4), np.float32), (2, 2)).make(**(arguments | change))
