"""Model tensors out of frames, and batches of crops: OpenCV and numba against ours.

All candidates correct for gain, dark, mean and std. What does not depend on the pixel is folded into one small map for
the peers too: that is linear algebra, not ours alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import cv2
import numba
import numpy as np
import numpy.typing as npt

from benchmarks.peers.case import Call, Case, Limit, Peer
from cellctl.kernels import TensorMaker, crop_regions

SIZE = (512, 640)
MEAN, STD = 110.0, 42.0
STRIP = 64
"""Rows that OpenCV takes at a time: its float strip then stays in the second cache."""
Floats = npt.NDArray[np.float32]


class Scene(NamedTuple):
    """A frame with the camera's gain and dark picture, smooth with fixed-pattern noise."""

    frame: npt.NDArray[np.uint8]
    gain: Floats
    dark: Floats


def scene(rows: int, columns: int) -> Scene:
    """A camera that falls off to its corners by 40 %."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    gain = (1 + 0.2 * (x * x + y * y)) * rng.normal(1, 0.01, (rows, columns))
    dark = rng.uniform(2, 6, (rows, columns))
    frame = rng.integers(20, 250, (rows, columns), np.uint8)
    return Scene(frame, gain.astype(np.float32), dark.astype(np.float32))


def share(length: int, cells: int) -> npt.NDArray[np.float64]:
    """What each pixel adds to the mean of each cell, shape (cells, length)."""
    edges, pixels = np.arange(cells + 1)[:, None] * (length / cells), np.arange(length)
    part = np.minimum(edges[1:], pixels + 1) - np.maximum(edges[:-1], pixels)
    shares: npt.NDArray[np.float64] = np.clip(part, 0, None) * (cells / length)
    return shares


def exact(frame: Any, gain: Any, dark: Any, size: tuple[int, int]) -> Any:
    """The definition in float64."""
    corrected = (frame - np.float64(dark)) * np.float64(gain)
    mean = share(frame.shape[0], size[0]) @ corrected @ share(frame.shape[1], size[1]).T
    return (mean - MEAN) / STD


def folded(at: Scene) -> Floats:
    """The map that is taken off at the end."""
    shift: Floats = -exact(np.zeros_like(at.frame), at.gain, at.dark, SIZE).astype(np.float32)
    return shift


@numba.njit(cache=True, fastmath=True, error_model="numpy")  # type: ignore[untyped-decorator]  # numba has no types
def fused(frame: Any, gain: Any, shift: Any, scale: Any, out_and_sums: Any) -> None:
    """Ratio of 4 by 4, sums by column first, which numba turns into vector code."""
    out, sums = out_and_sums
    for i in range(out.shape[0]):
        for x in range(frame.shape[1]):
            total = np.float32(frame[4 * i, x]) * gain[4 * i, x]
            total += np.float32(frame[4 * i + 1, x]) * gain[4 * i + 1, x]
            total += np.float32(frame[4 * i + 2, x]) * gain[4 * i + 2, x]
            total += np.float32(frame[4 * i + 3, x]) * gain[4 * i + 3, x]
            sums[x] = total
        for j in range(out.shape[1]):
            total = sums[4 * j] + sums[4 * j + 1] + sums[4 * j + 2] + sums[4 * j + 3]
            out[i, j] = total * scale - shift[i, j]


def by_numba(at: Scene) -> tuple[Call, Floats]:
    """Fused, gain in float32."""
    out, sums, shift = np.empty(SIZE, np.float32), np.empty(at.frame.shape[1], np.float32), folded(at)
    scale = np.float32(1 / (16 * STD))
    return lambda: fused(at.frame, at.gain, shift, scale, (out, sums)), out


def by_opencv(at: Scene, *, strip: int, halves: bool) -> tuple[Call, Floats]:
    """Multiply into float32 and average, strip by strip; std is folded into the gain.

    Args:
        at: what to work on.
        strip: rows at a time, a multiple of 4.
        halves: average 2 by 2 twice, for which OpenCV has vector code, instead of once.
    """
    columns, gain, shift = at.frame.shape[1], at.gain / np.float32(STD), folded(at)
    out, product = np.empty(SIZE, np.float32), np.empty((strip, columns), np.float32)
    half = np.empty((strip // 2, columns // 2), np.float32)

    def call() -> None:
        for y in range(0, at.frame.shape[0], strip):
            cells = out[y // 4 : (y + strip) // 4]
            cv2.multiply(at.frame[y : y + strip], gain[y : y + strip], dst=product, dtype=cv2.CV_32F)
            if halves:
                cv2.resize(product, half.shape[::-1], dst=half, interpolation=cv2.INTER_AREA)
            cv2.resize(half if halves else product, cells.shape[::-1], dst=cells, interpolation=cv2.INTER_AREA)
        cv2.subtract(out, shift, dst=out)

    return call, out


def read(*arrays: Any) -> Call:
    """Reads every byte once, in words as wide as NumPy's vector code takes them."""
    words = [array.reshape(-1).view(np.uint64) for array in arrays]
    return lambda: [np.bitwise_or.reduce(word) for word in words]


