"""The whitened envelope spectrum: its lines, and what must not matter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellctl.vibration.envelope import envelope_spectrum


def reference(samples: np.ndarray) -> np.ndarray:
    """The definition in full length: whiten, band by zeroing, analytic signal, |·|², Hann, spectrum."""
    n = samples.size
    spectrum = np.fft.rfft(samples - samples.mean())
    whole = np.zeros(4 * n, complex)
    first, last = max(1, round(0.05 * n / 2)), round(0.95 * n / 2)
    whole[first:last] = spectrum[first:last] / np.abs(spectrum[first:last])
    envelope = np.abs(np.fft.ifft(whole)) ** 2
    envelope -= envelope.mean()
    hann = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(4 * n) / (4 * n))
    return np.abs(np.fft.fft(envelope * hann))[: last - first] ** 2


@given(st.integers(0, 2**32 - 1), st.integers(16, 900))
def test_equals_the_definition(seed: int, n: int):
    """Any length: decimation changes nothing but the scale, which the number of points fixes."""
    samples = np.random.default_rng(seed).normal(size=n)
    found, expected = envelope_spectrum(samples, 1000.0), reference(samples)
    assert found.power.shape == expected.shape
    np.testing.assert_allclose(found.power / found.power.sum(), expected / expected.sum(), atol=1e-9)


@pytest.mark.parametrize("factor", [1e-6, -1.0, 9.80665])
def test_unit_and_direction_do_not_matter(factor: float):
    """A whitened window has no scale and no sign."""
    samples = np.random.default_rng(1).normal(size=2000)
    one, other = envelope_spectrum(samples, 1000.0), envelope_spectrum(samples * factor, 1000.0)
    np.testing.assert_allclose(other.power, one.power, rtol=1e-6, atol=1e-12 * one.power.max())


def test_an_offset_does_not_matter():
    """An accelerometer's offset is no vibration."""
    samples = np.random.default_rng(2).normal(size=2000)
    one, other = envelope_spectrum(samples, 1000.0), envelope_spectrum(samples + 100.0, 1000.0)
    np.testing.assert_allclose(other.power, one.power, rtol=1e-6, atol=1e-9 * one.power.max())


@pytest.mark.parametrize("n", [16, 17, 4096])
def test_nothing_has_no_lines(n: int):
    """Silence gives zeros, not NaN."""
    assert not envelope_spectrum(np.zeros(n, np.float32), 1000.0).power.any()


@pytest.mark.parametrize(
    "samples", [np.zeros(15), np.zeros((4, 16)), np.r_[np.zeros(99), np.nan], np.r_[np.zeros(99), np.inf]]
)
def test_what_has_no_spectrum_is_refused(samples: np.ndarray):
    """Too short, another shape, or not finite: an error, never a spectrum of NaN."""
    with pytest.raises(ValueError, match="samples: expected 16 or more finite values"):
        envelope_spectrum(samples, 1000.0)
