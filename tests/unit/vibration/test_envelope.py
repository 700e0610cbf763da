"""The mean of whitened envelope spectra: what it is a mean of, and when it begins anew."""

from __future__ import annotations

import numpy as np
import pytest

from cellctl.vibration.analysers import Analysers
from cellctl.vibration.envelope import LONGEST, Envelope, EnvelopeMean

RATE_HZ = 12_000.0


def envelope(samples: np.ndarray) -> Envelope:
    """Of one window."""
    found = Analysers(envelope=True).hear(samples.astype(np.float32), RATE_HZ, "V").envelope
    assert found is not None
    return found


def noise(seed: int, n: int = 12_000) -> np.ndarray:
    """Normal noise."""
    return np.random.default_rng(seed).normal(size=n)


def reference(samples: np.ndarray, segment: int, starts: list[int]) -> np.ndarray:
    """The definition in full length: whiten, band by zeroing, analytic signal, |·|², Hann, spectrum, mean amplitude."""
    found = []
    for start in starts:
        spectrum = np.fft.rfft(samples[start : start + segment] - samples.mean())
        whole = np.zeros(4 * segment, complex)
        first, last = int(np.ceil(0.025 * segment)), int(0.475 * segment)
        whole[first : last + 1] = spectrum[first : last + 1] / np.abs(spectrum[first : last + 1])
        size = np.abs(np.fft.ifft(whole)) ** 2
        hann = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(4 * segment) / (4 * segment))
        found.append(np.abs(np.fft.fft((size - size.mean()) * hann)))
    return np.asarray(np.mean(found, axis=0) ** 2)


def test_equals_the_definition():
    """Two segments of 8192 samples, the first at the beginning and the last at the end of the window."""
    found = envelope(noise(3))
    expected = reference(noise(3), 8192, [0, 12_000 - 8192])[: found.power.size]
    assert found.step_hz == RATE_HZ / 8192
    power = found.power[1:]  # line 0 is no vibration
    np.testing.assert_allclose(power / power.sum(), expected[1:] / expected[1:].sum(), rtol=2e-3, atol=1e-7)


@pytest.mark.parametrize("factor", [1e-6, -1.0, 9.80665])
def test_unit_and_direction_do_not_matter(factor: float):
    """A whitened window has no scale and no sign."""
    one, other = envelope(noise(1)), envelope(noise(1) * factor)
    np.testing.assert_allclose(other.power, one.power, rtol=1e-2, atol=1e-4 * one.power.max())


def test_independent_spectra_that_segments_are_worth():
    """One segment is one; two that overlap by half are worth 2 / (1 + 1/36), as Hann's window is alike to itself so."""
    assert envelope(noise(1, 8192)).independent == pytest.approx(1.0)
    assert envelope(noise(1, 12_288)).independent == pytest.approx(2.0 / (1.0 + 1.0 / 36.0), rel=1e-6)


def test_the_mean_of_some_windows():
    """Each counts the same, the oldest of more than ten is forgotten, and the degrees add up."""
    mean, row = EnvelopeMean(), [envelope(noise(seed)) for seed in range(LONGEST + 2)]
    for it in row:
        found = mean.add(it, "a.npy")
    np.testing.assert_allclose(found.power, np.mean([it.power for it in row[2:]], axis=0))
    assert found.degrees == pytest.approx(LONGEST * row[0].independent)


@pytest.mark.parametrize("what", ["recording", "length", "gap"])
def test_what_begins_anew(what: str):
    """Another recording, windows of another length, and a gap: what was before says nothing of what is now."""
    mean = EnvelopeMean()
    mean.add(envelope(noise(1)), "a.npy")
    if what == "gap":
        mean.reset()
    last = envelope(noise(2, 6_000 if what == "length" else 12_000))
    found = mean.add(last, "b.npy" if what == "recording" else "a.npy")
    np.testing.assert_array_equal(found.power, last.power)
    assert found.degrees == last.independent
