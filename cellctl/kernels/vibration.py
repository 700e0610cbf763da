"""Everything that is wanted of one window of vibration, in one call.

With the samples x, their mean m and d = x - m, all moments are those of the population; crest, skewness and kurtosis
are defined in cellctl/vibration/time_domain.py. Spectra are those of P. D. Welch, The use of the fast Fourier transform
for the estimation of power spectra (1967), under Hann's window.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import index
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cellctl._native import vibration as _native
from cellctl.kernels.fft import APART, MOST, SLOWEST_HZ, complex_table, is_length, real_table, work_space

Samples = npt.NDArray[np.float32]

FEWEST = 32
"""Samples of the shortest window and segment."""
FEWEST_ENVELOPE_BINS = 8
"""Bins that an envelope's band must hold: with fewer there is nothing to see in its spectrum."""


class Analysis(NamedTuple):
    """What a window says. U is the unit of the samples.

    Of a window that is not `finite` every number is NaN. Of one whose samples are all the same, spectra and energies
    are 0, and so are `rms`, `peak` and their like; ratios (crest, skewness, kurtosis, flatness) and the centroid are
    NaN. The arrays are the caller's: no later call changes them.

    Attributes:
        mean: mean of the samples, U.
        rms: root of mean(d²), U.
        peak: max|d|, U.
        peak_to_peak: max x - min x, U.
        crest: peak / rms.
        skewness: mean(d³) / rms³.
        kurtosis: mean(d⁴) / rms⁴.
        mean_abs: mean|d|, U.
        mean_root: mean(√|d|), √U.
        zero_crossings: changes of sign of d in the window; a d of exactly 0 belongs to the side it came from.
        centroid_hz: mean frequency, weighted by density, without bin 0.
        flatness: geometric over arithmetic mean of the density without bin 0: 1 for a flat one, towards 0 for lines.
            1e-19 of the arithmetic mean, or the smallest normal float32, is added to every bin.
        velocity_rms_mm_s: RMS of velocity in the band asked for, mm/s; NaN without one.
        finite: whether all samples were finite.
        psd: one-sided density, U²/Hz, shape (segment / 2 + 1,), float32. In a unit in which float32 does not hold it,
            it is 0 or infinite, and what follows from it is 0, infinite or NaN.
        band_energies: mean square in each band, U², shape (n,), float64.
        envelope: one-sided amplitude spectrum of the squared envelope |z|² without its mean, U², float32; of length 0
            without a band. z is the analytic signal of the band, so a sine of amplitude A has |z|² = A². Whitened, all
            lines of the band have amplitude 1, and the unit is 1.
    """

    mean: float
    rms: float
    peak: float
    peak_to_peak: float
    crest: float
    skewness: float
    kurtosis: float
    mean_abs: float
    mean_root: float
    zero_crossings: float
    centroid_hz: float
    flatness: float
    velocity_rms_mm_s: float
    finite: bool
    psd: Samples
    band_energies: npt.NDArray[np.float64]
    envelope: Samples


def third_octaves(low_hz: float, high_hz: float) -> npt.NDArray[np.float64]:
    """Edges of the third octaves whose centres lie from `low_hz` to `high_hz`, shape (n, 2), Hz.

    Base 10, as IEC 61260-1:2014: centres 1000 · 10^(m / 10) Hz, edges 10^(±1 / 20) beside them.
    """
    if not 0 < low_hz <= high_hz < np.inf:
        raise ValueError(f"third octaves: expected 0 < low_hz <= high_hz, got {low_hz} and {high_hz}")
    first, last = (10 * np.log10(edge / 1000) for edge in (low_hz, high_hz))
    centres = 1000 * 10 ** (np.arange(np.ceil(first - 1e-9), np.floor(last + 1e-9) + 1) / 10)
    return np.stack([centres * 10**-0.05, centres * 10**0.05], axis=1)


