"""Order tracking of a second of vibration."""

from typing import Any

import numpy as np

from cellctl.kernels.orders import order_track


def test_orders(benchmark: Any) -> None:
    """25 600 samples of a shaft of 30 turns per second to 512 per turn."""
    samples = np.random.default_rng(1).standard_normal(25_600).astype(np.float32)
    benchmark(order_track, samples, 25_600.0, np.arange(30) / 30.0, 1, 512)
