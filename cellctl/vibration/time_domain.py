"""Features of one window of samples, as the kernel's analysis has them.

With the samples x, their mean m, and d = x − m:

    rms = √mean(d²)             peak = max|d|                 peak_to_peak = max x − min x
    crest = peak / rms          shape = rms / mean|d|         impulse = peak / mean|d|
    clearance = peak / mean(√|d|)²                            zero_crossings = changes of sign of d per second
    skewness = mean(d³) / rms³  kurtosis = mean(d⁴) / rms⁴    (Pearson's: a normal distribution has 3)

The mean is taken off because an accelerometer's offset says nothing about the machine; it is reported by itself. All
moments are those of the population, as in K. Pearson, Das Fehlergesetz und seine Verallgemeinerungen (1905).

From the density of power: `centroid` is its mean frequency, `flatness` its geometric over its arithmetic mean, and
`velocity_rms` the RMS of velocity in the band of `velocity_band`, which only an acceleration has.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cellctl.kernels import Analysis
from cellctl.kernels.vibration import FEWEST as FEWEST_OF_KERNEL
from cellctl.unit_table import plain

Samples = npt.NDArray[np.float32]

RATIOS = ("crest", "kurtosis", "skewness", "shape", "impulse", "clearance")
"""Features without a unit: they do not change when the signal is scaled."""
FEATURES = (
    "mean", "rms", "peak", "peak_to_peak", *RATIOS, "zero_crossings", "velocity_rms", "centroid", "flatness",
)  # fmt: skip
"""Names and order of the features; their units are in `cellctl.model.FEATURE_UNITS`."""
FEWEST = FEWEST_OF_KERNEL
"""Samples that a window needs: with fewer neither fourth moment nor spectrum says anything."""
LEAST_RMS, MOST_RMS = 1e-12, 1e12
"""Between them a density of power is well within the range of float32; beyond there are no spectral features."""
VELOCITY_HZ = 10.0, 1000.0
"""Band of the RMS of velocity, as ISO 20816-3 has it."""
ACCELERATIONS = {"g": 9.80665, "m/s2": 1.0, "mm/s2": 1e-3}
"""Unit of an acceleration → m/s²; g is the standard acceleration of free fall."""


def metres_per_s2(unit: str) -> float | None:
    """One of a unit, m/s²; None where it is no acceleration."""
    return ACCELERATIONS.get(plain(unit).replace("^", "").replace("**", ""))


def velocity_band(samples: int, rate_hz: float) -> tuple[float, float] | None:
    """Band of the RMS of velocity, Hz: 10 to 1000, or to the rate over 2.56, where anti-aliasing filters begin.

    None where a window cannot carry it: with lines further apart than 5 Hz, what is below 10 Hz leaks into the band,
    and a rate under 256 Hz leaves less than a tenth of it.
    """
    low, high = VELOCITY_HZ
    step_hz = rate_hz / segment_of(samples)
    return (low, min(high, rate_hz / 2.56)) if 2.0 * step_hz <= low and rate_hz >= 0.256 * high else None


def segment_of(samples: int) -> int:
    """Samples that are transformed at once: the largest power of two in a window."""
    return 1 << max(0, samples.bit_length() - 1)


def fault_of(samples: npt.NDArray[np.floating], analysis: Analysis | None) -> str:
    """Why a window cannot be judged, in words; empty when it can. Without an analysis, it has too few samples."""
    if analysis is None:
        return f"short: {samples.size} samples, at least {FEWEST} are needed"
    if not analysis.finite:
        bad = int(samples.size - np.isfinite(samples).sum())
        return f"not finite: {bad} of {samples.size} samples are NaN or infinite"
    return "constant: all samples are the same" if analysis.peak_to_peak == 0.0 else ""


def describe_window(analysis: Analysis, seconds: float) -> dict[str, float]:
    """All features of one window by name, in the order of `FEATURES`; without those that it does not have.

    Args:
        analysis: of a window without a fault (see `fault_of`).
        seconds: its length.
    """
    it = analysis
    values = {
        "mean": it.mean,
        "rms": it.rms,
        "peak": it.peak,
        "peak_to_peak": it.peak_to_peak,
        "crest": it.crest,
        "kurtosis": it.kurtosis,
        "skewness": it.skewness,
        "shape": it.rms / it.mean_abs,
        "impulse": it.peak / it.mean_abs,
        "clearance": it.peak / it.mean_root**2,
        "zero_crossings": it.zero_crossings / seconds,
    }
    if LEAST_RMS < it.rms < MOST_RMS:
        values |= {"velocity_rms": it.velocity_rms_mm_s, "centroid": it.centroid_hz, "flatness": it.flatness}
    if np.isnan(values.get("velocity_rms", 0.0)):
        del values["velocity_rms"]
    return values
