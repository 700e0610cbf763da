"""Features of one grey image: how bright it is, and how strong, uneven and spread its texture is in each band."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cellctl.inspect.strip.filters import DIRECTIONS, SCALES, band_strength

Pixels = npt.NDArray[np.uint8]

_GREYS = ("grey_p02", "grey_p25", "grey_p50", "grey_p75", "grey_p98")
_PERCENTILES = (2, 25, 50, 75, 98)
_BANDS = tuple(f"{scale}_{number * 180 // DIRECTIONS}" for scale in range(SCALES) for number in range(DIRECTIONS))

STRIP_FEATURES = (
    "grey_mean",
    "ln_grey_spread",
    *_GREYS,
    *(f"ln_strength_{band}" for band in _BANDS),
    *(f"ln_unevenness_{band}" for band in _BANDS),
    *(f"change_along_{band}" for band in _BANDS),
    *(f"change_across_{band}" for band in _BANDS),
)
"""Names and order (band: octaves below the finest, direction in degrees); a model's card must list the same."""

_LEAST = 1e-4
"""Added before a logarithm: a fortieth of a grey level, so that a blank image has finite features."""
_LEAST_SHARE = 1e-2


def describe_image(pixels: Pixels) -> npt.NDArray[np.float32]:
    """Features of an image, shape (len(STRIP_FEATURES),), float32, finite for every image.

    `strength` is the mean of a band's local strength, `unevenness` its standard deviation over that mean, and the
    changes are the standard deviation of its logarithm from line to line and from column to column.

    Args:
        pixels: shape (rows, columns), uint8, at least one pixel.
    """
    image = pixels.astype(np.float32) / np.float32(255.0)
    grey = np.array([image.mean(), np.log(image.std() + 10 * _LEAST), *np.percentile(image, _PERCENTILES)])
    scales = [_bands(strength) for strength in band_strength(image)]
    return np.concatenate([grey, *(np.concatenate(part) for part in zip(*scales, strict=True))]).astype(np.float32)


def _bands(strength: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.floating], ...]:
    """Strength, unevenness and changes of the bands of one scale."""
    mean = strength.mean(axis=(1, 2), dtype=np.float64)
    spread = strength.std(axis=(1, 2), dtype=np.float64)
    along = np.log(strength.mean(axis=2) + _LEAST).std(axis=1)
    across = np.log(strength.mean(axis=1) + _LEAST).std(axis=1)
    return np.log(mean + _LEAST), np.log(spread / (mean + _LEAST) + _LEAST_SHARE), along, across
