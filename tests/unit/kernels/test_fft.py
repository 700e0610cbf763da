"""The real Fourier transform against NumPy's in float64."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellctl.kernels.fft import MOST, RealFft

TOLERANCE = 1e-7
"""Of the root of the sum of |X|²: what float32 leaves of a transform."""

LENGTHS = [1 << exponent for exponent in range(4, 18)]


def noise(samples: int, seed: int = 1) -> Any:
    """Normal noise, float32."""
    return np.random.default_rng(seed).standard_normal(samples).astype(np.float32)


@pytest.mark.parametrize("samples", LENGTHS)
def test_every_length_agrees_with_float64(samples: int) -> None:
    """Every power of two from 16 to 131072, so every mixture of passes, gives NumPy's bins."""
    window = noise(samples)
    expected = np.fft.rfft(window.astype(np.float64))
    assert np.abs(RealFft(samples).forward(window) - expected).max() < TOLERANCE * np.linalg.norm(expected)


@given(st.sampled_from(LENGTHS[:8]), st.integers(0, 1 << 30))
def test_power_is_conserved(samples: int, seed: int) -> None:
    """Parseval: the one-sided sum of |X|² is `samples` times the sum of squares."""
    window = noise(samples, seed)
    power = np.abs(RealFft(samples).forward(window).astype(np.complex128)) ** 2
    assert 2 * power.sum() - power[0] - power[-1] == pytest.approx(
        samples * (window.astype(np.float64) ** 2).sum(), rel=1e-5
    )


@pytest.mark.parametrize("step", [-2, -1, 2, 3])
def test_any_stride_gives_the_same_bits(step: int) -> None:
    """A window that is not contiguous is transformed as its copy is."""
    long = noise(3 * 64)
    window = long[::step][:64]
    np.testing.assert_array_equal(RealFft(64).forward(window), RealFft(64).forward(window.copy()))


@pytest.mark.parametrize("offset", range(1, 9))
def test_place_in_memory_does_not_matter(offset: int) -> None:
    """The bits are the same wherever the window begins."""
    window = noise(1024)
    moved = np.empty(1024 + offset, np.float32)[offset:]
    moved[:] = window
    np.testing.assert_array_equal(RealFft(1024).forward(moved), RealFft(1024).forward(window))


def test_zeros_give_zeros() -> None:
    """Nothing in, nothing out."""
    assert not RealFft(32).forward(np.zeros(32, np.float32)).any()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_shows(bad: float) -> None:
    """One NaN or infinity makes bins NaN, without an error."""
    window = noise(64)
    window[7] = bad
    assert not np.isfinite(RealFft(64).forward(window)).all()


def test_transforms_in_threads_do_not_disturb_each_other() -> None:
    """Instances share their tables only: two threads give what one gives."""
    windows = [noise(4096, seed) for seed in range(40)]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda window: RealFft(4096).forward(window), windows))
    np.testing.assert_array_equal(found, [RealFft(4096).forward(window) for window in windows])


@pytest.mark.parametrize("samples", [-16, 0, 1, 8, 17, 48, 2 * MOST])
def test_other_lengths_are_refused(samples: int) -> None:
    """Only powers of two within the stated range have a transform."""
    with pytest.raises(ValueError, match="expected a power of two from 16"):
        RealFft(samples)


def test_wrong_arrays_are_refused() -> None:
    """Shapes and types that do not fit are named, for the window and for `out`."""
    transform = RealFft(16)
    with pytest.raises(ValueError, match=r"window: expected shape \(16,\) float32, got \(15,\)"):
        transform.forward(noise(15))
    with pytest.raises(ValueError, match=r"window: .*float64"):
        transform.forward(np.zeros(16))
    with pytest.raises(ValueError, match=r"out: expected shape \(9,\) complex64"):
        transform.forward(noise(16), np.empty(8, np.complex64))


@pytest.mark.parametrize("samples", [np.uint8(128), np.uint16(32768), np.int16(16384)])
def test_numpy_numbers_of_few_bits(samples: Any) -> None:
    """Work space is as large as for a Python number: sizes made of few bits would wrap."""
    assert len(RealFft(samples)._work) == len(RealFft(int(samples))._work)
