"""Patches against a NumPy reference, over shapes, places and layouts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellctl.kernels.crops import Patch, cut_patches


def reference_patch(pixels: Any, gain: Any, corner: Any, patch: Patch) -> Any:
    """The definition: mean of `p · gain - 1` over the pixels of a cell that lie in the block."""
    contrast = pixels * gain.astype(np.float64) - 1.0
    out = np.zeros((patch.rows, patch.columns))
    for i in range(patch.rows):
        for j in range(patch.columns):
            y, x = corner[0] + i * patch.cell_rows, corner[1] + j * patch.cell_columns
            cell = contrast[max(y, 0) : max(y + patch.cell_rows, 0), max(x, 0) : max(x + patch.cell_columns, 0)]
            out[i, j] = cell.mean() if cell.size else 0.0
    return out


@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.tuples(st.integers(1, 24), st.integers(1, 24)),
    patch=st.builds(Patch, *[st.integers(1, 6)] * 4),
    centre=st.tuples(st.floats(-40, 40), st.floats(-40, 40)),
)
def test_equals_the_reference_anywhere(seed, shape, patch, centre):
    """Any block, patch and centre, inside or outside of the block, gives the reference's means."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, shape, dtype=np.uint8)
    gain = rng.uniform(1 / 200, 1 / 40, shape[1]).astype(np.float32)
    size = np.array([patch.rows * patch.cell_rows, patch.columns * patch.cell_columns])
    corner = np.floor(np.array(centre) - size / 2 + 0.5).astype(int)
    got = cut_patches(pixels, gain, np.array([centre]), patch)
    np.testing.assert_allclose(got[0], reference_patch(pixels, gain, corner, patch), atol=1e-5)


def test_the_reference_itself_is_zero():
    """A block that equals its reference has no contrast, whatever the reference's profile."""
    profile = np.linspace(40, 200, 64).astype(np.uint8)
    pixels = np.tile(profile, (48, 1))
    got = cut_patches(pixels, (1 / profile).astype(np.float32), np.array([[24.0, 32.0]]), Patch(8, 8, 6, 1))
    np.testing.assert_allclose(got, 0.0, atol=1e-6)


def test_a_shifted_centre_is_another_patch():
    """Negative control for the reference test: one pixel aside gives other values."""
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40), dtype=np.uint8)
    gain = np.full(40, 1 / 128, np.float32)
    here, there = cut_patches(pixels, gain, np.array([[20.0, 20.0], [20.0, 21.0]]), Patch(4, 4, 2, 2))
    assert not np.allclose(here, there)


def test_a_strided_block_is_read_right():
    """A non-contiguous view gives what its copy gives."""
    whole = np.random.default_rng(1).integers(0, 256, (64, 64), dtype=np.uint8)
    view, gain = whole[::2, 1::2], np.full(32, 1 / 99, np.float32)
    centres = np.array([[16.0, 16.0]])
    assert np.array_equal(
        cut_patches(view, gain, centres, Patch(4, 4, 3, 2)),
        cut_patches(view.copy(), gain, centres, Patch(4, 4, 3, 2)),
    )


def test_no_centres_give_an_empty_batch():
    """Nothing to cut is a batch of none."""
    batch = cut_patches(np.zeros((4, 4), np.uint8), np.ones(4, np.float32), np.empty((0, 2)), Patch(8, 8, 1, 1))
    assert batch.shape == (0, 8, 8)


def test_an_empty_block_shows_nothing():
    """A block without lines gives patches of zeroes."""
    batch = cut_patches(np.zeros((0, 4), np.uint8), np.ones(4, np.float32), np.zeros((1, 2)), Patch(2, 2, 1, 1))
    assert not batch.any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pixels": np.zeros((4, 4), np.int16)}, "pixels: expected"),
        ({"pixels": np.zeros(4, np.uint8)}, "pixels: expected"),
        ({"gain": np.ones(5, np.float32)}, "gain: expected"),
        ({"gain": np.ones(4, np.float64)}, "gain: expected"),
        ({"centres": np.zeros((1, 3))}, "centres: expected"),
        ({"centres": np.array([[np.nan, 0.0]])}, "centres: expected"),
        ({"patch": Patch(0, 1, 1, 1)}, "patch: expected"),
    ],
)
def test_wrong_arguments_are_named(change, message):
    """A wrong shape, type or size is refused with the name of the argument."""
    arguments = {
        "pixels": np.zeros((4, 4), np.uint8),
        "gain": np.ones(4, np.float32),
        "centres": np.zeros((1, 2)),
        "patch": Patch(2, 2, 1, 1),
    }
    with pytest.raises(ValueError, match=message):
        cut_patches(**(arguments | change))
