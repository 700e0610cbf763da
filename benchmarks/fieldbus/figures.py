"""Percentiles of times, and how they are written."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

NS_PER_MS = 1e6


def percentile_ms(times_ns: Iterable[float], percent: float) -> float:
    """A percentile of times in ns, as ms."""
    return float(np.percentile(np.fromiter(times_ns, float), percent)) / NS_PER_MS


def spread(times_ns: Iterable[float]) -> str:
    """Median, p99 and worst of times in ns, as people read them."""
    times = np.fromiter(times_ns, float) / NS_PER_MS
    median, high = np.percentile(times, (50, 99))
    return f"median {median:.2f} ms, p99 {high:.2f} ms, worst {times.max():.2f} ms"
