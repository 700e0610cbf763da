"""Sobel magnitude against its definition, over shapes, layouts and splits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellctl.kernels import sobel_magnitude

ALONG = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def reference(pixels: Any) -> Any:
    """The definition: both kernels at every pixel, the outermost pixels repeated."""
    rows, columns = pixels.shape
    padded = np.pad(pixels.astype(np.int64), 1, mode="edge")
    gx, gy = np.zeros((rows, columns), np.int64), np.zeros((rows, columns), np.int64)
    for i in range(3):
        for j in range(3):
            part = padded[i : i + rows, j : j + columns]
            gx += ALONG[i, j] * part
            gy += ALONG[j, i] * part
    return abs(gx) + abs(gy)


def frame(rows: int, columns: int, seed: int = 0) -> Any:
    """Random grey values."""
    return np.random.default_rng(seed).integers(0, 256, (rows, columns), np.uint8)


@given(st.integers(1, 40), st.integers(1, 80), st.integers(0, 99))
def test_equals_the_definition(rows: int, columns: int, seed: int) -> None:
    """Any shape from one pixel on gives exactly the definition."""
    pixels = frame(rows, columns, seed)
    np.testing.assert_array_equal(sobel_magnitude(pixels), reference(pixels))


@pytest.mark.parametrize("columns", [511, 512, 513, 1023, 1024, 1025, 2049, 2600])
@pytest.mark.parametrize("rows", [1, 2, 3])
def test_long_rows(rows: int, columns: int) -> None:
    """Where one stretch of a row ends and the next begins does not show."""
    pixels = frame(rows, columns)
    np.testing.assert_array_equal(sobel_magnitude(pixels), reference(pixels))


@given(st.sampled_from([-3, -2, -1, 1, 2, 3]), st.sampled_from([-3, -2, -1, 1, 2, 3]), st.booleans())
def test_any_stride(down: int, along: int, turned: bool) -> None:
    """Views with any step, either way round and turned give what a copy of them gives."""
    view = frame(47, 61)[::down, ::along]
    view = view.T if turned else view
    np.testing.assert_array_equal(sobel_magnitude(view), reference(view))


def test_read_only() -> None:
    """A frame that must not be written is read."""
    pixels = frame(5, 7)
    pixels.setflags(write=False)
    np.testing.assert_array_equal(sobel_magnitude(pixels), reference(pixels))


@pytest.mark.parametrize("grey", [0, 255])
def test_even_frame(grey: int) -> None:
    """A frame of one grey value has no gradient, at its border neither."""
    assert not sobel_magnitude(np.full((9, 33), grey, np.uint8)).any()


def test_steepest() -> None:
    """Nothing overflows where both directions are as steep as eight bits allow: 3 · 255 each way."""
    pixels = np.zeros((3, 3), np.uint8)
    pixels[0, 1:] = pixels[1, 2] = 255
    assert sobel_magnitude(pixels)[1, 1] == 2 * 3 * 255


@given(st.lists(st.integers(0, 30), max_size=4))
def test_split_over_threads(cuts: list[int]) -> None:
    """However the rows are split over threads, the result is the same."""
    pixels, out = frame(30, 65), np.zeros((30, 65), np.uint16)
    parts = list(pairwise(sorted([0, *cuts, 30])))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda part: sobel_magnitude(pixels, out, part), parts))
    np.testing.assert_array_equal(out, sobel_magnitude(pixels))


def test_other_rows_stay() -> None:
    """Rows that were not asked for are not written."""
    out = np.full((6, 8), 9999, np.uint16)
    sobel_magnitude(frame(6, 8), out, (2, 4))
    assert (np.delete(out, [2, 3], axis=0) == 9999).all()
    assert (out[2:4] < 9999).all()


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (5, 0)])
def test_no_pixels(shape: tuple[int, int]) -> None:
    """No pixels in, no pixels out."""
    assert sobel_magnitude(np.zeros(shape, np.uint8)).shape == shape


@pytest.mark.parametrize(
    ("pixels", "out", "rows", "about"),
    [
        (np.zeros((2, 2), np.uint16), None, None, "pixels: expected 2-D uint8, got 2-D uint16"),
        (np.zeros(2, np.uint8), None, None, "pixels: expected 2-D uint8, got 1-D"),
        (np.zeros((2, 2), np.uint8), np.zeros((2, 3), np.uint16), None, "out: expected contiguous uint16 of shape"),
        (np.zeros((2, 2), np.uint8), np.zeros((2, 2), np.uint8), None, "out: .* got uint8"),
        (np.zeros((2, 2), np.uint8), np.zeros((2, 4), np.uint16)[:, ::2], None, "out: expected contiguous"),
        (np.zeros((2, 2), np.uint8), None, (0, 3), "rows: expected 0 <= from <= to <= 2, got 0 to 3"),
        (np.zeros((2, 2), np.uint8), None, (-1, 1), "rows: "),
    ],
)
def test_refuses(pixels: Any, out: Any, rows: Any, about: str) -> None:
    """What does not fit is refused with what was expected and what came."""
    with pytest.raises(ValueError, match=about):
        sobel_magnitude(pixels, out, rows)


def test_equals_opencv() -> None:
    """OpenCV's derivatives with a repeated border give the same."""
    cv2 = pytest.importorskip("cv2")
    pixels = frame(64, 101)
    gx, gy = cv2.spatialGradient(pixels, ksize=3, borderType=cv2.BORDER_REPLICATE)
    np.testing.assert_array_equal(sobel_magnitude(pixels), np.abs(gx) + np.abs(gy))
