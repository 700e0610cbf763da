"""The local threshold against its definition, over shapes, layouts, windows and splits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellctl.kernels import local_threshold

STEPS = st.sampled_from([-3, -2, -1, 1, 2, 3])
WINDOWS = st.integers(1, 40).map(lambda half: 2 * half + 1)


def reference(pixels: Any, window: int, offset: float) -> Any:
    """The definition: the sum over every window of the frame with its outermost pixels repeated."""
    wide = np.pad(pixels.astype(np.int64), window // 2, mode="edge")
    sums = np.lib.stride_tricks.sliding_window_view(wide, (window, window)).sum(axis=(2, 3))
    return np.where(sums - window**2 * pixels.astype(np.int64) > window**2 * offset, 255, 0)


def frame(rows: int, columns: int, seed: int = 0) -> Any:
    """Random grey values."""
    return np.random.default_rng(seed).integers(0, 256, (rows, columns), np.uint8)


@given(st.integers(1, 40), st.integers(1, 80), WINDOWS, st.floats(-60, 60), st.integers(0, 99))
def test_equals_the_definition(rows: int, columns: int, window: int, offset: float, seed: int) -> None:
    """Any shape from one pixel on and any window, also one larger than the frame, gives the definition."""
    pixels = frame(rows, columns, seed)
    np.testing.assert_array_equal(local_threshold(pixels, window, offset), reference(pixels, window, offset))


@pytest.mark.parametrize("columns", [511, 512, 513, 1300])
@pytest.mark.parametrize("window", [3, 31, 127])
def test_rows_longer_than_a_stretch(columns: int, window: int) -> None:
    """Where one stretch of columns ends and the next begins does not show."""
    pixels = frame(5, columns)
    np.testing.assert_array_equal(local_threshold(pixels, window, 3), reference(pixels, window, 3))


@pytest.mark.parametrize("window", [95, 97, 125, 127])
def test_largest_sums(window: int) -> None:
    """The sums of the largest windows of brightest pixels do not overflow."""
    pixels = np.full((140, 40), 255, np.uint8)
    pixels[20, 30] = pixels[3, 39] = 0
    pixels[70:] = 0
    np.testing.assert_array_equal(local_threshold(pixels, window, 20), reference(pixels, window, 20))


@given(STEPS, STEPS, st.booleans())
def test_any_stride(down: int, along: int, turned: bool) -> None:
    """Views with any step, either way round and turned give what a copy of them gives."""
    view = frame(47, 61)[::down, ::along]
    view = view.T if turned else view
    np.testing.assert_array_equal(local_threshold(view, 7, 4), reference(view, 7, 4))


@pytest.mark.parametrize("grey", [0, 255])
@pytest.mark.parametrize(("offset", "mask"), [(0, 0), (-0.5, 255)])
def test_even_frame(grey: int, offset: float, mask: int) -> None:
    """Nothing is darker than the mean in a frame of one grey value, everything is darker than half a value above it."""
    assert (local_threshold(np.full((9, 33), grey, np.uint8), 5, offset) == mask).all()


def test_exactly_at_the_threshold() -> None:
    """A pixel that is darker by just the offset is not marked: no rounding of the mean decides."""
    pixels = np.full((3, 3), 9, np.uint8)
    pixels[1, 1] = 0
    assert local_threshold(pixels, 3, 8.0)[1, 1] == 0
    assert local_threshold(pixels, 3, 7.99)[1, 1] == 255


@given(st.lists(st.integers(0, 30), max_size=4))
def test_split_over_threads(cuts: list[int]) -> None:
    """However the rows are split over threads, the result is the same."""
    pixels, out = frame(30, 65), np.zeros((30, 65), np.uint8)
    parts = list(pairwise(sorted([0, *cuts, 30])))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda part: local_threshold(pixels, 9, 2, out, part), parts))
    np.testing.assert_array_equal(out, local_threshold(pixels, 9, 2))


def test_other_rows_stay() -> None:
    """Rows that were not asked for are not written."""
    out = np.full((6, 8), 99, np.uint8)
    local_threshold(frame(6, 8), 3, 0, out, (2, 4))
    assert (np.delete(out, [2, 3], axis=0) == 99).all()
    assert (out[2:4] != 99).all()


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (5, 0)])
def test_no_pixels(shape: tuple[int, int]) -> None:
    """No pixels in, no pixels out."""
    assert local_threshold(np.zeros(shape, np.uint8), 3).shape == shape


@pytest.mark.parametrize(
    ("changed", "about"),
    [
        ({"pixels": np.zeros((2, 2), np.uint16)}, "pixels: expected 2-D uint8, got 2-D uint16"),
        ({"window": 4}, "window: expected an odd number of 3 to 127 pixels, got 4"),
        ({"window": 1}, "window: .* got 1"),
        ({"window": 129}, "window: .* got 129"),
        ({"offset": float("nan")}, "offset: expected -256 to 256 grey values, got nan"),
        ({"offset": 1e9}, "offset: .* got 1000000000"),
        ({"out": np.zeros((2, 3), np.uint8)}, r"out: expected contiguous uint8 of shape \(2, 2\), got uint8 of shape"),
        ({"out": np.zeros((2, 4), np.uint8)[:, ::2]}, "out: expected contiguous"),
        ({"rows": (0, 3)}, "rows: expected 0 <= from <= to <= 2, got 0 to 3"),
        ({"rows": (2, 1)}, "rows: .* got 2 to 1"),
    ],
)
def test_refused(changed: dict[str, Any], about: str) -> None:
    """What does not fit is refused with what was expected and what was got."""
    with pytest.raises(ValueError, match=about):
        local_threshold(**{"pixels": np.zeros((2, 2), np.uint8), "window": 3, **changed})


def test_opencv_agrees_where_rounding_does_not_decide() -> None:
    """OpenCV's adaptive threshold, which rounds the mean, gives the same wherever half a grey value does not decide."""
    cv2 = pytest.importorskip("cv2")
    pixels, window, offset = frame(120, 300), 31, 6
    theirs = cv2.adaptiveThreshold(pixels, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, window, offset, None)
    surely = reference(pixels, window, offset + 0.51) == reference(pixels, window, offset - 0.51)
    assert surely.mean() > 0.98
    np.testing.assert_array_equal(local_threshold(pixels, window, offset)[surely], theirs[surely])
