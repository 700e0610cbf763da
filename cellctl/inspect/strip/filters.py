"""A bank of oriented band filters, applied through the Fourier transform.

Each filter passes one octave band (`SCALES` of them) in one direction (`DIRECTIONS`), with a Gaussian shape (Gabor
filters; D. Gabor, Theory of communication, 1946). The modulus of what it passes is the local strength of a texture of
that fineness and direction, and moves little when the image is shifted.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

SCALES = 4
DIRECTIONS = 8
_FINEST = 0.35
"""Centre of the finest band, cycles per pixel; each further band is an octave lower."""
_WIDTH = 1 / 2.2
"""Standard deviation of a filter along its direction, as a share of its centre frequency: about an octave wide."""
_ASPECT = 1.5
"""A filter is this much narrower across its direction."""


def band_strength(image: Floats) -> Iterator[Floats]:
    """Local strength of the bands of one scale after the other, the finest first; one scale is held at a time.

    Args:
        image: shape (rows, columns), float32.

    Yields:
        Shape (DIRECTIONS, rows, columns), float32; edges wrap around.
    """
    rows, columns = image.shape
    spectrum = np.fft.fft2(image - image.mean()).astype(np.complex64)
    for scale in range(SCALES):
        passed = np.fft.ifft2(spectrum * _bank(rows, columns, scale))
        yield np.abs(passed).astype(np.float32)


@lru_cache(maxsize=2 * SCALES)
def _bank(rows: int, columns: int, scale: int) -> Floats:
    """Transfer functions of a scale, shape (DIRECTIONS, rows, columns); a cell has a size or two."""
    along, across = np.fft.fftfreq(rows)[:, None], np.fft.fftfreq(columns)[None, :]
    centre = _FINEST / 2**scale
    spread = centre * _WIDTH
    filters = []
    for number in range(DIRECTIONS):
        angle = np.pi * number / DIRECTIONS
        ahead = across * np.cos(angle) + along * np.sin(angle) - centre
        beside = along * np.cos(angle) - across * np.sin(angle)
        filters.append(np.exp(-((ahead / spread) ** 2 + (beside * _ASPECT / spread) ** 2) / 2))
    bank = np.stack(filters).astype(np.float32)
    bank.flags.writeable = False
    return bank
