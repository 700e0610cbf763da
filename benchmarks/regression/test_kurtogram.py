"""Spectral kurtosis of a second of vibration."""

from typing import Any

import numpy as np

from cellctl.kernels.kurtogram import most_impulsive_band, spectral_kurtosis


def test_spectral_kurtosis(benchmark: Any) -> None:
    """25 600 samples in segments of 256."""
    benchmark(spectral_kurtosis, np.random.default_rng(1).standard_normal(25_600).astype(np.float32), 256)


def test_most_impulsive_band(benchmark: Any) -> None:
    """25 600 samples, all segments that there are enough of."""
    benchmark(most_impulsive_band, np.random.default_rng(1).standard_normal(25_600).astype(np.float32), 25_600.0)
