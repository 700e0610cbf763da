"""Time-domain features: hand-computed windows, an independent oracle, and what scaling must and must not change."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cellctl.model.waveform import FEATURE_UNITS
from cellctl.vibration import Analysers, Heard
from cellctl.vibration.time_domain import FEATURES, FEWEST, metres_per_s2, segment_of, velocity_band

RATE_HZ = 12_000.0
seeds = st.integers(0, 2**32 - 1)


def noise(seed: int, n: int = 4096) -> np.ndarray:
    """A window of normal noise with an offset, float32."""
    return (np.random.default_rng(seed).normal(0.3, 1.7, n)).astype(np.float32)


def heard(samples: np.ndarray, rate_hz: float = RATE_HZ, unit: str = "V") -> Heard:
    """What a machine's analysers say."""
    return Analysers(envelope=False).hear(samples.astype(np.float32), rate_hz, unit)


def describe_window(samples: np.ndarray, rate_hz: float, unit: str = "V") -> dict[str, float]:
    """The features of a window that has no fault."""
    found = heard(samples, rate_hz, unit)
    assert not found.fault
    return found.values


def test_a_square_wave_by_hand():
    """±2 around 1: rms, peak and mean size are 2, so every ratio is 1; it changes sign at every sample but one."""
    found = describe_window(np.tile([3.0, -1.0], 16), 32.0)
    expected = {
        "mean": 1.0, "rms": 2.0, "peak": 2.0, "peak_to_peak": 4.0, "crest": 1.0, "kurtosis": 1.0, "skewness": 0.0,
        "shape": 1.0, "impulse": 1.0, "clearance": 1.0, "zero_crossings": 31.0,
    }  # fmt: skip
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_one_spike_by_hand():
    """31 samples of 0 and one of 32: m = 1, d is −1 31 times and 31 once; sums of its powers follow."""
    found = describe_window(np.array([0.0] * 31 + [32.0]), 32.0)
    rms = math.sqrt((31 + 31**2) / 32)
    assert found["rms"] == pytest.approx(rms)
    assert found["crest"] == pytest.approx(31 / rms)
    assert found["kurtosis"] == pytest.approx((31 + 31**4) / 32 / rms**4)
    assert found["skewness"] == pytest.approx((31**3 - 31) / 32 / rms**3)
    assert found["shape"] == pytest.approx(rms / (62 / 32))
    assert found["impulse"] == pytest.approx(31 / (62 / 32))
    assert found["clearance"] == pytest.approx(31 / ((31 + math.sqrt(31)) / 32) ** 2)


def test_a_sine():
    """10 mm/s at 50 Hz: rms 7.0711 mm/s, crest √2, kurtosis 1.5, shape π/(2√2), 100 changes of sign per second."""
    t = (np.arange(12_000) + 0.5) / RATE_HZ
    found = describe_window(10.0 * np.sin(2.0 * np.pi * 50.0 * t), RATE_HZ)
    assert found["rms"] == pytest.approx(7.0711, abs=1e-4)
    assert found["crest"] == pytest.approx(math.sqrt(2.0), rel=1e-4)
    assert found["kurtosis"] == pytest.approx(1.5, rel=1e-6)
    assert found["shape"] == pytest.approx(math.pi / (2.0 * math.sqrt(2.0)), rel=1e-4)
    assert found["zero_crossings"] == pytest.approx(100.0, abs=1.0)


@given(seeds)
def test_moments_as_scipy_has_them(seed: int):
    """Skewness and Pearson's kurtosis are those of scipy.stats, which sums differently."""
    samples = noise(seed)
    found = describe_window(samples, RATE_HZ)
    assert found["kurtosis"] == pytest.approx(stats.kurtosis(samples.astype(np.float64), fisher=False), rel=1e-6)
    assert found["skewness"] == pytest.approx(stats.skew(samples.astype(np.float64)), abs=1e-6)


def test_normal_noise_has_kurtosis_three():
    """Pearson's kurtosis of a normal distribution is 3, not 0: √(24/n) = 0.01 is its standard error here."""
    assert describe_window(noise(1, 240_000), RATE_HZ)["kurtosis"] == pytest.approx(3.0, abs=0.05)


@given(seeds, st.sampled_from([1e-30, 1e-9, 2.0, 9.80665, 1e30]))
def test_ratios_are_free_of_the_scale(seed: int, factor: float):
    """Another unit scales what has the unit, and leaves every ratio and the changes of sign as they are."""
    samples = noise(seed, 256).astype(np.float64)
    one, other = describe_window(samples, RATE_HZ), describe_window(samples * factor, RATE_HZ)
    for name in FEATURES:
        if name in other:
            scale = factor if FEATURE_UNITS[name] == "{unit}" else 1.0
            assert other[name] == pytest.approx(one[name] * scale, rel=1e-5, abs=1e-6 * scale)


@pytest.mark.parametrize("factor", [1e-30, 1e30])
def test_what_float32_cannot_hold_has_no_spectral_features(factor: float):
    """A density of 1e-60 or 1e60 would be 0 or infinity: no centroid and no flatness, rather than wrong ones."""
    found = describe_window(noise(1) * np.float32(factor), RATE_HZ, "g")
    assert tuple(found) == FEATURES[:11]


