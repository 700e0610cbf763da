"""The edge in every line against edges whose place is known, over blur, noise, layouts and splits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from cellctl.kernels import edge_profile

DARK, BRIGHT = 60, 180


def web(edges: Any, blur: float = 0.8, columns: int = 64, noise: float = 0.0) -> Any:
    """Lines that are bright from `edges` on: the integral over every pixel of a step blurred by a Gaussian."""
    along = np.arange(columns + 1) - np.asarray(edges, float)[:, None]
    sigma = max(blur, 1e-6)
    area = along * ndtr(along / sigma) + sigma * np.exp(-0.5 * (along / sigma) ** 2) / np.sqrt(2 * np.pi)
    grey = DARK + (BRIGHT - DARK) * np.diff(area, axis=1)
    return grey + noise * np.random.default_rng(1).standard_normal(grey.shape)


def as_bytes(grey: Any) -> Any:
    """What a camera of 8 bits makes of it."""
    return np.clip(np.round(grey), 0, 255).astype(np.uint8)


def find(pixels: Any, **changed: Any) -> Any:
    """The edge, as most tests look for it."""
    return edge_profile(pixels, **{"expected": 32.0, "reach": 6.0, "contrast": 30.0, "rising": True, **changed})


def rms(values: Any) -> float:
    """Root of the mean square."""
    return float(np.sqrt(np.mean(np.square(values))))


EDGES = np.random.default_rng(0).uniform(27, 37, 2000)


@pytest.mark.parametrize("blur", [0.0, 0.3, 0.5, 0.8, 1.2, 1.5])
def test_sub_pixel(blur: float) -> None:
    """Without noise an edge is found to 0.03 columns rms, sharp or with a blur of up to 1.5 columns."""
    assert rms(find(as_bytes(web(EDGES, blur))) - EDGES) < 0.03


@pytest.mark.parametrize(("blur", "most"), [(0.0, 0.03), (0.8, 0.05), (1.2, 0.06)])
def test_noise(blur: float, most: float) -> None:
    """With noise of 2 grey values at a contrast of 120 it is found to 0.03 ... 0.06 columns rms."""
    assert rms(find(as_bytes(web(EDGES, blur, noise=2))) - EDGES) < most


def test_averaging_lines_beats_noise() -> None:
    """Averaging 16 lines takes noise down to less than a third of that of single lines."""
    pixels = as_bytes(web(np.full(1600, 31.3), noise=6))
    assert rms(find(pixels, lines=16) - 31.3) < rms(find(pixels) - 31.3) / 3


def test_lines_are_averaged() -> None:
    """The place of some lines is that of their mean; the last place has what lines are left."""
    pixels = as_bytes(web(EDGES[:10]))
    means = np.array([pixels[0:4].sum(0), pixels[4:8].sum(0), 2 * pixels[8:10].sum(0, dtype=int)], np.uint16)
    np.testing.assert_allclose(find(pixels, lines=4), find(means, contrast=120.0), atol=1e-5)


def test_sixteen_bits() -> None:
    """16 bits give the place that 8 bits give, and finer: the steps of the grey values vanish."""
    found = find(np.round(web(EDGES, 0.0) * 256).astype(np.uint16), contrast=30 * 256.0)
    assert np.abs(found - EDGES).max() < 0.001


def test_mirrored() -> None:
    """A falling edge is found where the mirrored frame has the rising one: of two equally steep boundaries, either."""
    pixels = as_bytes(web(EDGES))
    np.testing.assert_allclose(find(pixels[:, ::-1], rising=False), 64 - find(pixels), atol=0.02)


def test_wrong_direction() -> None:
    """An edge the other way round is none."""
    assert np.isnan(find(as_bytes(web(EDGES)), rising=False)).all()


@pytest.mark.parametrize(("contrast", "found"), [(119.0, True), (121.0, False)])
def test_contrast(contrast: float, found: bool) -> None:
    """A step of 120 grey values is an edge of that contrast, and none of more."""
    assert np.isfinite(find(as_bytes(web(EDGES)), contrast=contrast)).all() == found


@pytest.mark.parametrize("grey", [0, 255])
def test_no_edge(grey: int) -> None:
    """An even frame has no edge, whatever little contrast is asked for."""
    assert np.isnan(find(np.full((3, 64), grey, np.uint8), contrast=0.0)).all()


@pytest.mark.parametrize("edge", [25.9, 38.1, 10.0, 60.0])
def test_outside_the_window(edge: float) -> None:
    """An edge beyond the reach is none, also where its flank is within."""
    assert np.isnan(find(as_bytes(web([edge])))).all()


@pytest.mark.parametrize("edge", [26.1, 37.9])
def test_at_the_end_of_the_window(edge: float) -> None:
    """An edge just within reach is found."""
    assert find(as_bytes(web([edge]))) == pytest.approx(edge, abs=0.05)


def test_expected_by_line() -> None:
    """Each line is searched around its own place; where that is not a number, there is no edge."""
    pixels, expected = as_bytes(web([20.25, 40.5, 30.0, 30.0])), np.array([20.0, 40.0, np.nan, np.inf])
    np.testing.assert_allclose(find(pixels, expected=expected, reach=1.0), [20.25, 40.5, np.nan, np.nan], atol=0.05)


@pytest.mark.parametrize(("edge", "found"), [(6.2, True), (57.8, True), (5.7, False), (3.0, False), (61.0, False)])
def test_rim(edge: float, found: bool) -> None:
    """Nearer than 6 columns to the rim no edge is found."""
    assert np.isfinite(find(as_bytes(web([edge], 0.0)), expected=edge)[0]) == found


@given(st.integers(0, 9), st.integers(0, 40), st.floats(-100, 100), st.floats(0.01, 1e9), st.integers(1, 5))
def test_any_shape(rows: int, columns: int, expected: float, reach: float, lines: int) -> None:
    """Any shape gives a place within reach or none, and one for every started group of lines."""
    pixels = np.random.default_rng(rows).integers(0, 256, (rows, columns), np.uint8)
    found = edge_profile(pixels, expected, reach, 5.0, rising=True, lines=lines)
    assert found.shape == (-(-rows // lines),)
    known = found[np.isfinite(found)]
    assert (np.abs(known - expected) <= reach + 1e-4).all()
    assert ((known >= 6) & (known <= columns - 6)).all()


@given(st.sampled_from([-3, -2, -1, 1, 2, 3]), st.sampled_from([-1, 1]), st.booleans())
def test_any_stride(down: int, along: int, turned: bool) -> None:
    """Views with any step, either way round and turned give what a copy of them gives."""
    whole = as_bytes(web(EDGES[:64]))
    view = (whole.T if turned else whole)[::down, ::along]
    np.testing.assert_array_equal(find(view), find(view.copy()))


@given(st.lists(st.integers(0, 10), max_size=4))
def test_split_over_threads(cuts: list[int]) -> None:
    """However the places are split over threads, the numbers are the same."""
    pixels, out = as_bytes(web(EDGES[:30])), np.zeros(10, np.float32)
    parts = list(pairwise(sorted([0, *cuts, 10])))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda part: find(pixels, lines=3, out=out, places=part), parts))
    np.testing.assert_array_equal(out, find(pixels, lines=3))


@pytest.mark.parametrize(
    ("changed", "about"),
    [
        ({"pixels": np.zeros((2, 20), np.float32)}, "pixels: expected 2-D uint8 or uint16, got 2-D float32"),
        ({"reach": 0.0}, "expected reach above 0 and contrast of at least 0, got 0.0 and 30.0"),
        ({"reach": float("inf")}, "got inf and"),
        ({"contrast": float("nan")}, "got 6.0 and nan"),
        ({"lines": 0}, "lines: expected 1 to 32767, got 0"),
        ({"expected": np.zeros(3)}, r"expected: expected one column or shape \(2,\), got shape \(3,\)"),
        ({"out": np.zeros(3, np.float32)}, r"out: expected contiguous float32 of shape \(2,\), got float32 of shape"),
        ({"out": np.zeros(2)}, "out: .* got float64"),
        ({"places": (1, 3)}, "places: expected 0 <= from <= to <= 2, got 1 to 3"),
    ],
)
def test_refused(changed: dict[str, Any], about: str) -> None:
    """What does not fit is refused with what was expected and what was got."""
    with pytest.raises(ValueError, match=about):
        find(**{"pixels": np.zeros((2, 20), np.uint8), **changed})
