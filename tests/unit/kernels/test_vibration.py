"""One window's analysis against NumPy and SciPy in float64."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal, stats

from cellctl.kernels.vibration import Analysis, StreamAnalyser, WindowAnalyser, segment_starts, third_octaves

RATE = 8192.0


def noise(samples: int, seed: int = 1, mean: float = 0.0) -> Any:
    """Normal noise, float32."""
    return (np.random.default_rng(seed).standard_normal(samples) + mean).astype(np.float32)


def plain(samples: int, **settings: Any) -> WindowAnalyser:
    """An analyser without velocity, for windows of any length."""
    return WindowAnalyser(samples, RATE, velocity_hz=None, **settings)


def density(window: Any, segment: int) -> Any:
    """Mean over the segments of the one-sided density by SciPy, float64."""
    parts = [window[i : i + segment].astype(np.float64) for i in segment_starts(len(window), segment)]
    off = [part - window.mean(dtype=np.float64) for part in parts]
    found = [signal.periodogram(part, RATE, "hann", detrend="constant")[1] for part in off]
    return np.mean(found, axis=0)


def envelope(window: Any, rate_hz: float, band: tuple[float, float]) -> Any:
    """Amplitude spectrum of the squared envelope by the definition, at the full rate, float64."""
    n = len(window)
    bins = np.fft.fft(window.astype(np.float64))
    frequencies = np.fft.fftfreq(n, 1 / rate_hz)
    inside = (frequencies >= band[0]) & (frequencies <= band[1])
    square = np.abs(np.fft.ifft(np.where(inside, 2 * bins, 0))) ** 2
    amplitudes = np.abs(np.fft.rfft((square - square.mean()) * signal.get_window("hann", n))) * 4 / n
    amplitudes[0] /= 2
    return amplitudes


def whitened(window: Any, first: int, last: int) -> Any:
    """Amplitude spectrum of |z|², z being the sum of the bins from first to last as turning vectors of length 1."""
    n = len(window)
    bins = np.fft.rfft(window.astype(np.float64))[first : last + 1]
    unit = np.zeros(2 * n, complex)
    unit[first : last + 1] = bins / np.abs(bins)
    square = np.abs(np.fft.ifft(unit) * 2 * n) ** 2
    amplitudes = np.abs(np.fft.rfft((square - square.mean()) * signal.get_window("hann", 2 * n))) * 2 / n
    amplitudes[0] /= 2
    return amplitudes[: last - first + 1]


def same(found: Analysis, expected: Analysis) -> None:
    """Two analyses have the same bits."""
    for name, a, b in zip(Analysis._fields, found, expected, strict=True):
        np.testing.assert_array_equal(a, b, err_msg=name)


@given(st.integers(32, 700), st.integers(0, 1 << 30), st.floats(-3, 3), st.sampled_from([1e-6, 1.0, 1e6]))
def test_moments_agree_with_float64(samples: int, seed: int, mean: float, unit: float) -> None:
    """Moments of any length, offset and unit are those of float64 within 1e-5."""
    window = noise(samples, seed, mean) * np.float32(unit)
    off = window.astype(np.float64) - window.mean(dtype=np.float64)
    found = plain(samples).analyse(window)
    size = np.abs(off)
    assert found.mean == pytest.approx(window.mean(dtype=np.float64), rel=1e-12)
    assert found.rms == pytest.approx(off.std(), rel=1e-5)
    assert found.peak == pytest.approx(size.max(), rel=1e-5)
    assert found.peak_to_peak == float(window.max()) - float(window.min())
    assert found.crest == pytest.approx(size.max() / off.std(), rel=1e-5)
    assert found.skewness == pytest.approx(stats.skew(off), abs=1e-5)
    assert found.kurtosis == pytest.approx(stats.kurtosis(off, fisher=False), rel=1e-5)
    assert found.mean_abs == pytest.approx(size.mean(), rel=1e-5)
    assert found.mean_root == pytest.approx(np.sqrt(size).mean(), rel=1e-5)
    assert found.zero_crossings == np.count_nonzero(np.diff(np.signbit(off)))


@pytest.mark.parametrize("most", [3.4028235e38, 1e38, 1e-40])
def test_moments_reach_the_ends_of_float32(most: float) -> None:
    """The largest differences that float32 can have, and some of its smallest, neither overflow nor vanish."""
    window = np.full(200, most, np.float32)
    window[::7] = -most
    off = window.astype(np.float64) - window.mean(dtype=np.float64)
    found = plain(200).analyse(window)
    assert found.rms == pytest.approx(off.std(), rel=1e-5)
    assert found.peak == pytest.approx(np.abs(off).max(), rel=1e-5)
    assert found.skewness == pytest.approx(stats.skew(off / most), abs=1e-5)
    assert found.kurtosis == pytest.approx(stats.kurtosis(off / most, fisher=False), rel=1e-5)
    assert found.zero_crossings == np.count_nonzero(np.diff(np.signbit(off)))


def test_all_samples_at_the_end_of_float32_are_their_mean() -> None:
    """A window of the largest float32 is finite, has that mean and no deviation."""
    found = plain(200).analyse(np.full(200, np.finfo(np.float32).max, np.float32))
    assert found.finite
    assert found.mean == float(np.finfo(np.float32).max)
    assert [found.rms, found.peak, found.mean_abs, float(found.psd.max())] == [0, 0, 0, 0]


def test_a_large_mean_costs_no_digits() -> None:
    """Noise beside a mean of a thousand times its size, which float32 does not hold, keeps its moments within 1e-5."""
    window = noise(5000, mean=1000.01)
    off = window.astype(np.float64) - window.mean(dtype=np.float64)
    found = plain(5000).analyse(window)
    assert found.skewness == pytest.approx(stats.skew(off), abs=1e-5)
    assert found.mean_abs == pytest.approx(np.abs(off).mean(), rel=1e-6)
    assert found.zero_crossings == np.count_nonzero(np.diff(np.signbit(off)))


@given(st.integers(32, 3000), st.integers(0, 1 << 30), st.booleans())
def test_spectra_agree_with_scipy(samples: int, seed: int, short: bool) -> None:
    """Density, energies, centroid and flatness are SciPy's within 1e-5 of the largest, for every length and segment."""
    window, bands = noise(samples, seed, 2.0), [(300.0, 1000.0), (1000.0, 4096.0)]
    analyser = plain(samples, bands_hz=bands, segment=32 if short else None)
    found, expected = analyser.analyse(window), density(window, analyser.segment)
    frequencies = np.arange(expected.size) * analyser.bin_hz
    np.testing.assert_allclose(found.psd, expected, atol=1e-5 * expected.max())
    energies = [expected[(frequencies >= a) & (frequencies < b)].sum() * analyser.bin_hz for a, b in bands]
    np.testing.assert_allclose(found.band_energies, energies, rtol=1e-4)
    assert found.centroid_hz == pytest.approx((frequencies * expected)[1:].sum() / expected[1:].sum(), rel=1e-5)
    assert found.flatness == pytest.approx(stats.gmean(expected[1:]) / expected[1:].mean(), rel=1e-4)


