"""The vibration feature set of a window of 8192 samples against FFTW, SciPy's FFT and SciPy's signal idiom."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyfftw
import scipy.fft
from scipy import signal, stats

from benchmarks.peers.case import Case, Limit, Peer
from cellctl.kernels.fft import RealFft
from cellctl.kernels.vibration import WindowAnalyser

SAMPLES, RATE_HZ = 8192, 25600.0
HALF = SAMPLES // 2
BIN_HZ = RATE_HZ / SAMPLES
ENVELOPE_HZ = (2000.0, 4000.0)
FIRST, WIDTH = round(ENVELOPE_HZ[0] / BIN_HZ), round((ENVELOPE_HZ[1] - ENVELOPE_HZ[0]) / BIN_HZ) + 1
SHORT = 2048
EDGES = np.linspace(100.0, 12000.0, 33)
EDGE_BINS = np.ceil(EDGES / BIN_HZ).astype(np.int64)
FREQUENCIES = np.arange(HALF + 1) * BIN_HZ

Array = npt.NDArray[Any]


class Result(NamedTuple):
    """What the comparison asks of a window."""

    psd: Array
    bands: Array
    scalars: tuple[float, float, float, float, float, float]
    envelope: Array


def moments(off: Array, square: Array) -> tuple[float, float, float, float, float]:
    """RMS, peak, crest, skewness and kurtosis by dot products, the fastest that NumPy has."""
    power = float(off @ off) / off.size
    rms, peak = power**0.5, float(max(off.max(), -off.min()))
    return rms, peak, peak / rms, float(square @ off) / off.size / rms**3, float(square @ square) / off.size / power**2


def fftw() -> Callable[[Array], Result]:
    """The same algebra as ours: one planned transform, Hann's window in the spectrum, a short envelope."""
    planned: dict[str, Any] = {"flags": ("FFTW_MEASURE",), "threads": 1}
    real, bins = pyfftw.empty_aligned(SAMPLES, "f4"), pyfftw.empty_aligned(HALF + 1, "c8")
    forward = pyfftw.FFTW(real, bins, **planned)
    band, analytic = pyfftw.empty_aligned(SHORT, "c8"), pyfftw.empty_aligned(SHORT, "c8")
    inverse = pyfftw.FFTW(band, analytic, direction="FFTW_BACKWARD", **planned)
    squared, lines = pyfftw.empty_aligned(SHORT, "f4"), pyfftw.empty_aligned(SHORT // 2 + 1, "c8")
    second = pyfftw.FFTW(squared, lines, **planned)
    band[:] = 0
    square, parts = np.empty(SAMPLES, np.float32), np.empty(2 * HALF + 2, np.float32)
    frequencies = FREQUENCIES.astype(np.float32)

    def hann(spectrum: Array) -> Array:
        out = 0.5 * spectrum
        out[1:-1] -= 0.25 * (spectrum[:-2] + spectrum[2:])
        out[0] -= 0.5 * spectrum[1].real
        out[-1] -= 0.5 * spectrum[-2].real
        return out

    def analyse(window: Array) -> Result:
        np.subtract(window, window.mean(), out=real)
        np.multiply(real, real, out=square)
        values = moments(real, square)
        forward.execute()
        bins[0] = 0
        flat = hann(bins).view(np.float32)
        np.multiply(flat, flat, out=parts)
        psd = np.add(parts[::2], parts[1::2])
        psd *= 4 / (3 * HALF**2 * BIN_HZ)
        psd[0] *= 0.5
        psd[-1] *= 0.5
        energies = np.add.reduceat(psd, EDGE_BINS)[:-1] * BIN_HZ
        centroid = float(frequencies @ psd) / float(psd[1:].sum())
        band[:WIDTH] = bins[FIRST : FIRST + WIDTH]
        inverse.execute()
        pairs = analytic.view(np.float32)
        np.multiply(pairs, pairs, out=pairs)
        np.add(pairs[::2], pairs[1::2], out=squared)
        second.execute()
        lines[0] = 0
        envelope = np.abs(hann(lines))
        envelope *= 4 / (SHORT * HALF**2)
        envelope[0] *= 0.5
        return Result(psd, energies, (*values, centroid), envelope)

    return analyse


def scipy_fft(window: Array) -> Result:
    """The definitions in float64 by scipy.fft: window, transform, mask, inverse transform."""
    off = window.astype(np.float64) - window.mean(dtype=np.float64)
    hann = _HANN
    psd = np.abs(scipy.fft.rfft(off * hann)) ** 2 * (2 / (RATE_HZ * _HANN_POWER))
    psd[[0, -1]] *= 0.5
    energies = np.add.reduceat(psd, EDGE_BINS)[:-1] * BIN_HZ
    centroid = float(FREQUENCIES @ psd / psd[1:].sum())
    bins = scipy.fft.rfft(off)
    whole = np.zeros(SAMPLES, np.complex128)
    whole[FIRST : FIRST + WIDTH] = 2 * bins[FIRST : FIRST + WIDTH]
    squared = np.abs(scipy.fft.ifft(whole)) ** 2
    envelope = np.abs(scipy.fft.rfft((squared - squared.mean()) * hann)) * (4 / SAMPLES)
    envelope[0] *= 0.5
    return Result(psd, energies, (*moments(off, off * off), centroid), envelope)


def scipy_signal() -> Callable[[Array], Result]:
    """What a user of SciPy writes: welch, a Butterworth band-pass, hilbert, and scipy.stats."""
    sections = signal.butter(4, ENVELOPE_HZ, "bandpass", fs=RATE_HZ, output="sos")

    def analyse(window: Array) -> Result:
        x = window.astype(np.float64)
        frequencies, psd = signal.welch(x, RATE_HZ, "hann", SAMPLES)
        energies = np.array(
            [psd[(frequencies >= low) & (frequencies < high)].sum() * BIN_HZ for low, high in pairwise(EDGES)]
        )
        rms, peak = float(x.std()), float(np.abs(x - x.mean()).max())
        values = rms, peak, peak / rms, float(stats.skew(x)), float(stats.kurtosis(x, fisher=False))
        centroid = float((frequencies * psd)[1:].sum() / psd[1:].sum())
        squared = np.abs(signal.hilbert(signal.sosfiltfilt(sections, x))) ** 2
        lines = signal.periodogram(squared, RATE_HZ, "hann", scaling="spectrum")[1]
        return Result(psd, energies, (*values, centroid), np.sqrt(2 * lines))

    return analyse


_HANN = signal.get_window("hann", SAMPLES)
_HANN_POWER = float(_HANN @ _HANN)


def difference(found: Result, expected: Result) -> float:
    """The largest difference, as a share of the largest value of its kind."""
    size = min(found.envelope.size, expected.envelope.size)
    pairs = [
        (found.psd, expected.psd),
        (found.bands, expected.bands),
        (np.array(found.scalars), np.array(expected.scalars)),
        (found.envelope[:size], expected.envelope[:size]),
    ]
    return max(float(np.abs(a - b).max() / np.abs(b).max()) for a, b in pairs)


def agree(found: Result, expected: Result, tolerance: float, name: str) -> None:
    """A comparison of what is not the same would say nothing."""
    if (off := difference(found, expected)) > tolerance:
        message = f"{name}: expected the float64 result within {tolerance}, got {off}"
        raise AssertionError(message)


def cases() -> list[Case]:
    """The one row of the feature set, and the transform beneath it."""
    window = np.random.default_rng(5).standard_normal(SAMPLES).astype(np.float32)
    analyser = WindowAnalyser(
        SAMPLES,
        RATE_HZ,
        bands_hz=np.stack([EDGES[:-1], EDGES[1:]], axis=1),
        envelope_hz=ENVELOPE_HZ,
    )
    transform, out = RealFft(SAMPLES), np.empty(HALF + 1, np.complex64)
    expected, lean, idiom = scipy_fft(window), fftw(), scipy_signal()
    agree(lean(window), expected, 1e-5, "pyfftw")
    # The idiom's band-pass has other flanks, so its envelope is its own; the rest is the same.
    agree(idiom(window)._replace(envelope=expected.envelope), expected, 1e-9, "scipy.signal")

    def ours() -> Result:
        a = analyser.analyse(window)
        scalars = a.rms, a.peak, a.crest, a.skewness, a.kurtosis, a.centroid_hz
        return Result(a.psd, a.band_energies, scalars, a.envelope)

    real, bins = pyfftw.empty_aligned(SAMPLES, "f4"), pyfftw.empty_aligned(HALF + 1, "c8")
    planned = pyfftw.FFTW(real, bins, flags=("FFTW_MEASURE",), threads=1)
    real[:] = window
    exact = np.fft.rfft(window.astype(np.float64))
    peers = (
        Peer("pyfftw, same algebra", lambda: lean(window), 1.8),
        Peer("scipy.fft, float64", lambda: scipy_fft(window), 6.0),
        Peer("scipy.signal idiom", lambda: idiom(window), 50.0),
    )
    return [
        Case(
            "vibration feature set of 8192 samples",
            lambda: analyser.analyse(window),
            peers,
            Limit("one real FFT (ours)", lambda: transform.forward(window, out), 3.0),
            lambda: difference(ours(), expected),
            "share of the largest value",
            window.nbytes,
        ),
        Case(
            "real FFT of 8192 samples",
            lambda: transform.forward(window, out),
            (
                Peer("pyfftw float32, planned", planned.execute),
                Peer("scipy.fft float32", lambda: scipy.fft.rfft(window)),
            ),
            None,
            lambda: float(np.abs(transform.forward(window) - exact).max() / np.linalg.norm(exact)),
            "share of the root of the sum of |X|²",
            window.nbytes,
        ),
    ]
