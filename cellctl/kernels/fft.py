"""Fourier transform of real float32 samples, for lengths that are a power of two.

The form is Stockham's self-sorting one (W. T. Cochran et al., What is the fast Fourier transform?, 1967), with n real
samples taken as n / 2 complex ones. Why it is our own: docs/decisions/0015-an-fft-of-our-own.md.
"""

from __future__ import annotations

from functools import lru_cache
from operator import index
from typing import Any

import numpy as np
import numpy.typing as npt

from cellctl._native import fft as _fft

Samples = npt.NDArray[np.float32]
Spectrum = npt.NDArray[np.complex64]

FEWEST, MOST = 16, 1 << 24
"""Samples of the shortest and of the longest transform."""
SLOWEST_HZ = 1e-9
"""Slower signals are mistakes; with far slower ones, quotients of their rates overflow and places go astray."""


APART = 128
"""Values that work space has between two arrays, see native/fourier.pxd."""


def is_length(samples: int) -> bool:
    """Whether a transform of so many real samples exists."""
    return FEWEST <= samples <= MOST and samples & (samples - 1) == 0


def _turns(groups: int, radix: int) -> npt.NDArray[np.complex128]:
    """Twiddle factors of one pass, shape (groups, radix - 1)."""
    return np.asarray(np.exp(-2j * np.pi * np.outer(np.arange(groups), np.arange(1, radix)) / (groups * radix)))


def work_space(size: int) -> Samples:
    """So many floats that begin with a line of the cache: elsewhere, every other vector would lie on two lines."""
    lines = np.empty(size + 16, np.float32)
    first = -(lines.ctypes.data // 4) % 16
    return lines[first : first + size]


def _kept(parts: list[npt.NDArray[np.float64]]) -> Samples:
    """One table of the parts, float32."""
    table = work_space(sum(part.size for part in parts))
    np.concatenate(parts, out=table, casting="same_kind")
    table.flags.writeable = False
    return table


@lru_cache(maxsize=64)
def complex_table(size: int) -> Samples:
    """Twiddle factors of a complex transform of `size` values, in the order in which native/fourier.pxd reads them."""
    left = size // 8
    first = np.zeros((max(left, 8), 7), np.complex128)
    first[:left] = _turns(left, 8)
    blocks = first.reshape(-1, 8, 7).transpose(0, 2, 1)
    parts = [np.stack([blocks.real, blocks.imag], axis=2).ravel()]
    while left > 2:
        radix = 4 if left in (4, 16) else 8
        left //= radix
        turns = _turns(left, radix)
        parts.append(np.stack([turns.real, turns.imag], axis=2).ravel())
    return _kept(parts)


@lru_cache(maxsize=64)
def real_table(samples: int) -> Samples:
    """What takes `samples / 2` complex bins apart into those of real samples: shape (samples / 2,), see the kernel."""
    turns = np.exp(-2j * np.pi * np.arange(samples // 4) / samples) / 2
    return _kept([turns.real, turns.imag])


class RealFft:
    """The transform of windows of one length; an instance belongs to one thread at a time, for it owns work space.

    Args:
        samples: of a window: a power of two from `FEWEST` to `MOST`.
    """

    def __init__(self, samples: int) -> None:
        if not is_length(samples):
            message = f"samples: expected a power of two from {FEWEST} to {MOST}, got {samples}"
            raise ValueError(message)
        self.samples = samples = index(samples)  # a NumPy number of few bits would make the work space too small
        self._tables = complex_table(samples // 2), real_table(samples)
        self._work = work_space(6 * (samples // 2 + APART))

    def forward(self, window: npt.NDArray[Any], out: Spectrum | None = None) -> Spectrum:
        """The bins 0 .. samples / 2 of X(k) = sum over n of x(n) exp(-2 pi i k n / samples).

        Args:
            window: shape (samples,), float32. NaN or infinity makes bins not finite, never an error.
            out: where the result goes, shape (samples / 2 + 1,), complex64, contiguous; a new array without.

        Errors are below 1e-7 of the root of the sum of |X|².
        """
        if window.shape != (self.samples,) or window.dtype != np.float32:
            message = f"window: expected shape ({self.samples},) float32, got {window.shape} {window.dtype}"
            raise ValueError(message)
        bins = self.samples // 2 + 1
        if out is None:
            out = np.empty(bins, dtype=np.complex64)
        elif out.shape != (bins,) or out.dtype != np.complex64 or not out.flags.c_contiguous:
            message = f"out: expected shape ({bins},) complex64, contiguous, got {out.shape} {out.dtype}"
            raise ValueError(message)
        _fft.forward(np.ascontiguousarray(window), out.view(np.float32), self._work, *self._tables)
        return out