def test_power_is_conserved() -> None:
    """Parseval: over noise, the density adds up to the mean square within what Hann's window leaves to chance."""
    window = noise(1 << 16)
    analyser = plain(window.size, segment=1024)
    found = analyser.analyse(window)
    assert found.psd.sum() * analyser.bin_hz == pytest.approx(found.rms**2, rel=0.01)


@pytest.mark.parametrize("band", [(1000.0, 1300.0), (500.0, 3000.0), (3000.0, 4096.0)])
def test_envelope_agrees_with_the_full_rate(band: tuple[float, float]) -> None:
    """The short transform gives the bins of Hilbert's envelope at the full rate within 1e-5 of the largest."""
    window = noise(4096, mean=1.0)
    found, expected = plain(4096, envelope_hz=band).analyse(window).envelope, envelope(window, RATE, band)
    size = min(found.size, expected.size)
    np.testing.assert_allclose(found[:size], expected[:size], atol=1e-5 * expected.max())


@pytest.mark.parametrize(("band", "first", "last"), [((0.0, RATE / 2), 1, 2047), ((200.0, 3900.0), 100, 1950)])
def test_a_whitened_envelope_is_that_of_the_definition(band: tuple[float, float], first: int, last: int) -> None:
    """Each bin by its magnitude, then Hilbert's envelope: within 1e-5 of the largest, even 60 dB under a line.

    With the line, bins of 1e-3 of it lose three digits: 1e-3.
    """
    line = 1000 * np.sin(2 * np.pi * 1234.0 / RATE * np.arange(4096))
    for window, tolerance in ((noise(4096, mean=1.0), 1e-5), ((noise(4096) + line).astype(np.float32), 1e-3)):
        found = plain(4096, envelope_hz=band, whiten=True).analyse(window).envelope
        expected = whitened(window, first, last)
        np.testing.assert_allclose(found[: expected.size], expected, atol=tolerance * expected.max())


def test_a_whitened_sine_is_the_sine_alone() -> None:
    """A pure line leaves no rounding to be whitened: a squared envelope without lines, but for those beside its own."""
    window = np.sin(2 * np.pi * 511 / 4096 * np.arange(4096)).astype(np.float32)
    found = plain(4096, envelope_hz=(0.0, RATE / 2), whiten=True).analyse(window).envelope
    assert found.max() < 1e-5


