"""Order tracking against a cubic spline, which has no filter against aliasing."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import CubicSpline

from benchmarks.peers.case import Case, Peer
from cellctl.kernels.orders import order_track

RATE_HZ, SHAFT_HZ, TURNS, PER_TURN, ORDER = 25_600.0, 30.0, 29, 512, 40.0


def cases() -> list[Case]:
    """A second of vibration of a steady shaft to 512 samples per turn."""
    time_s = np.arange(round(RATE_HZ)) / RATE_HZ
    samples = np.cos(2 * np.pi * ORDER * SHAFT_HZ * time_s).astype(np.float32)
    pulses_s = np.arange(TURNS + 1) / SHAFT_HZ
    turns = np.arange(TURNS * PER_TURN) / PER_TURN
    expected = np.cos(2 * np.pi * ORDER * turns)

    def ours() -> np.ndarray:
        return order_track(samples, RATE_HZ, pulses_s, 1, PER_TURN)

    def spline() -> np.ndarray:
        at_s = CubicSpline(np.arange(TURNS + 1), pulses_s)(turns)
        return np.asarray(CubicSpline(time_s, samples)(at_s), np.float32)

    def error() -> float:
        # The reach of the filter at both ends sees samples that are not there.
        inner = slice(PER_TURN, -PER_TURN)
        if np.abs(spline() - expected)[inner].max() > 1e-2:
            raise ValueError("spline: expected the same values as by definition, within 1e-2")
        return float(np.abs(ours() - expected)[inner].max())

    return [
        Case(
            f"order tracking, {time_s.size} samples to {turns.size}", ours, (Peer("scipy CubicSpline", spline),), None,
            error, "share of the peak",
        )
    ]  # fmt: skip
