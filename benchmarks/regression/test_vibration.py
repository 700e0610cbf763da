"""The feature set of a window of 8192 samples."""

from typing import Any

import numpy as np

from cellctl.kernels.vibration import WindowAnalyser


def test_vibration(benchmark: Any) -> None:
    """Density, 32 bands, moments, centroid, flatness, velocity and envelope of one window."""
    edges = np.linspace(100, 12000, 33)
    analyser = WindowAnalyser(
        8192, 25600.0, bands_hz=np.stack([edges[:-1], edges[1:]], axis=1), envelope_hz=(2000.0, 4000.0)
    )
    benchmark(analyser.analyse, np.random.default_rng(1).standard_normal(8192).astype(np.float32))
