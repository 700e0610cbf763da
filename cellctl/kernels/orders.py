"""Order tracking: a signal at equal steps of the angle of a shaft instead of equal steps of time."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from cellctl._native import resample as _native
from cellctl.kernels.fft import SLOWEST_HZ
from cellctl.kernels.frames import check_range

_ZEROS = 16
"""Zero crossings of the sinc on each side: how many samples one value is made of, twice."""
_PER_ZERO = 512
"""Table entries per zero crossing: linear interpolation between them errs by less than 2e-6."""
_KAISER_BETA = 9.0
"""Shape of the Kaiser window: the stop band lies 90 dB below."""
_CUT = 0.82
"""Middle of the transition as a share of half the output rate; at that half the stop band has begun."""
_MOST = 2**31 - 1
"""More pulses or samples of a turn than anybody has."""


def _make_table() -> npt.NDArray[np.float32]:
    at = np.arange(_ZEROS * _PER_ZERO + 1) / _PER_ZERO
    window = np.i0(_KAISER_BETA * np.sqrt(1.0 - (at / _ZEROS) ** 2)) / np.i0(_KAISER_BETA)
    return np.append(np.sinc(at) * window, 0.0).astype(np.float32)  # one entry more to interpolate towards


_TABLE = _make_table()


def order_track(
    samples: npt.NDArray[np.float32],
    rate_hz: float,
    pulses_s: npt.NDArray[np.float64],
    pulses_per_turn: int,
    samples_per_turn: int,
) -> npt.NDArray[np.float32]:
    """The signal at `samples_per_turn` equal angles of every turn, from a tachometer's first pulse to its last.

    Between pulses, time is a monotone cubic of the angle (Catmull-Rom slopes, bounded as F. N. Fritsch and R. E.
    Carlson, SIAM J. Numer. Anal. 17 (1980) 238, have it). Values are interpolated by a sinc of 16 zero crossings to
    each side under a Kaiser window. Anti-aliasing: what lies above half the rate of the output, which is
    `samples_per_turn / 2` orders, is 80 dB down; up to 0.64 of it nothing is taken away. Where the output is faster
    than the input, signals up to 0.41 of `rate_hz` are kept as they are.

    Args:
        samples: shape (n,), n ≥ 1, float32, any strides. A NaN or infinity makes the values NaN or infinite that it
            reaches, 16 samples or steps of the output to each side, and no others.
        rate_hz: samples per second, from 1e-9 on.
        pulses_s: times of the pulses, seconds after the first sample, shape (p,), p ≥ 2, float64, rising, within the
            samples: 0 to (n − 1) / rate_hz.
        pulses_per_turn: pulses of one turn, equally far apart.
        samples_per_turn: values of one turn.

    Returns:
        Shape ((p − 1) · samples_per_turn // pulses_per_turn,), float32; value i lies i / samples_per_turn turns after
        the first pulse. Empty when the pulses cover less than one step.

    Raises:
        ValueError: a shape, type or size is not as stated.
    """
    _check(samples, rate_hz, pulses_s, pulses_per_turn, samples_per_turn)
    count = (pulses_s.size - 1) * int(samples_per_turn) // int(pulses_per_turn)
    pulses = np.asarray(np.arange(count + 1) * (pulses_per_turn / samples_per_turn), np.float64)
    places = _times(pulses_s, pulses) * rate_hz
    steps = np.diff(places)
    out = np.empty(count, np.float32)
    stretches = np.minimum(1.0, _CUT / np.maximum(steps, 1e-9))
    _native.resample(np.ascontiguousarray(samples), places[:count], stretches, _TABLE, _PER_ZERO, out)
    return out


def _times(pulses_s: npt.NDArray[np.float64], at: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Times of places between pulses, counted in pulses from the first, not beyond the last."""
    gaps = np.diff(pulses_s)
    inner = np.minimum((gaps[:-1] + gaps[1:]) / 2.0, 3.0 * np.minimum(gaps[:-1], gaps[1:]))
    slopes = np.concatenate((_end_slope(gaps), inner, _end_slope(gaps[::-1])))
    number = np.minimum(at.astype(np.intp), gaps.size - 1)
    part = at - number
    # Hermite form: the straight line between two pulses, and what their slopes differ from it.
    left, right = slopes[number] - gaps[number], slopes[number + 1] - gaps[number]
    bend = part * (1.0 - part) * (left * (1.0 - part) - right * part)
    return np.asarray(pulses_s[number] + gaps[number] * part + bend)


def _end_slope(gaps: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Slope at the end that comes first: of the parabola through three pulses, kept monotone."""
    slope = 1.5 * gaps[:1] - 0.5 * gaps[1:2] if gaps.size > 1 else gaps[:1]
    return np.clip(slope, 0.0, 3.0 * gaps[:1])


def _check(
    samples: npt.NDArray[np.float32],
    rate_hz: float,
    pulses_s: npt.NDArray[np.float64],
    pulses_per_turn: int,
    samples_per_turn: int,
) -> None:
    if samples.ndim != 1 or samples.dtype != np.float32 or not samples.size:
        raise ValueError(f"samples: expected float32 of shape (n,), n ≥ 1, got {samples.dtype} of {samples.shape}")
    if not SLOWEST_HZ <= rate_hz < math.inf:
        raise ValueError(f"rate_hz: expected a finite rate of at least {SLOWEST_HZ}, got {rate_hz}")
    check_range("pulses_per_turn", pulses_per_turn, 1, _MOST)
    check_range("samples_per_turn", samples_per_turn, 1, _MOST)
    if pulses_s.ndim != 1 or pulses_s.dtype != np.float64 or pulses_s.size < 2:
        raise ValueError(f"pulses_s: expected float64 of shape (p,), p ≥ 2, got {pulses_s.dtype} of {pulses_s.shape}")
    if not np.all(np.diff(pulses_s) > 0.0):
        raise ValueError("pulses_s: expected finite times that rise, got others")
    last_s = (samples.size - 1) / rate_hz
    if not 0.0 <= pulses_s[0] <= pulses_s[-1] <= last_s * (1.0 + 1e-12):
        raise ValueError(f"pulses_s: expected times from 0 to {last_s:g} s, got {pulses_s[0]:g} to {pulses_s[-1]:g} s")
