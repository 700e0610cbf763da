"""The looks of objects on the coated area, painted by absolute material line: block borders leave no seam.

A shape is a cover (0…1) and a reflectance per pixel; `paint` blends it over what is there. Edge spurs are not
here: they move the coated edge itself (see `edge.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cellsim.render.field import COLUMN_MM, COLUMNS, ROW_MM, row_of
from cellsim.render.web_object import WebObject

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]
Signed = npt.NDArray[np.int8]

_FADE_MM = 8.0
"""A streak fades in and out over this length, mm."""


class Patch(NamedTuple):
    """A shape on a grid of pixels.

    Attributes:
        column: first column.
        cover: opacity, 0…1, shape (rows, columns).
        reflectance: grey value under full light, same shape.
    """

    column: int
    cover: Floats
    reflectance: Floats


def paint(pixels: Pixels, first_row: int, thing: WebObject, light: Floats, noise: Signed) -> None:
    """Blend one object into a block, in place; lines of it outside the block are left to other blocks.

    Args:
        pixels: the block, shape (rows, columns), uint8.
        first_row: absolute material line of the block's first row.
        thing: any object but an edge spur.
        light: illumination per column, 1 is full light.
        noise: sensor noise (flat), at least as long as the object's part of the block.
    """
    shape = _SHAPES[thing.defect]
    top, bottom = shape.rows(thing)
    start, end = max(top, first_row), min(bottom, first_row + pixels.shape[0])
    if start >= end:
        return
    patch = shape.draw(thing, start, end)
    left, right = max(patch.column, 0), min(patch.column + patch.cover.shape[1], pixels.shape[1])
    if left >= right:
        return
    inside = slice(left - patch.column, right - patch.column)
    area = pixels[start - first_row : end - first_row, left:right]
    cover = patch.cover[:, inside]
    grain = noise[: cover.size].reshape(cover.shape)
    target = patch.reflectance[:, inside] * light[left:right] + grain
    area[:] = np.clip(area + cover * (target - area) + 0.5, 0, 255).astype(np.uint8)


class _Shape(NamedTuple):
    """How a class is drawn: which absolute lines it covers, and its patch for a range of them."""

    rows: Callable[[WebObject], tuple[int, int]]
    draw: Callable[[WebObject, int, int], Patch]


def _streak_rows(thing: WebObject) -> tuple[int, int]:
    return row_of(thing.from_mm), row_of(thing.to_mm)


def _streak(thing: WebObject, start: int, end: int) -> Patch:
    """A narrow bright line along the web: it meanders a little and its contrast comes and goes."""
    rng = np.random.default_rng(thing.seed)
    peak = rng.uniform(115.0, 160.0)
    along_mm = ((np.arange(start, end) + 0.5) * ROW_MM - thing.from_mm).astype(np.float32)
    strength = _intermittent(along_mm, thing.length_mm, rng)
    meander_mm = 0.15 * np.sin(along_mm * (2 * np.pi / rng.uniform(60.0, 250.0)) + rng.uniform(0, 2 * np.pi))
    half_mm = thing.width_mm / 2
    column = int((thing.y_mm - half_mm) / COLUMN_MM) - 2
    width = int(np.ceil(thing.width_mm / COLUMN_MM)) + 5
    centres_mm = (column + np.arange(width, dtype=np.float32) + 0.5) * np.float32(COLUMN_MM)
    off_mm = np.abs(centres_mm[None, :] - (thing.y_mm + meander_mm[:, None]))
    cover = np.clip((half_mm - off_mm) / COLUMN_MM + 0.5, 0.0, 1.0) * strength[:, None]
    return Patch(column, cover.astype(np.float32), np.full(cover.shape, peak, dtype=np.float32))


def _intermittent(along_mm: Floats, length_mm: float, rng: np.random.Generator) -> Floats:
    """Contrast along a streak: 0.35…1 in slow waves, fading at both ends."""
    knots_mm = np.arange(0.0, length_mm + 45.0, 30.0)
    levels = rng.uniform(0.35, 1.0, knots_mm.size)
    ends = np.clip(np.minimum(along_mm, length_mm - along_mm) / _FADE_MM, 0.0, 1.0)
    return np.asarray(np.interp(along_mm, knots_mm, levels) * ends, dtype=np.float32)


def _spot_rows(thing: WebObject) -> tuple[int, int]:
    patch_rows = _spot(thing).cover.shape[0]
    top = row_of(thing.centre_mm) - _spot_lead(thing)
    return top, top + patch_rows


def _spot_slice(thing: WebObject, start: int, end: int) -> Patch:
    patch, top = _spot(thing), _spot_rows(thing)[0]
    rows = slice(start - top, end - top)
    return Patch(patch.column, patch.cover[rows], patch.reflectance[rows])


def _spot_lead(thing: WebObject) -> int:
    """Lines that the patch of a spot holds ahead of the spot's centre."""
    return int(np.ceil(thing.length_mm * 0.9 / ROW_MM)) + 2


def _spot(thing: WebObject) -> Patch:
    return _DRAWN[thing.defect](thing)


