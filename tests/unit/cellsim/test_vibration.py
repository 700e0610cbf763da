"""The vibration generator: lines of a damaged bearing, chatter above its critical speed, blocks of any length."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.plant.vibration import RATE_HZ, Bearing, Chatter, Vibration, VibrationSettings

SHAFT_HZ = 1797 / 60


def envelope_spectrum(signal: np.ndarray, low_hz: float, high_hz: float) -> tuple[np.ndarray, np.ndarray]:
    """Spectrum of the squared envelope after a band-pass, by the analytic signal."""
    spectrum = np.fft.fft(signal - signal.mean())
    frequency = np.fft.fftfreq(signal.size, 1 / RATE_HZ)
    spectrum[(frequency < low_hz) | (frequency > high_hz)] = 0.0
    envelope = np.abs(np.fft.ifft(2 * spectrum)) ** 2
    amplitude = np.abs(np.fft.rfft(envelope - envelope.mean())) / signal.size
    return np.fft.rfftfreq(signal.size, 1 / RATE_HZ), amplitude


def strongest(frequency: np.ndarray, amplitude: np.ndarray, low: float, high: float) -> float:
    inside = (frequency >= low) & (frequency <= high)
    return float(frequency[inside][np.argmax(amplitude[inside])])


def test_passing_frequencies_of_a_published_bearing() -> None:
    """The 6205-2RS at 1797 rpm: 107.364 Hz on the outer and 162.186 Hz on the inner race."""
    assert Bearing().outer_hz(SHAFT_HZ) == pytest.approx(107.364, abs=0.02)
    assert Bearing().inner_hz(SHAFT_HZ) == pytest.approx(162.186, abs=0.02)


@pytest.mark.parametrize(("outer", "inner", "hz"), [(4.0, 0.0, 107.36), (0.0, 4.0, 162.19)])
def test_damaged_race_shows_in_the_envelope(outer: float, inner: float, hz: float) -> None:
    """The envelope around the resonance has its strongest line at the race's frequency, deep in noise too."""
    settings = VibrationSettings(shaft_hz=SHAFT_HZ, noise_m_s2=1.0, outer_m_s2=outer, inner_m_s2=inner)
    signal = Vibration(settings, 3).block(4 * RATE_HZ)[:, 0]
    frequency, amplitude = envelope_spectrum(signal, 2000, 4000)
    assert strongest(frequency, amplitude, 60, 250) == pytest.approx(hz, abs=1.0)


def test_inner_race_has_sidebands_of_the_shaft() -> None:
    """The damage of the inner race passes the load zone once per turn: lines one turn beside the main one."""
    settings = VibrationSettings(shaft_hz=SHAFT_HZ, inner_m_s2=4.0)
    frequency, amplitude = envelope_spectrum(Vibration(settings, 3).block(4 * RATE_HZ)[:, 0], 2000, 4000)
    floor = float(np.median(amplitude[(frequency > 60) & (frequency < 250)]))
    for side in (162.19 - SHAFT_HZ, 162.19 + SHAFT_HZ):
        near = (frequency > side - 2) & (frequency < side + 2)
        assert amplitude[near].max() > 10 * floor


def test_sound_bearing_has_no_such_line() -> None:
    """Negative control: without damage nothing stands out where the race's line would be."""
    frequency, amplitude = envelope_spectrum(Vibration(VibrationSettings(), 3).block(4 * RATE_HZ)[:, 0], 2000, 4000)
    near = (frequency > 105) & (frequency < 110)
    band = (frequency > 60) & (frequency < 250)
    assert amplitude[near].max() < 6 * np.median(amplitude[band])


def test_unbalance_stands_at_the_shaft_frequency() -> None:
    """The strongest line below 100 Hz is the shaft's, with the amplitude asked for."""
    signal = Vibration(VibrationSettings(shaft_hz=30.0, unbalance_m_s2=0.5), 1).block(4 * RATE_HZ)[:, 0]
    amplitude = 2 * np.abs(np.fft.rfft(signal)) / signal.size
    frequency = np.fft.rfftfreq(signal.size, 1 / RATE_HZ)
    assert strongest(frequency, amplitude, 5, 100) == pytest.approx(30.0, abs=0.3)
    assert amplitude[np.argmin(np.abs(frequency - 30.0))] == pytest.approx(0.5, abs=0.05)


def test_chatter_grows_above_its_critical_speed_only() -> None:
    """Above the critical speed chatter reaches its limit at its own frequency; below it there is next to nothing."""
    settings = VibrationSettings(chatter=Chatter(hz=150.0, critical_m_s=1.2, limit_m_s2=8.0))
    heights = []
    for speed in (1.0, 1.5):
        vibration = Vibration(settings, 1)
        vibration.block(4 * RATE_HZ, speed)
        signal = vibration.block(RATE_HZ, speed)[:, 0]
        heights.append(2 * np.abs(np.fft.rfft(signal))[150] / signal.size)
    assert heights[0] < 0.1
    assert heights[1] == pytest.approx(8.0, rel=0.02)


def test_slowing_down_ends_the_chatter() -> None:
    """The cure: under the critical speed the amplitude decays again."""
    vibration = Vibration(VibrationSettings(chatter=Chatter()), 1)
    loud = vibration.block(4 * RATE_HZ, 1.5)[-RATE_HZ // 10 :, 0]
    quiet = vibration.block(4 * RATE_HZ, 0.8)[-RATE_HZ // 10 :, 0]
    assert np.std(quiet) < 0.2 * np.std(loud)


def test_block_length_does_not_matter() -> None:
    """The same seed gives the same samples in blocks of any length; another seed gives others."""
    settings = VibrationSettings(outer_m_s2=3.0, inner_m_s2=2.0, chatter=Chatter())
    whole = Vibration(settings, 5).block(6000, 1.5)
    cut = Vibration(settings, 5)
    parts = np.concatenate([cut.block(samples, 1.5) for samples in (1, 99, 0, 2500, 7, 3393)])
    assert whole.shape == (6000, 3)
    np.testing.assert_allclose(parts, whole, rtol=1e-9, atol=1e-9)
    assert not np.allclose(Vibration(settings, 6).block(6000, 1.5), whole)
