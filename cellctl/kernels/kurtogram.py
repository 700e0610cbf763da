"""Where in the spectrum a signal is impulsive: spectral kurtosis, and the band that it suggests.

J. Antoni, The spectral kurtosis: a useful tool for characterising non-stationary signals (2006). It is asked once for a
machine or now and then, never for every window: the transforms are the kernel's, the sums NumPy's.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cellctl.kernels.fft import FEWEST, RealFft, is_length
from cellctl.kernels.vibration import segment_starts

FEWEST_SEGMENTS = 16
"""Segments that a mean of fourth powers needs to say something."""
SIGMAS = 8.0
"""Standard deviations by which a bin must stand out: the estimate's upper tail is longer than a normal one's."""


class Band(NamedTuple):
    """A band, Hz, and the spectral kurtosis at its centre."""

    low_hz: float
    high_hz: float
    kurtosis: float


def spectral_kurtosis(window: npt.NDArray[Any], segment: int) -> npt.NDArray[np.float64]:
    """K(f) = ⟨|X|⁴⟩ / ⟨|X|²⟩² - 2 over segments under Hann's window that overlap by half or a little more.

    Normal noise gives 0 with a standard deviation of about 2 / √(number of segments), a steady sine -1 at its bin,
    impulses more than 0 where they ring. Bin 0 and half the rate are real: normal noise gives 1 there.

    Args:
        window: shape (n,), float32, with at least `FEWEST_SEGMENTS` segments.
        segment: samples of a segment, a power of two.

    Returns:
        Shape (segment / 2 + 1,). NaN in bins without power, and in all if a sample is NaN or infinite.

    Raises:
        ValueError: shape, type or size is not as stated.
    """
    if window.ndim != 1 or window.dtype != np.float32:
        raise ValueError(f"window: expected one-dimensional float32, got {window.dtype} of shape {window.shape}")
    least = (FEWEST_SEGMENTS + 1) * segment // 2
    if not (is_length(segment) and window.size >= least):
        raise ValueError(
            f"segment: expected a power of two from {FEWEST} and {least} samples, got {segment} and {window.size}"
        )
    if not np.isfinite(window).all():
        return np.full(segment // 2 + 1, np.nan)
    transform, off = RealFft(segment), window - window.mean(dtype=np.float64)
    peak = np.abs(off).max()
    scaled = (off / peak if peak > 0 else off).astype(np.float32)
    hann = np.hanning(segment + 1)[:-1].astype(np.float32)
    starts = segment_starts(window.size, segment)
    spectra = np.array([transform.forward(scaled[i : i + segment] * hann) for i in starts])
    power = np.abs(spectra).astype(np.float64) ** 2
    mean = power.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((power * power).mean(axis=0) / np.where(mean > 0, mean, np.nan) ** 2 - 2)


def most_impulsive_band(window: npt.NDArray[Any], rate_hz: float, *, low_hz: float = 0.0) -> Band | None:
    """The band in which a window is most clearly impulsive; None if no bin stands out of what noise gives.

    Segments of 16, 32, … samples are tried, as long as there are enough: each octave halves the width of a bin. The bin
    whose spectral kurtosis exceeds `SIGMAS` standard deviations of noise most gives the centre, and the four bins
    that Hann's window is wide give the width (but the band never begins at 0).

    Args:
        window: shape (n,), float32, at least 136 samples.
        rate_hz: samples per second, above 0.
        low_hz: bands do not begin below; none is found from half the rate on.

    Raises:
        ValueError: shape, type or size is not as stated.
    """
    if not 0 < rate_hz < np.inf:
        raise ValueError(f"rate_hz: expected a finite rate above 0, got {rate_hz}")
    if not 0 <= low_hz < np.inf:
        raise ValueError(f"low_hz: expected a finite frequency of at least 0, got {low_hz}")
    best, excess = None, 0.0
    segment = FEWEST
    while segment == FEWEST or (FEWEST_SEGMENTS + 1) * segment // 2 <= window.size:
        kurtosis = spectral_kurtosis(window, segment)
        bin_hz, limit = rate_hz / segment, SIGMAS * 2 / len(segment_starts(window.size, segment)) ** 0.5
        for k in range(max(2, int(np.ceil(low_hz / bin_hz)) + 2), segment // 2 - 1):
            if kurtosis[k] - limit > excess:
                excess = float(kurtosis[k] - limit)
                best = Band(max((k - 2) * bin_hz, bin_hz / 2), (k + 2) * bin_hz, float(kurtosis[k]))
        segment *= 2
    return best
