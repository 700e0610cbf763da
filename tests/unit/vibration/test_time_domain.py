"""Time-domain features: hand-computed windows, an independent oracle, and what scaling must and must not change."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cellctl.model.waveform import FEATURE_UNITS
from cellctl.vibration.time_domain import (
    FEATURES,
    FEWEST,
    RATIOS,
    describe_window,
    fault_of,
    zero_crossings,
)

RATE_HZ = 12_000.0
seeds = st.integers(0, 2**32 - 1)


def noise(seed: int, n: int = 4096) -> np.ndarray:
    """A window of normal noise with an offset, float32."""
    return (np.random.default_rng(seed).normal(0.3, 1.7, n)).astype(np.float32)


def test_a_square_wave_by_hand():
    """±2 around 1: rms, peak and mean size are 2, so every ratio is 1; it changes sign at every sample but one."""
    found = describe_window(np.tile([3.0, -1.0], 8), 16.0)
    expected = {
        "mean": 1.0, "rms": 2.0, "peak": 2.0, "peak_to_peak": 4.0, "crest": 1.0, "kurtosis": 1.0, "skewness": 0.0,
        "shape": 1.0, "impulse": 1.0, "clearance": 1.0, "zero_crossings": 15.0,
    }  # fmt: skip
    assert found == pytest.approx(expected)


def test_one_spike_by_hand():
    """15 samples of 0 and one of 16: m = 1, Σd² = 240, Σd³ = 3360, Σd⁴ = 50640, Σ|d| = 30, Σ√|d| = 15 + √15."""
    found = describe_window(np.array([0.0] * 15 + [16.0]), 16.0)
    assert found["rms"] == pytest.approx(math.sqrt(15.0))
    assert found["crest"] == pytest.approx(15.0 / math.sqrt(15.0))
    assert found["kurtosis"] == pytest.approx((50640.0 / 16.0) / 15.0**2)
    assert found["skewness"] == pytest.approx((3360.0 / 16.0) / 15.0**1.5)
    assert found["shape"] == pytest.approx(math.sqrt(15.0) / (30.0 / 16.0))
    assert found["impulse"] == pytest.approx(15.0 / (30.0 / 16.0))
    assert found["clearance"] == pytest.approx(15.0 / ((15.0 + math.sqrt(15.0)) / 16.0) ** 2)


def test_a_sine():
    """10 mm/s at 50 Hz: rms 7.0711 mm/s, crest √2, kurtosis 1.5, shape π/(2√2), 100 changes of sign per second."""
    t = (np.arange(12_000) + 0.5) / RATE_HZ
    found = describe_window(10.0 * np.sin(2.0 * np.pi * 50.0 * t), RATE_HZ)
    assert found["rms"] == pytest.approx(7.0711, abs=1e-4)
    assert found["crest"] == pytest.approx(math.sqrt(2.0), rel=1e-4)
    assert found["kurtosis"] == pytest.approx(1.5, rel=1e-9)
    assert found["shape"] == pytest.approx(math.pi / (2.0 * math.sqrt(2.0)), rel=1e-4)
    assert found["zero_crossings"] == pytest.approx(100.0, abs=1.0)


@given(seeds)
def test_moments_as_scipy_has_them(seed: int):
    """Skewness and Pearson's kurtosis are those of scipy.stats, which sums differently."""
    samples = noise(seed)
    found = describe_window(samples, RATE_HZ)
    assert found["kurtosis"] == pytest.approx(stats.kurtosis(samples.astype(np.float64), fisher=False), rel=1e-9)
    assert found["skewness"] == pytest.approx(stats.skew(samples.astype(np.float64)), abs=1e-9)


def test_normal_noise_has_kurtosis_three():
    """Pearson's kurtosis of a normal distribution is 3, not 0: √(24/n) = 0.01 is its standard error here."""
    assert describe_window(noise(1, 240_000), RATE_HZ)["kurtosis"] == pytest.approx(3.0, abs=0.05)


@given(seeds, st.sampled_from([1e-30, 1e-9, 2.0, 9.80665, 1e30]))
def test_ratios_are_free_of_the_scale(seed: int, factor: float):
    """Another unit scales what has the unit, and leaves every ratio and the changes of sign as they are."""
    samples = noise(seed, 256).astype(np.float64)
    one, other = describe_window(samples, RATE_HZ), describe_window(samples * factor, RATE_HZ)
    for name in FEATURES:
        scale = 1.0 if name in {*RATIOS, "zero_crossings"} else factor
        assert other[name] == pytest.approx(one[name] * scale, rel=1e-9, abs=1e-9 * scale)


@given(seeds)
def test_order_of_the_ratios(seed: int):
    """1 ≤ shape, and crest ≤ impulse ≤ clearance, as the means of a size are ordered."""
    found = describe_window(noise(seed, 64), RATE_HZ)
    assert found["shape"] >= 1.0
    assert 1.0 <= found["crest"] <= found["impulse"] * (1 + 1e-12) <= found["clearance"] * (1 + 1e-12)


def test_features_come_in_their_order():
    """The names are FEATURES, in that order."""
    assert tuple(describe_window(noise(2), RATE_HZ)) == FEATURES


def test_mirrored_signal_is_skewed_the_other_way():
    """Turning the sensor round changes the sign of mean and skewness and nothing else."""
    samples = noise(3) ** 2
    one, other = describe_window(samples, RATE_HZ), describe_window(-samples, RATE_HZ)
    for name in FEATURES:
        sign = -1.0 if name in {"mean", "skewness"} else 1.0
        assert other[name] == pytest.approx(sign * one[name], rel=1e-9)


def test_a_sample_on_the_mean_is_no_change_of_sign():
    """The signal touches its mean and returns: no crossing; it goes through: one."""
    assert zero_crossings(np.array([1.0, 0.0, 1.0])) == 0
    assert zero_crossings(np.array([1.0, 0.0, -1.0])) == 1


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_said(value: float):
    """One bad sample among many is enough, and the reason counts it."""
    samples = noise(4)
    samples[17] = value
    assert fault_of(samples) == "not finite: 1 of 4096 samples are NaN or infinite"


@pytest.mark.parametrize(
    ("samples", "reason"),
    [(np.zeros(FEWEST - 1), "short"), (np.zeros(0), "short"), (np.full(100, 0.25), "constant")],
)
def test_what_cannot_be_judged_is_said(samples: np.ndarray, reason: str):
    """Too few samples, and a sensor that says the same all the time."""
    assert fault_of(samples).startswith(reason)


def test_a_sound_window_has_no_fault():
    """Negative control, also with the fewest samples."""
    assert not fault_of(noise(5, FEWEST))


def test_every_feature_has_its_unit():
    """The messages' table of units knows exactly these features."""
    assert tuple(FEATURE_UNITS) == FEATURES