def agreeing(name: str, peer: tuple[Call, Any], truth: Any, within: float, goal: float = 0.0) -> Peer:
    """The peer, once it has been seen to compute the same."""
    call, out = peer
    call()
    worst = float(np.abs(out - truth).max())
    if worst > within:
        raise AssertionError(f"{name}: expected the same result within {within}, got {worst}")
    return Peer(name, call, goal)


def tensor_case(columns: int) -> Case:
    """A frame of 2048 rows to 512 by 640 cells."""
    at = scene(2048, columns)
    maker, out = TensorMaker(at.gain, SIZE, dark=at.dark, mean=MEAN, std=STD), np.empty(SIZE, np.float32)
    truth = exact(*at, SIZE)
    if columns == 4 * SIZE[1]:
        peers: tuple[Peer, ...] = (
            agreeing("OpenCV, 64-row strips, 2×2 + 2×2", by_opencv(at, strip=STRIP, halves=True), truth, 1e-3, 3.0),
            agreeing("OpenCV, 64-row strips, 4×4", by_opencv(at, strip=STRIP, halves=False), truth, 1e-3, 3.0),
            agreeing("OpenCV, 16-row strips, 2×2 + 2×2", by_opencv(at, strip=16, halves=True), truth, 1e-3, 3.0),
            agreeing("numba fused float32", by_numba(at), truth, 1e-3, 1.25),
        )
        limit = Limit("read frame and 16-bit gain", read(at.frame, at.gain.astype(np.uint16)), 1.4)
    else:
        peers = (
            agreeing("OpenCV float32, folded", by_opencv(at, strip=2048, halves=False), truth, 1e-3, 5.0),
            agreeing("OpenCV float32, folded, 64-row strips", by_opencv(at, strip=64, halves=False), truth, 1e-3, 5.0),
        )
        limit = Limit("read frame and 16-bit gain", read(at.frame, at.gain.astype(np.uint16)))
    name = f"flat field + {columns}×2048 → 640×512 + normalise"
    error = lambda: float(np.abs(maker.make(at.frame, out) - truth).max())  # noqa: E731
    return Case(name, lambda: maker.make(at.frame, out), peers, limit, error, "normalised units", at.frame.size)


def regions() -> npt.NDArray[np.float32]:
    """64 square regions of 20 to 300 px, on whole pixels as OpenCV needs them."""
    rng = np.random.default_rng(3)
    side = rng.integers(20, 301, 64)
    y, x = rng.integers(0, 2048 - side), rng.integers(0, 2560 - side)
    return np.stack([y, x, y + side, x + side], axis=1).astype(np.float32)


