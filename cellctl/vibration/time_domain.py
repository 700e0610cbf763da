"""Time-domain features of one window of samples.

With the samples x, their mean m, and d = x − m:

    rms = √mean(d²)             peak = max|d|                 peak_to_peak = max x − min x
    crest = peak / rms          shape = rms / mean|d|         impulse = peak / mean|d|
    clearance = peak / mean(√|d|)²                            zero_crossings = changes of sign of d per second
    skewness = mean(d³) / rms³  kurtosis = mean(d⁴) / rms⁴    (Pearson's: a normal distribution has 3)

The mean is taken off because an accelerometer's offset says nothing about the machine; it is reported by itself. All
moments are those of the population, as in K. Pearson, Das Fehlergesetz und seine Verallgemeinerungen (1905).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

RATIOS = ("crest", "kurtosis", "skewness", "shape", "impulse", "clearance")
"""Features without a unit: they do not change when the signal is scaled."""
FEATURES = ("mean", "rms", "peak", "peak_to_peak", *RATIOS, "zero_crossings")
"""Names and order of the features; the first four are in the unit of the samples, `zero_crossings` is in 1/s."""

FEWEST = 16
"""Samples that a window needs: with fewer the fourth moment says nothing."""


def fault_of(samples: npt.NDArray[np.floating]) -> str:
    """Why a window cannot be judged, in words; empty when it can."""
    if samples.size < FEWEST:
        return f"short: {samples.size} samples, at least {FEWEST} are needed"
    bad = int(samples.size - np.isfinite(samples).sum())
    if bad:
        return f"not finite: {bad} of {samples.size} samples are NaN or infinite"
    return "constant: all samples are the same" if float(samples.min()) == float(samples.max()) else ""


def describe_window(samples: npt.NDArray[np.floating], rate_hz: float) -> dict[str, float]:
    """All features of one window by name, in the order of `FEATURES`.

    Args:
        samples: shape (n,), finite and not all the same (see `fault_of`); summed in float64.
        rate_hz: samples per second.
    """
    values = np.asarray(samples, dtype=np.float64)
    mean = float(values.mean())
    off = values - mean
    size = np.abs(off)
    # Powers of the scaled signal: neither a tiny nor a huge unit may leave the range of float64.
    peak = float(size.max())
    scaled, scaled_size = off / peak, size / peak
    square = scaled * scaled
    power = float(square.mean())
    root = power**0.5
    mean_size = float(scaled_size.mean())
    return {
        "mean": mean,
        "rms": peak * root,
        "peak": peak,
        "peak_to_peak": float(values.max() - values.min()),
        "crest": 1.0 / root,
        "kurtosis": float((square * square).mean()) / power**2,
        "skewness": float((square * scaled).mean()) / (power * root),
        "shape": root / mean_size,
        "impulse": 1.0 / mean_size,
        "clearance": 1.0 / float(np.sqrt(scaled_size).mean()) ** 2,
        "zero_crossings": zero_crossings(off) * rate_hz / values.size,
    }


def zero_crossings(off: npt.NDArray[np.float64]) -> int:
    """Changes of sign; samples that are exactly zero belong to the side that the signal came from."""
    signs = np.signbit(off[off != 0.0])
    return int(np.count_nonzero(signs[1:] != signs[:-1]))
