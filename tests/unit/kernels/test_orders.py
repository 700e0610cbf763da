"""Order tracking against float64 references, and on a run-up whose orders are known."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import CubicHermiteSpline

from cellctl.kernels.orders import _end_slope, _times, order_track

RATE_HZ = 2000.0


def steady(order: float, samples_per_turn: int, hz: float = 25.0, turns: int = 40) -> tuple[Any, Any]:
    """What is tracked of a cosine at one order of a steady shaft, and the same by its definition."""
    t = np.arange(round(RATE_HZ * (turns + 2) / hz)) / RATE_HZ
    pulses_s: Any = (1.0 + np.arange(turns + 1)) / hz
    found = order_track(np.cos(2 * np.pi * order * hz * t).astype(np.float32), RATE_HZ, pulses_s, 1, samples_per_turn)
    return found, np.cos(2 * np.pi * order * (1.0 + np.arange(turns * samples_per_turn) / samples_per_turn))


def run_up(pulses_per_turn: int, seconds: float = 10.0) -> tuple[np.ndarray, np.ndarray]:
    """A chirp from 10 to 40 Hz at order 1, and its pulses."""
    t = np.arange(round(seconds * RATE_HZ) + 1) / RATE_HZ
    slope = 30.0 / seconds
    samples = np.sin(2 * np.pi * (10.0 * t + slope * t * t / 2.0)).astype(np.float32)
    turns = np.arange(math.floor((10.0 * seconds + slope * seconds**2 / 2.0) * pulses_per_turn) + 1) / pulses_per_turn
    return samples, (np.sqrt(100.0 + 2.0 * slope * turns) - 10.0) / slope


@pytest.mark.parametrize("pulses_per_turn", [1, 4, 60])
def test_a_run_up_is_one_line(pulses_per_turn: int):
    """10 to 40 Hz in 10 s: all power at order 1; outside of it and its neighbours less than 1e-6 (−60 dB)."""
    samples, pulses_s = run_up(pulses_per_turn)
    turns = 248
    tracked = order_track(samples, RATE_HZ, pulses_s, pulses_per_turn, 64).astype(np.float64)[: turns * 64]
    power = np.abs(np.fft.rfft(tracked * np.hanning(tracked.size + 1)[:-1])) ** 2
    assert int(power.argmax()) == turns
    line = power[turns - 2 : turns + 3].sum()
    assert (power.sum() - line) / line < 1e-6


def test_without_tracking_a_run_up_is_no_line():
    """Negative control: the same samples by time spread over all of 10 to 40 Hz."""
    samples, _ = run_up(1)
    power = np.abs(np.fft.rfft(samples.astype(np.float64) * np.hanning(samples.size))) ** 2
    place = int(power.argmax())
    assert power[place - 2 : place + 3].sum() < 0.2 * power.sum()


@pytest.mark.parametrize(("order", "samples_per_turn"), [(1.0, 200), (7.5, 160), (30.0, 400), (5.0, 20), (6.0, 20)])
def test_what_is_below_the_filter_is_kept(order: float, samples_per_turn: int):
    """A cosine within the pass band comes out within 1e-4 of its definition, with more or fewer samples than before."""
    found, expected = steady(order, samples_per_turn)
    np.testing.assert_allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize("order", [10.0, 11.0, 17.3, 30.0])
def test_what_would_alias_is_taken_away(order: float):
    """Of 20 samples per turn orders from 10 on cannot be told from lower ones: 80 dB down."""
    found, _ = steady(order, 20)
    assert np.abs(found).max() < 1e-4


@given(st.integers(0, 2**32 - 1), st.integers(2, 40))
def test_times_are_a_monotone_cubic(seed: int, count: int):
    """SciPy's Hermite spline with the same slopes gives the same times, and they rise whatever the gaps are."""
    gaps = 10.0 ** np.random.default_rng(seed).uniform(-3.0, 0.0, count - 1)
    pulses_s = np.concatenate(([0.0], np.cumsum(gaps)))
    inner = np.minimum((gaps[:-1] + gaps[1:]) / 2.0, 3.0 * np.minimum(gaps[:-1], gaps[1:]))
    slopes = np.concatenate((_end_slope(gaps), inner, _end_slope(gaps[::-1])))
    at: Any = np.linspace(0.0, count - 1.0, 20 * count)
    found = _times(pulses_s, at)
    np.testing.assert_allclose(found, CubicHermiteSpline(np.arange(count), pulses_s, slopes)(at), rtol=1e-9, atol=1e-12)
    assert np.all(np.diff(found) >= -1e-12)


def reference(samples: np.ndarray, places: np.ndarray, stretches: np.ndarray) -> np.ndarray:
    """The definition: neighbours weighted by a stretched sinc under a Kaiser window, over the sum of the weights."""
    out = np.empty(places.size)
    for i, (place, stretch) in enumerate(zip(places, stretches, strict=True)):
        away = (np.arange(samples.size) - place) * stretch
        weights = np.where(
            np.abs(away) <= 16.0,
            np.sinc(away) * np.i0(9.0 * np.sqrt(np.maximum(0.0, 1.0 - (away / 16.0) ** 2))) / np.i0(9.0), 0.0,
        )  # fmt: skip
        out[i] = (weights * samples).sum() / weights.sum()
    return out


