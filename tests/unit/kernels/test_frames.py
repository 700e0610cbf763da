"""What the faces of the frame kernels refuse alike: places for the result and normalisations that cannot work."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cellctl.kernels import TensorMaker, crop_regions, edge_profile, local_threshold, sobel_magnitude

GAIN = np.ones(16, np.float32)


def results(memory: Any, into: Any) -> list[Any]:
    """Every kernel that writes where it is told, as a call: the frame in `memory`, the result in `into`."""
    frame, boxes = memory[:256].reshape(16, 16), np.array([[0.0, 0.0, 16.0, 16.0]])
    return [
        lambda: sobel_magnitude(frame, into[:512].view(np.uint16).reshape(16, 16)),
        lambda: local_threshold(frame, 3, out=into[:256].reshape(16, 16)),
        lambda: edge_profile(frame, 8.0, 2.0, 1.0, rising=True, out=into[:64].view(np.float32)),
        lambda: crop_regions(frame, GAIN, boxes, (2, 2), out=into[:16].view(np.float32).reshape(1, 2, 2)),
        lambda: TensorMaker(GAIN, (2, 2), rows=16).make(frame, into[:16].view(np.float32).reshape(2, 2)),
    ]


@pytest.mark.parametrize("kernel", range(5))
def test_out_must_be_other_memory_that_can_be_written(kernel: int) -> None:
    """A result over the pixels it is made of would be wrong, so it is refused; read-only memory likewise."""
    memory, locked = np.zeros(512, np.uint8), np.zeros(512, np.uint8)
    locked.flags.writeable = False
    results(memory, np.zeros(512, np.uint8))[kernel]()
    for into in (memory, locked):
        with pytest.raises(ValueError, match="out: expected writable memory apart from what is read"):
            results(memory, into)[kernel]()


@pytest.mark.parametrize(("mean", "std"), [(0, 1e-46), (1e39, 1e39), (1e38, 1e-5), (np.nan, 1), (0, np.nan)])
def test_a_normalisation_that_float32_does_not_hold(mean: float, std: float) -> None:
    """It is refused where it would silently make infinities or NaN of every pixel."""
    with pytest.raises(ValueError, match="mean, std: expected"):
        TensorMaker(GAIN, (2, 2), rows=16, mean=mean, std=std)
    with pytest.raises(ValueError, match="mean, std: expected"):
        crop_regions(np.zeros((16, 16), np.uint8), GAIN, np.array([[0.0, 0, 4, 4]]), (2, 2), mean=mean, std=std)


@pytest.mark.parametrize("side", [1e-30, 1.9e-6])
def test_boxes_too_small_for_their_cells(side: float) -> None:
    """Cells that rounding would leave nothing of are refused; those of a millionth pixel show their pixel."""
    pixels = np.full((16, 16), 7, np.uint8)
    with pytest.raises(ValueError, match="boxes: expected cells of at least"):
        crop_regions(pixels, GAIN, np.array([[0.0, 0.0, side, side]]), (2, 2))
    cells = crop_regions(pixels, GAIN, np.array([[0.0, 0.0, 2e-6, 2e-6]]), (2, 2))
    np.testing.assert_allclose(cells, 7, rtol=1e-6)


def test_a_window_of_few_bits() -> None:
    """A window given as a NumPy number of 8 bits, or an offset of 16, marks what Python numbers mark."""
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40), np.uint8)
    window: Any = np.uint8(31)
    offset: Any = np.float16(100)
    np.testing.assert_array_equal(local_threshold(pixels, window, offset), local_threshold(pixels, 31, 100))


def test_a_size_of_few_bits() -> None:
    """Cells counted with NumPy numbers of 8 bits are those of Python numbers, and so is their work space."""
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16), np.uint8)
    size: Any = (np.uint8(3), np.uint8(200))
    boxes = np.array([[0.5, 0.0, 15.0, 16.0]])
    np.testing.assert_array_equal(crop_regions(pixels, GAIN, boxes, size), crop_regions(pixels, GAIN, boxes, (3, 200)))
    makers = TensorMaker(GAIN, size, rows=16), TensorMaker(GAIN, (3, 200), rows=16)
    np.testing.assert_array_equal(makers[0].make(pixels), makers[1].make(pixels))