def opencv_bytes(frame: Any, gain: float, boxes: Any) -> tuple[Call, Floats]:
    """Resize in bytes, then scale and shift the whole batch: one gain for all pixels, whole grey values."""
    out, small = np.empty((64, 64, 64), np.float32), np.empty((64, 64, 64), np.uint8)
    corners, scale, shift = boxes.astype(int).tolist(), np.float32(gain / STD), np.float32(MEAN / STD)

    def call() -> None:
        for (y0, x0, y1, x1), cells in zip(corners, small, strict=True):
            cv2.resize(frame[y0:y1, x0:x1], (64, 64), dst=cells, interpolation=cv2.INTER_AREA)
        np.multiply(small, scale, out=out)
        np.subtract(out, shift, out=out)

    return call, out


def opencv_floats(frame: Any, gain: Floats, boxes: Any) -> tuple[Call, Floats]:
    """Multiply by the gain in float32, then resize; std is folded into the gain."""
    out, product = np.empty((64, 64, 64), np.float32), np.empty(300 * 300, np.float32)
    corners, scaled, shift = boxes.astype(int).tolist(), gain / np.float32(STD), np.float32(MEAN / STD)

    def call() -> None:
        for (y0, x0, y1, x1), cells in zip(corners, out, strict=True):
            part = product[: (y1 - y0) * (x1 - x0)].reshape(y1 - y0, x1 - x0)
            cv2.multiply(frame[y0:y1, x0:x1], scaled[y0:y1, x0:x1], dst=part, dtype=cv2.CV_32F)
            cv2.resize(part, (64, 64), dst=cells, interpolation=cv2.INTER_AREA)
        np.subtract(out, shift, out=out)

    return call, out


def crop_case(name: str, gain: Floats, peer: tuple[Call, Floats], within: float, at: Scene) -> Case:
    """64 regions to 64 by 64 cells."""
    boxes, batch = regions(), np.empty((64, 64, 64), np.float32)
    full = np.broadcast_to(gain, at.frame.shape)
    cuts = [(slice(y0, y1), slice(x0, x1)) for y0, x0, y1, x1 in boxes.astype(int).tolist()]
    truth = np.array([exact(at.frame[cut], full[cut], 0.0, (64, 64)) for cut in cuts])

    def ours() -> Any:
        return crop_regions(at.frame, gain, boxes, (64, 64), mean=MEAN, std=STD, out=batch)

    return Case(
        f"crop 64 regions of 20…300 px to 64×64, {name}",
        ours,
        (agreeing("OpenCV loop", peer, truth, within, 3.0),),
        None,
        lambda: float(np.abs(ours() - truth).max()),
        "normalised units",
        sum(at.frame[cut].size for cut in cuts),
    )


def cases() -> list[Case]:
    """All rows of the table."""
    cv2.setNumThreads(1)
    at, boxes = scene(2048, 2560), regions()
    even = np.full(2560, 1.25, np.float32)
    grey = 1.25 / STD  # OpenCV rounds to bytes, and its weights for enlarging to 11 bits
    return [
        tensor_case(2560),
        tensor_case(2448),
        crop_case("one gain for all", even, opencv_bytes(at.frame, 1.25, boxes), grey, at),
        crop_case("gain by pixel", at.gain, opencv_floats(at.frame, at.gain, boxes), 1e-3, at),
    ]


def splittable() -> list[tuple[str, Callable[[int, int], None], int]]:
    """What may be split by output rows: its name, what makes rows from the first up to the second, how many."""
    at, out = scene(2048, 2560), np.empty(SIZE, np.float32)
    maker = TensorMaker(at.gain, SIZE, dark=at.dark, mean=MEAN, std=STD)
    boxes, batch = regions(), np.empty((64, 64, 64), np.float32)

    def rows(start: int, stop: int) -> None:
        maker.make(at.frame, out, (start, stop))

    def crops(start: int, stop: int) -> None:
        part = slice(start, stop)
        crop_regions(at.frame, at.gain, boxes[part], (64, 64), mean=MEAN, std=STD, out=batch[part])

    return [("flat field + 2560×2048 → 640×512 + normalise", rows, SIZE[0]), ("crop 64 regions", crops, 64)]