@given(
    seed=st.integers(0, 2**32 - 1), n=st.integers(2, 300), pulses=st.integers(2, 6), pulses_per_turn=st.integers(1, 3),
    samples_per_turn=st.integers(1, 50), stride=st.integers(1, 3),
)  # fmt: skip
def test_equals_the_definition(
    seed: int, n: int, pulses: int, pulses_per_turn: int, samples_per_turn: int, stride: int
):
    """Any length, stride and speed: within 2e-5 of the largest sample."""
    rng = np.random.default_rng(seed)
    samples = rng.normal(size=n * stride).astype(np.float32)[::stride]
    pulses_s = np.cumsum(rng.uniform(0.2, 1.0, pulses))
    pulses_s *= (n - 1) / RATE_HZ / pulses_s[-1]
    found = order_track(samples, RATE_HZ, pulses_s, pulses_per_turn, samples_per_turn)
    count = (pulses - 1) * samples_per_turn // pulses_per_turn
    at: Any = np.arange(count + 1) * (pulses_per_turn / samples_per_turn)
    places = _times(pulses_s, at) * RATE_HZ
    stretches = np.minimum(1.0, 0.82 / np.maximum(np.diff(places), 1e-9))
    assert (found.shape, found.dtype) == ((count,), np.float32)
    expected = reference(samples.astype(np.float64), places[:count], stretches)
    np.testing.assert_allclose(found, expected, atol=2e-5 * max(1.0, float(np.abs(samples).max())))


@pytest.mark.parametrize("value", [0.0, 1.0, -2.5, float(np.finfo(np.float32).max) / 64])
def test_a_constant_stays_what_it_is(value: float):
    """Also at the ends of the signal, and at the largest values."""
    found = order_track(np.full(500, value, np.float32), RATE_HZ, np.linspace(0.0, 499 / RATE_HZ, 9), 1, 30)
    np.testing.assert_allclose(found, value, rtol=1e-5)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_stays_where_it_is(value: float):
    """One bad sample: its surroundings of 16 samples are not finite, all else is as without it."""
    samples = np.random.default_rng(1).normal(size=1000).astype(np.float32)
    pulses_s = np.arange(10) / 20.0
    sound = order_track(samples, RATE_HZ, pulses_s, 1, 200)
    samples[500] = value
    found = order_track(samples, RATE_HZ, pulses_s, 1, 200)
    places = np.arange(found.size) / 2.0
    np.testing.assert_array_equal(np.isfinite(found), np.isfinite(found) | (np.abs(places - 500.0) > 17.0))
    assert not np.isfinite(found[np.abs(places - 500.0) < 15.0]).any()
    far = np.abs(places - 500.0) > 17.0
    np.testing.assert_array_equal(found[far], sound[far])


def test_threads_do_not_disturb_each_other():
    """Eight at a time give the same bits as one after the other."""
    samples, pulses_s = run_up(1, 2.0)
    alone = order_track(samples, RATE_HZ, pulses_s, 1, 64)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: order_track(samples, RATE_HZ, pulses_s, 1, 64), range(16)):
            np.testing.assert_array_equal(found, alone)


def test_less_than_a_step_is_empty():
    """Two pulses of sixty, one sample per turn: nothing yet."""
    assert order_track(np.zeros(100, np.float32), RATE_HZ, np.array([0.0, 0.01]), 60, 1).shape == (0,)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"samples": np.zeros(100)}, "samples: expected float32"),
        ({"samples": np.zeros(0, np.float32)}, "samples: expected float32"),
        ({"rate_hz": 0.0}, "rate_hz: expected"),
        ({"rate_hz": math.nan}, "rate_hz: expected"),
        ({"pulses_s": np.array([0.0])}, "pulses_s: expected float64"),
        ({"pulses_s": np.array([0.0, 0.0])}, "that rise"),
        ({"pulses_s": np.array([0.0, math.nan])}, "that rise"),
        ({"pulses_s": np.array([0.0, 1.0])}, "expected times from 0 to"),
        ({"pulses_s": np.array([-0.01, 0.01])}, "expected times from 0 to"),
        ({"pulses_per_turn": 0}, "expected a whole number from 1"),
        ({"samples_per_turn": 0}, "expected a whole number from 1"),
    ],
)
def test_wrong_arguments_are_named(change: dict, message: str):
    """A wrong shape, type or size is refused with the name of the argument."""
    arguments = {
        "samples": np.zeros(100, np.float32), "rate_hz": RATE_HZ, "pulses_s": np.array([0.0, 0.02]),
        "pulses_per_turn": 1, "samples_per_turn": 10,
    }  # fmt: skip
    with pytest.raises(ValueError, match=message):
        order_track(**(arguments | change))


@pytest.mark.parametrize("rate_hz", [1e-310, 1e-305])
def test_rates_whose_times_overflow_are_refused(rate_hz: float) -> None:
    """A rate so low that the times of the pulses overflow is refused before places are made of them."""
    with pytest.raises(ValueError, match="rate_hz: expected"):
        order_track(np.zeros(100, np.float32), rate_hz, np.array([0.0, 1.0, 1.7e308]), 1, 8)