def test_a_sine_of_velocity() -> None:
    """V = 10 sin(2 pi 50 t) mm/s has RMS 7.0711 mm/s, acceleration 2.2214 m/s², crest √2 and kurtosis 1.5."""
    time_s = np.arange(8192) / RATE
    window = (10e-3 * 2 * np.pi * 50 * np.cos(2 * np.pi * 50 * time_s)).astype(np.float32)
    found = WindowAnalyser(8192, RATE).analyse(window)
    assert found.rms == pytest.approx(2.2214, abs=1e-4)
    assert found.velocity_rms_mm_s == pytest.approx(7.0711, rel=5e-4)  # Hann's window spreads a line over three bins
    assert found.crest == pytest.approx(np.sqrt(2), rel=1e-5)
    assert found.kurtosis == pytest.approx(1.5, rel=1e-5)
    assert found.centroid_hz == pytest.approx(50, abs=0.01)


def test_velocity_takes_the_unit() -> None:
    """The same machine in g has the same velocity."""
    window = noise(8192)
    one = WindowAnalyser(8192, RATE).analyse(window)
    other = WindowAnalyser(8192, RATE, metres_per_s2=9.80665).analyse(window / np.float32(9.80665))
    assert other.velocity_rms_mm_s == pytest.approx(one.velocity_rms_mm_s, rel=1e-5)


def test_impulses_of_a_bearing_stand_out_of_the_envelope() -> None:
    """Impulses at 107.36 Hz through a resonance of 3 kHz, 5 dB under noise, give lines there and at harmonics."""
    rate_hz, samples, line_hz, damping = 25600.0, 1 << 15, 107.36, 0.03
    time_s = np.arange(2000) / rate_hz
    ring = np.exp(-damping * 2 * np.pi * 3000 * time_s) * np.sin(2 * np.pi * 3000 * time_s)
    hits = np.zeros(samples)
    hits[np.round(np.arange(0, samples / rate_hz, 1 / line_hz) * rate_hz).astype(int)] = 1
    clean = np.convolve(hits, ring)[:samples]
    clean /= clean.std()
    window = (clean + noise(samples, 3) * 10 ** (5 / 20)).astype(np.float32)
    analyser = WindowAnalyser(samples, rate_hz, envelope_hz=(2500, 3500))
    lines = analyser.analyse(window).envelope
    for harmonic in (1, 2, 3):
        centre = round(harmonic * line_hz / analyser.bin_hz)
        near = lines[centre - 40 : centre + 41]
        assert abs(int(near.argmax()) - 40) <= 1
        assert near.max() > 4 * np.median(near)


def test_zeros_have_no_ratios() -> None:
    """Of a window of equal samples, sums are 0 and ratios NaN."""
    found = WindowAnalyser(64, 64.0, bands_hz=[(1, 9)], velocity_hz=(10, 30), envelope_hz=(5, 25)).analyse(
        np.full(64, 0.1, np.float32)
    )
    assert not plain(64, envelope_hz=(0.0, RATE / 2), whiten=True).analyse(np.zeros(64, np.float32)).envelope.any()
    assert found.finite
    assert [found.rms, found.peak, found.peak_to_peak, found.mean_abs, found.mean_root, found.zero_crossings] == [0] * 6
    assert not found.psd.any()
    assert not found.band_energies.any()
    assert not found.envelope.any()
    assert found.velocity_rms_mm_s == 0
    assert np.isnan([found.crest, found.skewness, found.kurtosis, found.centroid_hz, found.flatness]).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, 33, 63])
def test_what_is_not_finite_is_said(bad: float, place: int) -> None:
    """One NaN or infinity anywhere: not finite, and no number at all; the next window is well."""
    analyser = plain(64, bands_hz=[(200, 900)], envelope_hz=(500, 3000))
    window = noise(64)
    before = analyser.analyse(window)
    spoilt = window.copy()
    spoilt[place] = bad
    found = analyser.analyse(spoilt)
    assert not found.finite
    numbers = [value for name, value in found._asdict().items() if name != "finite"]
    assert all(np.isnan(value).all() for value in numbers)
    same(analyser.analyse(window), before)


def test_samples_of_exactly_the_mean_do_not_cross() -> None:
    """A zero belongs to the side that the signal came from."""
    window = np.tile(np.array([1, 0, 1, 0, -1, 0, -1, 0], np.float32), 8)
    assert plain(64).analyse(window).zero_crossings == 15


@pytest.mark.parametrize("step", [-1, 2, 5])
def test_any_stride_gives_the_same_bits(step: int) -> None:
    """A window that is not contiguous is analysed as its copy is."""
    window = noise(600)[::step][:100]
    same(plain(100).analyse(window), plain(100).analyse(window.copy()))


