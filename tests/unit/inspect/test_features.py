"""Scalar features of shapes whose measures are known."""

from __future__ import annotations

import numpy as np
import pytest

from cellctl.inspect.features import FEATURES, centres, describe
from cellctl.inspect.reference import Edges
from cellctl.inspect.rules import Pitch
from cellctl.kernels import Bounds, RegionFinder

PITCH = Pitch(row_mm=0.05, column_mm=0.3)
ROWS, COLUMNS = 200, 100
EDGES = Edges(10.0, 90.0)


def features_of(rows: slice, columns: slice, grey: int = 50, edges: Edges = EDGES) -> dict[str, float]:
    """Features of one rectangle in a block of grey 100."""
    pixels = np.full((ROWS, COLUMNS), 100, np.uint8)
    pixels[rows, columns] = grey
    bounds = Bounds(np.full(COLUMNS, 90, np.uint8), np.full(COLUMNS, 110, np.uint8), np.full(COLUMNS, 0.01, np.float32))
    regions = RegionFinder(COLUMNS).find(pixels, bounds).regions
    (values,) = describe(regions, edges, PITCH, ROWS)
    return dict(zip(FEATURES, values.tolist(), strict=True))


def test_sizes_are_in_millimetres():
    """20 lines by 4 pixels are 1.0 by 1.2 mm and fill their box."""
    features = features_of(slice(50, 70), slice(40, 44))
    assert np.exp(features["ln_length_mm"]) == pytest.approx(1.0)
    assert np.exp(features["ln_width_mm"]) == pytest.approx(1.2)
    assert np.exp(features["ln_area_mm2"]) == pytest.approx(1.2)
    assert features["fill"] == pytest.approx(1.0)


def test_contrast_is_relative_to_the_reference():
    """Grey 50 on a reference of 100 is a contrast of one half, dark."""
    features = features_of(slice(50, 70), slice(40, 44))
    for name in ("mean_contrast", "min_contrast", "max_contrast"):
        assert features[name] == pytest.approx(-0.5, abs=1e-5)


def test_shape_is_judged_on_the_web_not_in_pixels():
    """24 lines by 4 pixels are a square of 1.2 mm: no elongation, no direction."""
    features = features_of(slice(50, 74), slice(40, 44))
    assert features["ln_elongation"] == pytest.approx(0.0, abs=0.01)
    assert features["alignment"] == pytest.approx(0.5, abs=0.01)


def test_a_line_along_the_web_is_aligned():
    """One pixel wide and 150 lines long: 25 times as long as wide, along the web."""
    features = features_of(slice(20, 170), slice(50, 51))
    assert np.exp(features["ln_elongation"]) == pytest.approx(25, rel=0.01)
    assert features["alignment"] > 0.99


def test_a_single_pixel_has_finite_features():
    """The smallest region there is has no infinite or undefined feature."""
    assert all(np.isfinite(value) for value in features_of(slice(5, 6), slice(5, 6)).values())


@pytest.mark.parametrize(("columns", "edges"), [(slice(6, 10), Edges(10, 90)), (slice(90, 94), Edges(10, 90))])
def test_a_spur_reaches_out_on_either_side(columns, edges):
    """Four pixels beyond the left or the right edge reach out 1.2 mm; left and right look the same."""
    features = features_of(slice(50, 70), columns, edges=edges)
    assert features["outreach_mm"] == pytest.approx(1.2, abs=1e-5)
    assert features["inside_mm"] == pytest.approx(-0.6, abs=1e-5)


def test_far_from_the_edges_the_distance_no_longer_counts():
    """Distances are cut at 8 mm."""
    features = features_of(slice(50, 70), slice(50, 54))
    assert (features["inside_mm"], features["outreach_mm"]) == (8.0, -8.0)


@pytest.mark.parametrize(("rows", "cut"), [(slice(0, 9), (1, 0)), (slice(190, 200), (0, 1)), (slice(1, 9), (0, 0))])
def test_says_which_border_cut_it(rows, cut):
    """Only pixels in the very first or last line say that a border cut the region."""
    features = features_of(rows, slice(40, 44))
    assert (features["cut_top"], features["cut_bottom"]) == cut


def test_centres_are_those_of_pixels():
    """The centre of the pixel (3, 5) is at (3.5, 5.5)."""
    pixels = np.full((10, 10), 100, np.uint8)
    pixels[3, 5] = 0
    bounds = Bounds(np.full(10, 90, np.uint8), np.full(10, 110, np.uint8), np.full(10, 0.01, np.float32))
    assert centres(RegionFinder(10).find(pixels, bounds).regions).tolist() == [[3.5, 5.5]]


def test_no_regions_have_no_features():
    """Nothing found gives an empty table of the right width."""
    pixels = np.full((4, COLUMNS), 100, np.uint8)
    bounds = Bounds(np.full(COLUMNS, 90, np.uint8), np.full(COLUMNS, 110, np.uint8), np.full(COLUMNS, 0.01, np.float32))
    regions = RegionFinder(COLUMNS).find(pixels, bounds).regions
    assert describe(regions, Edges(0, COLUMNS), PITCH, 4).shape == (0, len(FEATURES))
