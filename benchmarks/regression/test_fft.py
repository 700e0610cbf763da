"""The real Fourier transform of 8192 samples."""

from typing import Any

import numpy as np

from cellctl.kernels.fft import RealFft


def test_fft(benchmark: Any) -> None:
    """One window of a vibration sensor."""
    transform, out = RealFft(8192), np.empty(4097, np.complex64)
    benchmark(transform.forward, np.random.default_rng(1).standard_normal(8192).astype(np.float32), out)