def test_threads_do_not_disturb_each_other() -> None:
    """Windows split over two threads give the bits that one gives."""
    windows = [noise(4096, seed) for seed in range(16)]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda window: plain(4096, envelope_hz=(500, 900)).analyse(window), windows))
    analyser = plain(4096, envelope_hz=(500, 900))
    for one, window in zip(found, windows, strict=True):
        same(one, analyser.analyse(window))


@given(st.lists(st.integers(0, 300), max_size=8), st.integers(20, 100))
def test_a_stream_gives_what_its_slices_give(sizes: list[int], hop: int) -> None:
    """Chunks of any size, any overlap: the windows are those of the whole signal."""
    samples = noise(sum(sizes))
    stream, cut = StreamAnalyser(plain(100), hop), np.cumsum([0, *sizes])
    found = [one for a, b in pairwise(cut) for one in stream.push(samples[a:b])]
    expected = [plain(100).analyse(samples[i : i + 100]) for i in range(0, samples.size - 99, hop)]
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        same(one, other)


def test_third_octaves_are_those_of_the_standard() -> None:
    """Base 10: ten to the decade, edges that meet, centres such as 1000 and 10^2.9 Hz."""
    edges = third_octaves(100, 1000)
    assert len(edges) == 11
    np.testing.assert_allclose(edges[1:, 0], edges[:-1, 1])
    np.testing.assert_allclose(np.sqrt(edges.prod(axis=1))[[0, -2, -1]], [100, 10**2.9, 1000])


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"samples": 31}, "samples: expected at least 32, got 31"),
        ({"rate_hz": 0.0}, "rate_hz, metres_per_s2: expected numbers above 0"),
        ({"segment": 48}, "segment: expected a power of two from 32 to 64, got 48"),
        ({"segment": 128}, "segment: expected a power of two"),
        ({"bands_hz": [1.0, 2.0]}, r"bands_hz: expected \(low, high\) pairs"),
        ({"bands_hz": [(8.0, 4.0)]}, "bands_hz: expected 0 < low < high"),
        ({"bands_hz": [(8.1, 8.9)]}, "bands_hz: expected a"),
        ({"velocity_hz": (10.0, 1000.0)}, "velocity_hz: expected 0 < low < high <= 32"),
        ({"envelope_hz": (8.0, 10.0)}, "envelope_hz: expected a band of at least 8 bins"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any], words: str) -> None:
    """Each is named with what was expected."""
    with pytest.raises(ValueError, match=words):
        WindowAnalyser(**{"samples": 64, "rate_hz": 64.0, "velocity_hz": None, **settings})


def test_wrong_arrays_are_refused() -> None:
    """Windows and chunks of another shape or type are named."""
    with pytest.raises(ValueError, match=r"window: expected shape \(64,\) float32, got \(63,\)"):
        plain(64).analyse(noise(63))
    with pytest.raises(ValueError, match=r"window: .*float64"):
        plain(64).analyse(np.zeros(64))
    with pytest.raises(ValueError, match="hop: expected 1 to 64"):
        StreamAnalyser(plain(64), 65)
    with pytest.raises(ValueError, match="chunk: expected one-dimensional float32"):
        StreamAnalyser(plain(64), 64).push(np.zeros(64))


@pytest.mark.parametrize("samples", [np.uint8(128), np.int16(16384), np.int64(100)])
def test_a_numpy_number_of_samples(samples: Any) -> None:
    """A window's length may be a NumPy number of any width, and so may a segment's."""
    window = noise(int(samples))
    one, other = plain(int(samples)), WindowAnalyser(samples, plain(int(samples)).rate_hz, velocity_hz=None)
    np.testing.assert_array_equal(one.analyse(window).psd, other.analyse(window).psd)
    segment: Any = np.uint8(64)
    assert WindowAnalyser(samples, 64.0, velocity_hz=None, segment=segment).bin_hz == 1


@pytest.mark.parametrize("rate_hz", [5e-324, 1e-310, np.nan, np.inf, -1.0])
def test_rates_that_bins_cannot_be_made_of_are_refused(rate_hz: float) -> None:
    """A rate whose bins would have no width in float64, or that is none, is refused."""
    with pytest.raises(ValueError, match="rate_hz, metres_per_s2: expected"):
        WindowAnalyser(64, rate_hz, velocity_hz=None)


def test_a_chunk_before_the_one_before_is_used_up_is_refused() -> None:
    """Samples of an iterator that was left are not lost without a word; used up, it lets the next chunk in."""
    stream = StreamAnalyser(plain(64), 64)
    windows = stream.push(noise(200))
    next(windows)
    with pytest.raises(ValueError, match="chunk: expected the iterator of the one before to be used up"):
        stream.push(noise(64))
    assert len(list(windows)) == 2
    assert len(list(stream.push(noise(56)))) == 1
