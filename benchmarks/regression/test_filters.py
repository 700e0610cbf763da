"""The pace of filters on a frame of 5 MP."""

from __future__ import annotations

import numpy as np
from pytest_benchmark.fixture import BenchmarkFixture

from cellctl.kernels import edge_profile, local_threshold, sobel_magnitude


def test_sobel(benchmark: BenchmarkFixture) -> None:
    """Sobel magnitude of 2560 by 2048 pixels."""
    pixels = np.random.default_rng(0).integers(0, 256, (2048, 2560), np.uint8)
    benchmark(sobel_magnitude, pixels, np.empty(pixels.shape, np.uint16))


def test_local_threshold(benchmark: BenchmarkFixture) -> None:
    """Local threshold with a window of 31 by 31 on 2560 by 2048 pixels."""
    pixels = np.random.default_rng(0).integers(0, 256, (2048, 2560), np.uint8)
    benchmark(local_threshold, pixels, 31, 8, np.empty_like(pixels))


def test_edge_profile(benchmark: BenchmarkFixture) -> None:
    """The edge in each of 2048 lines, looked for in 48 columns."""
    pixels = np.random.default_rng(0).integers(60, 70, (2048, 2560), np.uint8)
    pixels[:, 1280:] += 100
    benchmark(edge_profile, pixels, 1280.0, 24.0, 30.0, rising=True)