def segment_starts(samples: int, segment: int) -> npt.NDArray[np.int64]:
    """Where segments begin that cover a window evenly and overlap by half or more."""
    count = 1 + -(-(samples - segment) // (segment // 2))
    return np.round(np.linspace(0, samples - segment, count)).astype(np.int64)


class WindowAnalyser:
    """Analyses windows of one length; an instance belongs to one thread at a time, for it owns work space.

    A window of more than one segment is covered evenly by segments that overlap by half or more, and their spectra are
    averaged: the density as power, the envelope as amplitude.

    Args:
        samples: of a window, at least `FEWEST`.
        rate_hz: samples per second, from 1e-9 on.
        bands_hz: (low, high) of every band, shape (n, 2): bin k counts where low <= k · bin_hz < high, so that
            neighbours share none. None for no bands.
        velocity_hz: band of the RMS of velocity, both edges within; None where the samples are not an acceleration.
        envelope_hz: (low, high) of the envelope's band, both within, but neither 0 nor half the rate, which have no
            analytic signal: (0, rate_hz / 2) takes all others. None for no envelope.
        whiten: whether every bin of the envelope's band is divided by its magnitude first (cepstrum pre-whitening: P.
            Borghesani et al., Mechanical Systems and Signal Processing 36 (2013) 370). Bins below 1e-7 of the root of
            the sum of |X|² are rounding of float32 and count as 0.
        segment: samples of a segment, a power of two; the largest that fits if None.
        metres_per_s2: one unit of the samples, m/s².

    Attributes:
        bin_hz: distance of the bins of the density and of the envelope spectrum.

    Raises:
        ValueError: a value is not as stated, or a band holds no bin or reaches beyond half the rate.
    """

    def __init__(
        self,
        samples: int,
        rate_hz: float,
        *,
        bands_hz: npt.ArrayLike | None = None,
        velocity_hz: tuple[float, float] | None = (10.0, 1000.0),
        envelope_hz: tuple[float, float] | None = None,
        whiten: bool = False,
        segment: int | None = None,
        metres_per_s2: float = 1.0,
    ) -> None:
        samples = index(samples)
        if samples < FEWEST:
            raise ValueError(f"samples: expected at least {FEWEST}, got {samples}")
        if not (SLOWEST_HZ <= rate_hz < np.inf and 0 < metres_per_s2 < np.inf):
            raise ValueError(
                f"rate_hz, metres_per_s2: expected numbers above 0, the rate from {SLOWEST_HZ} on, "
                f"got {rate_hz} and {metres_per_s2}"
            )
        segment = min(1 << (samples.bit_length() - 1), MOST) if segment is None else index(segment)
        if not (is_length(segment) and FEWEST <= segment <= samples):
            raise ValueError(f"segment: expected a power of two from {FEWEST} to {samples}, got {segment}")
        self.samples, self.rate_hz, self.segment = samples, rate_hz, segment
        self.bin_hz = rate_hz / segment
        bands = self._bands(bands_hz)
        first, width = 0, 0
        if envelope_hz is not None:
            first, width = self._envelope_bins(envelope_hz)
        # Twice the band, so that no product of two of its bins is folded back onto another.
        short = max(32, 1 << (2 * width - 2).bit_length())
        self._sizes = segment // 2 + 1, len(bands), short // 2 + 1 if width else 0
        slow, weights = self._velocity_weights(velocity_hz, metres_per_s2)
        self._plan = _native.Plan(
            samples,
            complex_table(segment // 2),
            real_table(segment),
            segment_starts(samples, segment),
            self.bin_hz,
            bands,
            slow,
            weights,
            first,
            width,
            whiten,
            complex_table(short),
            complex_table(short // 2),
            real_table(short),
            work_space(self._work_size(short)),
        )

    def _bins(self, name: str, band: tuple[float, float], fewest: int) -> tuple[int, int]:
        """The first bin of a band and their number, both edges within."""
        low, high = band
        if not 0 < low < high <= self.rate_hz / 2:
            raise ValueError(f"{name}: expected 0 < low < high <= {self.rate_hz / 2} Hz, got {low} and {high}")
        first, last = int(np.ceil(low / self.bin_hz)), int(np.floor(high / self.bin_hz))
        if last - first + 1 < fewest:
            raise ValueError(
                f"{name}: expected a band of at least {fewest} bins of {self.bin_hz} Hz, got {low} to {high}"
            )
        return first, last - first + 1

    def _envelope_bins(self, band: tuple[float, float]) -> tuple[int, int]:
        """The first bin of the envelope's band and their number: what has an analytic signal."""
        low, high = band
        first, count = self._bins("envelope_hz", (self.bin_hz if low == 0 else low, high), FEWEST_ENVELOPE_BINS)
        return first, min(count, self.segment // 2 - first)

    def _bands(self, bands_hz: npt.ArrayLike | None) -> npt.NDArray[np.int64]:
        """First and end bin of every band."""
        edges = np.empty((0, 2)) if bands_hz is None else np.asarray(bands_hz, np.float64)
        if edges.ndim != 2 or edges.shape[1] != 2:
            raise ValueError(f"bands_hz: expected (low, high) pairs, shape (n, 2), got shape {edges.shape}")
        for low, high in edges:
            self._bins("bands_hz", (low, high), 1)
        bins = np.ceil(edges / self.bin_hz).astype(np.int64)
        if (bins[:, 0] >= bins[:, 1]).any():
            raise ValueError(f"bands_hz: expected bands of at least one bin of {self.bin_hz} Hz, got {edges.tolist()}")
        return bins

    def _velocity_weights(self, band: tuple[float, float] | None, metres_per_s2: float) -> tuple[int, Samples]:
        """The band's first bin and what makes the mean square of each, (m/s²)², that of velocity in (mm/s)²."""
        if band is None:
            return 0, np.array([np.nan], np.float32)
        first, count = self._bins("velocity_hz", band, 1)
        weights = (1000 * metres_per_s2 / (2 * np.pi * np.arange(first, first + count) * self.bin_hz)) ** 2
        return first, weights.astype(np.float32)

    def _work_size(self, short: int) -> int:
        """Floats of work space: the spectrum, what the larger of the two transforms takes, and the scaled samples."""
        half = self.segment // 2 + APART
        envelope = 2 * (short + APART) + max(4 * (short + APART), 6 * (short // 2 + APART))
        return 2 * half + max(4 * half, envelope) + self.samples

    def analyse(self, window: npt.NDArray[Any]) -> Analysis:
        """What one window says.

        Args:
            window: shape (samples,), float32; copied first when it is not contiguous. NaN and infinity: see `Analysis`.

        Raises:
            ValueError: shape or type is not as stated.
        """
        if window.shape != (self.samples,) or window.dtype != np.float32:
            raise ValueError(f"window: expected shape ({self.samples},) float32, got {window.shape} {window.dtype}")
        bins, bands, lines = self._sizes
        scalars, psd, energies = np.empty(13), np.empty(bins, np.float32), np.empty(bands)
        envelope = np.empty(lines, np.float32)
        self._plan.analyse(np.ascontiguousarray(window), scalars, psd, energies, envelope)
        values = scalars.tolist()
        return Analysis._make((*values, values[1] == values[1], psd, energies, envelope))


class StreamAnalyser:
    """Windows out of a stream: `window.samples` at a time, every `hop` samples, whatever the sizes of the chunks.

    It and its `window` belong to one thread at a time.

    Args:
        window: analyses the windows.
        hop: samples from one window's beginning to the next one's, from 1 to `window.samples`.
    """

    def __init__(self, window: WindowAnalyser, hop: int) -> None:
        hop = index(hop)
        if not 1 <= hop <= window.samples:
            raise ValueError(f"hop: expected 1 to {window.samples} samples, got {hop}")
        self.window, self.hop = window, hop
        self._held = np.empty(window.samples, np.float32)
        self._count = 0
        self._under_way = False

    def push(self, chunk: npt.NDArray[Any]) -> Iterator[Analysis]:
        """Take samples, shape (n,), float32, and yield what every window says that they complete.

        The iterator takes the samples as it goes: it must be used up before the next chunk.

        Raises:
            ValueError: shape or type is not as stated, or the iterator of the chunk before is not used up.
        """
        if chunk.ndim != 1 or chunk.dtype != np.float32:
            raise ValueError(f"chunk: expected one-dimensional float32, got {chunk.dtype} of shape {chunk.shape}")
        if self._under_way:
            raise ValueError("chunk: expected the iterator of the one before to be used up, got another chunk")
        self._under_way = True
        return self._windows(chunk)

    def _windows(self, chunk: npt.NDArray[Any]) -> Iterator[Analysis]:
        held, size = self._held, self.window.samples
        while len(chunk):
            part = chunk[: size - self._count]
            held[self._count : self._count + len(part)] = part
            self._count += len(part)
            chunk = chunk[len(part) :]
            if self._count == size:
                analysis = self.window.analyse(held)
                self._count = size - self.hop
                held[: self._count] = held[self.hop :].copy()
                yield analysis
        self._under_way = False
