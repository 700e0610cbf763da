"""A bank of oriented band filters, applied through the Fourier transform.

Each filter passes one octave band (`SCALES` of them) in one direction (`DIRECTIONS`), with a Gaussian shape (Gabor
filters; D. Gabor, Theory of communication, 1946). The modulus of what it passes is the local strength of a texture of
that fineness and direction, and moves little when the image is shifted.
"""

from __future__ import annotations

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


def band_strength(image: Floats) -> Floats:
    """Local strength of every band.

    Args:
        image: shape (rows, columns), float32.

    Returns:
        Shape (SCALES × DIRECTIONS, rows, columns), float32, finest scale first; edges wrap around.
    """
    rows, columns = image.shape
    spectrum = np.fft.fft2(image - image.mean()).astype(np.complex64)
    passed = np.fft.ifft2(spectrum * _bank(rows, columns))
    return np.abs(passed).astype(np.float32)


@lru_cache(maxsize=4)
def _bank(rows: int, columns: int) -> Floats:
    """Transfer functions, shape (SCALES × DIRECTIONS, rows, columns); a camera has one size, a test a few."""
    along, across = np.fft.fftfreq(rows)[:, None], np.fft.fftfreq(columns)[None, :]
    filters = []
    for scale in range(SCALES):
        centre = _FINEST / 2**scale
        spread = centre * _WIDTH
        for number in range(DIRECTIONS):
            angle = np.pi * number / DIRECTIONS
            ahead = across * np.cos(angle) + along * np.sin(angle) - centre
            beside = along * np.cos(angle) - across * np.sin(angle)
            filters.append(np.exp(-((ahead / spread) ** 2 + (beside * _ASPECT / spread) ** 2) / 2))
    bank = np.stack(filters).astype(np.float32)
    bank.flags.writeable = False
    return bank
