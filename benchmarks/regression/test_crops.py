"""A batch of crops out of a frame of 5 MP."""

from __future__ import annotations

import numpy as np
from pytest_benchmark.fixture import BenchmarkFixture

from cellctl.kernels import crop_regions


def test_crops(benchmark: BenchmarkFixture) -> None:
    """64 regions of 20 to 300 px to 64 by 64 cells."""
    rng = np.random.default_rng(0)
    pixels, gain = rng.integers(0, 256, (2048, 2560), np.uint8), np.ones(2560, np.float32)
    corners, sides = rng.uniform(0, 1700, (64, 2)), rng.uniform(20, 300, (64, 2))
    boxes = np.concatenate([corners, corners + sides], axis=1).astype(np.float32)
    benchmark(crop_regions, pixels, gain, boxes, (64, 64), out=np.empty((64, 64, 64), np.float32))
