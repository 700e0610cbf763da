"""The envelope spectrum of one window, whitened first: impacts show by their rate, whatever structure they ring.

Every spectral line of the window is divided by its own size (cepstrum pre-whitening: P. Borghesani et al., Mechanical
Systems and Signal Processing 36 (2013) 370). What is regular, such as shaft and gear, loses its weight, resonances are
flattened, and no band has to be chosen. The squared size of the analytic signal is the envelope.

Impacts of a bearing pass whitening because its elements slip: no two gaps are alike, by half a percent or more.
Impacts without any scatter are a comb of steady tones, and go the way of a gear's.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cellctl.vibration.time_domain import FEWEST

LOWEST, HIGHEST = 0.05, 0.95
"""The part of the spectrum that is used, as a share of half the sampling rate: no drift, no anti-aliasing filter."""


class EnvelopeSpectrum(NamedTuple):
    """Power of the envelope by frequency.

    Attributes:
        power: shape (n,), float64; line k lies at k · step_hz. Without a unit: the window was whitened.
        step_hz: distance of two lines, one over the length of the window.
    """

    power: npt.NDArray[np.float64]
    step_hz: float


def envelope_spectrum(samples: npt.NDArray[np.floating], rate_hz: float) -> EnvelopeSpectrum:
    """Whitened squared envelope spectrum, Hann window.

    Args:
        samples: shape (n,), finite, at least 16; a constant window has no spectrum and gives zeros.
        rate_hz: samples per second.

    Raises:
        ValueError: fewer samples, another shape, or a sample that is not finite.
    """
    values = np.asarray(samples, dtype=np.float64)
    if values.ndim != 1 or values.size < FEWEST or not np.isfinite(values).all():
        raise ValueError(f"samples: expected {FEWEST} or more finite values, shape (n,), got shape {values.shape}")
    spectrum = np.fft.rfft(values - values.mean())
    size = np.abs(spectrum)
    # What is only rounding has no phase worth a weight.
    spectrum = np.divide(spectrum, size, out=np.zeros_like(spectrum), where=size > 1e-12 * size.max())
    first, last = max(1, round(LOWEST * values.size / 2)), round(HIGHEST * values.size / 2)
    points = 1 << (2 * (last - first) - 1).bit_length()  # twice the band: squaring doubles it, and nothing may alias
    band = np.zeros(points, complex)
    band[: last - first] = spectrum[first:last]
    envelope = np.abs(np.fft.ifft(band)) ** 2
    envelope -= envelope.mean()
    hann = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(points) / points)
    lines = np.fft.rfft(envelope * hann)
    # Beyond the width of the band the envelope of a band-limited signal has no lines.
    return EnvelopeSpectrum(np.abs(lines[: last - first]) ** 2, rate_hz / values.size)
