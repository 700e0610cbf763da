"""Spectral kurtosis by its definition, and the band that it suggests."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from cellctl.kernels.kurtogram import most_impulsive_band, spectral_kurtosis
from cellctl.kernels.vibration import segment_starts

RATE = 25600.0


def noise(samples: int, seed: int = 1) -> Any:
    """Normal noise, float32."""
    return np.random.default_rng(seed).standard_normal(samples).astype(np.float32)


def ringing(samples: int, resonance_hz: float) -> Any:
    """Impulses 107 times a second through a resonance, as loud as the noise they lie in."""
    time_s = np.arange(2000) / RATE
    ring = np.exp(-0.03 * 2 * np.pi * resonance_hz * time_s) * np.sin(2 * np.pi * resonance_hz * time_s)
    hits = np.zeros(samples)
    hits[:: int(RATE / 107)] = 1
    clean = np.convolve(hits, ring)[:samples]
    return (clean / clean.std() + noise(samples)).astype(np.float32)


@given(st.integers(136, 3000), st.integers(0, 1 << 30), st.sampled_from([1e-6, 1.0, 1e6]))
def test_it_agrees_with_float64(samples: int, seed: int, unit: float) -> None:
    """Every length and unit gives the definition's value within 1e-4."""
    window = noise(samples, seed) * np.float32(unit)
    off, hann = window.astype(np.float64) - window.mean(dtype=np.float64), signal.get_window("hann", 16)
    power = np.array([np.abs(np.fft.rfft(off[i : i + 16] * hann)) ** 2 for i in segment_starts(samples, 16)])
    expected = (power**2).mean(axis=0) / power.mean(axis=0) ** 2 - 2
    np.testing.assert_allclose(spectral_kurtosis(window, 16), expected, atol=1e-4)


def test_a_sine_gives_minus_one_and_noise_zero() -> None:
    """At a steady sine's bin K = -1; normal noise gives 0 within 4 standard deviations in its other bins."""
    samples = 1 << 16
    window = noise(samples) * np.float32(1e-3) + np.sin(2 * np.pi * 32 / 256 * np.arange(samples)).astype(np.float32)
    found = spectral_kurtosis(window, 256)
    assert found[32] == pytest.approx(-1, abs=1e-3)
    inner = np.delete(spectral_kurtosis(noise(samples), 256), [0, 128])
    assert abs(inner.mean()) < 0.02
    assert np.abs(inner).max() < 6 * 2 / len(segment_starts(samples, 256)) ** 0.5


@pytest.mark.parametrize("resonance_hz", [3000.0, 6500.0])
def test_the_band_holds_the_resonance(resonance_hz: float) -> None:
    """The suggested band lies around the resonance that impulses excite."""
    band = most_impulsive_band(ringing(1 << 15, resonance_hz), RATE)
    assert band is not None
    assert band.low_hz < resonance_hz < band.high_hz


def test_noise_suggests_a_band_rarely() -> None:
    """In normal noise no band stands out in at least 9 of 10 windows."""
    assert sum(most_impulsive_band(noise(8192, seed), RATE) is not None for seed in range(50)) <= 5


def test_nothing_gives_no_band() -> None:
    """Zeros and NaN have no spectral kurtosis, and suggest no band."""
    spoilt = noise(1024)
    spoilt[5] = np.nan
    for window in (np.zeros(1024, np.float32), spoilt):
        assert np.isnan(spectral_kurtosis(window, 64)).all()
        assert most_impulsive_band(window, RATE) is None


def test_wrong_arrays_are_refused() -> None:
    """Too few samples, other types and lengths that are no power of two are named."""
    with pytest.raises(ValueError, match="segment: expected a power of two from 16 and 136 samples, got 16 and 135"):
        most_impulsive_band(noise(135), RATE)
    with pytest.raises(ValueError, match="segment: expected a power of two"):
        spectral_kurtosis(noise(1000), 24)
    with pytest.raises(ValueError, match="window: expected one-dimensional float32"):
        spectral_kurtosis(np.zeros(1000), 16)


@pytest.mark.parametrize("rate_hz", [0.0, -5.0, np.nan, np.inf])
def test_a_rate_that_is_none_is_refused(rate_hz: float) -> None:
    """A rate of 0, below it, infinite or not a number is refused by name."""
    with pytest.raises(ValueError, match="rate_hz: expected"):
        most_impulsive_band(np.zeros(200, np.float32), rate_hz)


@pytest.mark.parametrize("low_hz", [-1.0, np.nan, np.inf])
def test_a_lower_limit_that_is_none_is_refused(low_hz: float) -> None:
    """A lower limit below 0, infinite or not a number is refused by name."""
    with pytest.raises(ValueError, match="low_hz: expected"):
        most_impulsive_band(np.zeros(200, np.float32), 1000.0, low_hz=low_hz)
