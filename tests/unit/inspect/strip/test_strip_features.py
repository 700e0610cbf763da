"""Features of a whole image: what they tell apart, and that no image breaks them."""

from __future__ import annotations

import numpy as np
import pytest

from cellctl.inspect.strip import STRIP_FEATURES, describe_image


def named(pixels: np.ndarray) -> dict[str, float]:
    """Features by name."""
    return dict(zip(STRIP_FEATURES, describe_image(pixels).tolist(), strict=True))


def stripes(pixels_per_line: float, angle_deg: float, shape: tuple[int, int] = (128, 128)) -> np.ndarray:
    """Grey stripes whose grey value changes in the direction of the angle (0: across the web)."""
    rows, columns = np.indices(shape)
    angle = np.deg2rad(angle_deg)
    phase = 2 * np.pi * (columns * np.cos(angle) + rows * np.sin(angle)) / pixels_per_line
    return np.asarray((128 + 60 * np.sin(phase)).astype(np.uint8))


@pytest.mark.parametrize("angle", [0, 45, 90, 135])
@pytest.mark.parametrize(("period", "scale"), [(1 / 0.35, 0), (2 / 0.35, 1), (4 / 0.35, 2), (8 / 0.35, 3)])
def test_stripes_are_strongest_in_their_own_band(angle: int, period: float, scale: int):
    """The band of that fineness and direction answers most of all."""
    found = named(stripes(period, angle))
    strengths = {name: value for name, value in found.items() if name.startswith("ln_strength")}
    assert max(strengths, key=strengths.__getitem__) == f"ln_strength_{scale}_{angle}"


def test_texture_is_the_same_wherever_it_is():
    """Rolling an image moves nothing but rounding: what is seen does not depend on where it is in the frame."""
    pixels = np.random.default_rng(1).integers(0, 255, (128, 128), dtype=np.uint8)
    moved = np.roll(pixels, (17, 40), axis=(0, 1))
    np.testing.assert_allclose(describe_image(moved), describe_image(pixels), atol=2e-4)


def test_a_turned_image_swaps_along_and_across():
    """What changes from line to line changes from column to column when the image is turned by a quarter."""
    pixels = np.full((128, 128), 100, np.uint8)
    pixels[40:44] = 180
    upright, turned = named(pixels), named(np.rot90(pixels))
    assert upright["change_along_1_90"] > 4 * upright["change_across_1_90"]
    assert turned["change_across_1_0"] == pytest.approx(upright["change_along_1_90"], rel=1e-3)


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (128, 128), (128, 130), (37, 64)])
@pytest.mark.parametrize("value", [0, 255])
def test_every_image_has_finite_features(shape: tuple[int, int], value: int):
    """Also a blank one of any size."""
    assert np.isfinite(describe_image(np.full(shape, value, np.uint8))).all()


def test_names_are_unique_and_all_there():
    """One name per number."""
    assert len(set(STRIP_FEATURES)) == len(STRIP_FEATURES) == len(describe_image(np.zeros((8, 8), np.uint8)))
