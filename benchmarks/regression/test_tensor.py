"""Frame to model tensor, as a camera of 5 MP needs it."""

from __future__ import annotations

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from cellctl.kernels import TensorMaker


@pytest.mark.parametrize("columns", [2560, 2448])
def test_tensor(benchmark: BenchmarkFixture, columns: int) -> None:
    """2048 rows to 512 by 640 cells, at a whole ratio and at 3.825."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (2048, columns), np.uint8)
    maker = TensorMaker(rng.uniform(0.8, 1.4, pixels.shape).astype(np.float32), (512, 640), mean=110.0, std=42.0)
    benchmark(maker.make, pixels, np.empty((512, 640), np.float32))