@lru_cache(maxsize=256)
def _agglomerate(thing: WebObject) -> Patch:
    """A roundish lump: core darker or brighter than the coating, a halo around it and a tail behind it."""
    rng = np.random.default_rng(thing.seed)
    along, across, column = _grid_mm(thing, lead=0.9, tail=2.2, reach=1.0)
    radius = np.hypot(along / (thing.length_mm / 2), across / (thing.width_mm / 2))
    radius = radius / _wobble(np.arctan2(across, along), rng)
    dark = rng.random() < 0.6
    core_grey = rng.uniform(20, 42) if dark else rng.uniform(110, 160)
    halo_grey = rng.uniform(82, 96) if dark else rng.uniform(46, 58)
    softness = COLUMN_MM / thing.width_mm
    core = np.clip((1.0 - radius) / softness + 0.5, 0.0, 1.0)
    halo = 0.8 * np.exp(-(((radius - 1.15) / 0.35) ** 2))
    behind = _tail(along / thing.length_mm, rng.uniform(0.5, 1.4))
    tail = 0.7 * np.exp(-((across / (0.3 * thing.width_mm)) ** 2)) * behind
    around = np.maximum(halo, tail) * (1.0 - core)
    cover = np.maximum(core, around)
    reflectance = (core * core_grey + around * halo_grey) / np.maximum(core + around, 1e-6)
    return Patch(column, cover.astype(np.float32), reflectance.astype(np.float32))


def _tail(behind: Floats, length: float) -> Floats:
    """Strength of a tail: rises just behind the centre, dies off over `length` object lengths."""
    decay = np.exp(-np.maximum(behind, 0.0) / length)
    return np.where(behind > 0.2, decay, 0.0).astype(np.float32)


def _wobble(angle: Floats, rng: np.random.Generator) -> Floats:
    """An irregular outline: relative radius by angle, a few harmonics of random phase."""
    outline = np.ones_like(angle)
    for harmonic in (2, 3, 5):
        height, phase = rng.uniform(0.02, 0.12), rng.uniform(0, 2 * np.pi)
        outline += np.float32(height) * np.cos(harmonic * angle + np.float32(phase))
    return outline


@lru_cache(maxsize=256)
def _dust(thing: WebObject) -> Patch:
    """A speck of a pixel or two: sharp, weak, without halo."""
    rng = np.random.default_rng(thing.seed)
    along, across, column = _grid_mm(thing, lead=0.9, tail=0.9, reach=1.0)
    cover = np.exp(-((along / (thing.length_mm / 2)) ** 2) - (across / (thing.width_mm / 2)) ** 2)
    grey = rng.uniform(92, 125) if rng.random() < 0.7 else rng.uniform(25, 45)
    return Patch(column, cover.astype(np.float32), np.full(cover.shape, grey, dtype=np.float32))


@lru_cache(maxsize=64)
def _blotch(thing: WebObject) -> Patch:
    """A faint cloud in the coating: a few grey values, no border."""
    rng = np.random.default_rng(thing.seed)
    along, across, column = _grid_mm(thing, lead=0.9, tail=0.9, reach=0.9)
    cover = np.exp(-((along / (thing.length_mm / 3)) ** 2) - (across / (thing.width_mm / 3)) ** 2)
    grey = 70.0 + rng.choice((-1.0, 1.0)) * rng.uniform(5.0, 12.0)
    return Patch(column, cover.astype(np.float32), np.full(cover.shape, grey, dtype=np.float32))


def _grid_mm(thing: WebObject, *, lead: float, tail: float, reach: float) -> tuple[Floats, Floats, int]:
    """Distances from the object's centre, mm: along (column vector), across (row vector), first column.

    `lead`, `tail` and `reach` are in object lengths and widths; `lead` must be that of `_spot_lead`.
    """
    ahead = int(np.ceil(thing.length_mm * lead / ROW_MM)) + 2
    behind = int(np.ceil(thing.length_mm * tail / ROW_MM)) + 2
    along = ((np.arange(-ahead, behind, dtype=np.float32) + 0.5) * np.float32(ROW_MM))[:, None]
    column = max(0, int((thing.y_mm - reach * thing.width_mm) / COLUMN_MM) - 1)
    end = min(COLUMNS, int((thing.y_mm + reach * thing.width_mm) / COLUMN_MM) + 2)
    across = ((np.arange(column, end) + 0.5) * COLUMN_MM - thing.y_mm).astype(np.float32)
    return along, across[None, :], column


_DRAWN: dict[str, Callable[[WebObject], Patch]] = {
    "agglomerate": _agglomerate,
    "dust": _dust,
    "blotch": _blotch,
}
_SHAPES = {
    "streak": _Shape(_streak_rows, _streak),
    "agglomerate": _Shape(_spot_rows, _spot_slice),
    "dust": _Shape(_spot_rows, _spot_slice),
    "blotch": _Shape(_spot_rows, _spot_slice),
}


def painted_rows(thing: WebObject) -> tuple[int, int]:
    """Absolute lines `[first, end)` on which an object leaves pixels (halo and tail included)."""
    shape = _SHAPES.get(thing.defect)
    return shape.rows(thing) if shape else (row_of(thing.from_mm), row_of(thing.to_mm))