@given(seeds)
def test_order_of_the_ratios(seed: int):
    """1 ≤ shape, and crest ≤ impulse ≤ clearance, as the means of a size are ordered."""
    found = describe_window(noise(seed, 64), RATE_HZ)
    assert found["shape"] >= 1.0
    assert 1.0 <= found["crest"] <= found["impulse"] * (1 + 1e-12) <= found["clearance"] * (1 + 1e-12)


def test_features_come_in_their_order():
    """The names are FEATURES, in that order; a voltage has no velocity."""
    assert tuple(describe_window(noise(2), RATE_HZ, "g")) == FEATURES
    assert tuple(describe_window(noise(2), RATE_HZ)) == tuple(it for it in FEATURES if it != "velocity_rms")


def test_mirrored_signal_is_skewed_the_other_way():
    """Turning the sensor round changes the sign of mean and skewness and nothing else."""
    samples = noise(3) ** 2
    one, other = describe_window(samples, RATE_HZ), describe_window(-samples, RATE_HZ)
    for name in one:
        sign = -1.0 if name in {"mean", "skewness"} else 1.0
        assert other[name] == pytest.approx(sign * one[name], rel=1e-6)


def test_velocity_of_a_sine():
    """2.2214 m/s² RMS at 50 Hz are 7.0711 mm/s, in whichever unit the acceleration is."""
    t = np.arange(12_000) / RATE_HZ
    for unit, per_unit in (("m/s²", 1.0), ("m/s^2", 1.0), ("g", 9.80665), ("mm/s2", 1e-3)):
        samples = 2.2214 * math.sqrt(2.0) * np.sin(2.0 * np.pi * 50.0 * t) / per_unit
        assert describe_window(samples, RATE_HZ, unit)["velocity_rms"] == pytest.approx(7.0711, rel=0.01)


def test_velocity_outside_its_band_does_not_count():
    """A sine of 2 kHz is loud and has next to no velocity from 10 to 1000 Hz."""
    t = np.arange(12_000) / RATE_HZ
    inside, outside = (
        describe_window(np.sin(2 * np.pi * f * t), RATE_HZ, "g")["velocity_rms"] for f in (900.0, 2000.0)
    )
    assert outside < 0.01 * inside


@pytest.mark.parametrize(
    ("samples", "rate_hz", "band"),
    [
        (12_000, 12_000.0, (10.0, 1000.0)),
        (2_560, 2_560.0, (10.0, 1000.0)),
        (1_000, 1_000.0, (10.0, 390.625)),
        (256, 256.0, (10.0, 100.0)),
        (255, 255.0, None),
        (2_000, 12_000.0, None),
    ],
)
def test_band_of_the_velocity(samples: int, rate_hz: float, band: tuple[float, float] | None):
    """Cut where the filter of a slow sensor begins; none where a window is too short or the rate too low for it."""
    assert velocity_band(samples, rate_hz) == band


@pytest.mark.parametrize("samples", [FEWEST, 2047, 2048, 2049])
def test_a_segment_is_the_largest_power_of_two(samples: int):
    """It fits, and twice of it does not."""
    assert segment_of(samples) <= samples < 2 * segment_of(samples)
    assert segment_of(samples).bit_count() == 1


@pytest.mark.parametrize("unit", ["mm/s", "V", "kg", "m/s", ""])
def test_what_is_no_acceleration_has_no_velocity(unit: str):
    """Negative control: no factor for other units."""
    assert metres_per_s2(unit) is None


def test_centroid_and_flatness():
    """A tone's mean frequency is its own and its spectrum is nothing but a peak; noise is flat, up to half the rate."""
    t = np.arange(12_000) / RATE_HZ
    tone, hiss = describe_window(np.sin(2 * np.pi * 3000.0 * t), RATE_HZ), describe_window(noise(8, 12_000), RATE_HZ)
    assert tone["centroid"] == pytest.approx(3000.0, rel=1e-3)
    assert tone["flatness"] < 1e-3
    assert hiss["centroid"] == pytest.approx(3000.0, rel=0.05)
    assert 0.5 < hiss["flatness"] < 0.9


def test_a_sensor_with_windows_of_many_lengths_keeps_few_analysers():
    """The same values whatever was analysed in between, and no more than four sets of tables."""
    analysers = Analysers(envelope=True)
    first = analysers.hear(noise(9), RATE_HZ, "g")
    for n in range(100, 120):
        analysers.hear(noise(n, n), RATE_HZ, "g")
    assert analysers.hear(noise(9), RATE_HZ, "g").values == first.values
    assert len(analysers._kept) == 4


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_said(value: float):
    """One bad sample among many is enough, and the reason counts it."""
    samples = noise(4)
    samples[17] = value
    assert heard(samples).fault == "not finite: 1 of 4096 samples are NaN or infinite"


@pytest.mark.parametrize(
    ("samples", "reason"),
    [(np.zeros(FEWEST - 1), "short"), (np.zeros(0), "short"), (np.full(100, 0.25), "constant")],
)
def test_what_cannot_be_judged_is_said(samples: np.ndarray, reason: str):
    """Too few samples, and a sensor that says the same all the time."""
    found = heard(samples)
    assert found.fault.startswith(reason)
    assert found.values == {}


def test_a_sound_window_has_no_fault():
    """Negative control, also with the fewest samples."""
    assert not heard(noise(5, FEWEST)).fault


def test_every_feature_has_its_unit():
    """The messages' table of units knows exactly these features."""
    assert tuple(FEATURE_UNITS) == FEATURES
