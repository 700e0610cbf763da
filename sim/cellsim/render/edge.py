"""The coated edges: slow wander, fine raggedness and the spurs that reach out into the bare rim."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cellctl.model.web import Side
from cellsim.render.field import COLUMN_MM, LEFT_EDGE_MM, ROW_MM, row_of
from cellsim.render.web_object import WebObject

Floats = npt.NDArray[np.float32]

RIM_COLUMNS = 32
"""Columns of the rim strip that holds the edge: 24 of bare foil and 8 of coating."""
_WANDER_MM = 0.3
_RAGGED_MM = 0.05
_TABLE_ROWS = 65_536
"""The raggedness repeats after this many lines (3.3 m)."""


class EdgeLine:
    """One coated edge as a function of the material line.

    Args:
        rng: decides wander and raggedness.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._waves_mm = np.array([900.0, 2300.0, 7100.0]) * rng.uniform(0.8, 1.25, 3)
        self._phases = rng.uniform(0, 2 * np.pi, 3)
        self._ragged_mm = _ragged(rng)

    def inward_mm(self, first_row: int, rows: int) -> Floats:
        """Displacement of the edge towards the middle of the lane per line, mm."""
        along_mm = (first_row + np.arange(0, rows + 1, rows)) * ROW_MM
        turns = along_mm[:, None] * (2 * np.pi / self._waves_mm) + self._phases
        ends = _WANDER_MM / 3 * np.sin(turns).sum(axis=1)
        wander = np.linspace(ends[0], ends[1], rows, endpoint=False, dtype=np.float32)
        return wander + self._ragged_mm.take(np.arange(first_row, first_row + rows), mode="wrap")


def _ragged(rng: np.random.Generator) -> Floats:
    """Periodic noise with features of 0.5 to 10 mm and a standard deviation of `_RAGGED_MM`."""
    spectrum = np.fft.rfft(rng.standard_normal(_TABLE_ROWS))
    cycles_per_mm = np.fft.rfftfreq(_TABLE_ROWS, ROW_MM)
    spectrum *= (cycles_per_mm > 0.1) / (1.0 + (cycles_per_mm / 0.4) ** 2)
    noise = np.fft.irfft(spectrum, _TABLE_ROWS)
    return np.asarray(noise * (_RAGGED_MM / noise.std()), dtype=np.float32)


class Spur(NamedTuple):
    """A spur's outline: reach beyond the edge per line, mm, and how much slurry covers the foil there."""

    first_row: int
    reach_mm: Floats
    opacity: float


@lru_cache(maxsize=256)
def spur_outline(thing: WebObject) -> Spur:
    """An irregular tongue of slurry: skewed, rough, zero reach at both ends, `width_mm` at its tip."""
    rng = np.random.default_rng(thing.seed)
    rows = max(8, row_of(thing.to_mm) - row_of(thing.from_mm))
    place = (np.arange(rows) + 0.5) / rows
    tip = rng.uniform(0.25, 0.75)
    ramp = np.where(place < tip, place / tip, (1.0 - place) / (1.0 - tip))
    body = np.sin(ramp * np.pi / 2) ** rng.uniform(0.7, 2.0)
    knots = np.linspace(0.0, 1.0, max(5, int(thing.length_mm / 0.7)))
    body *= 1.0 + 0.3 * np.interp(place, knots, rng.uniform(-1.0, 1.0, knots.size))
    reach_mm = thing.width_mm * body / body.max()
    return Spur(row_of(thing.from_mm), reach_mm.astype(np.float32), float(rng.uniform(0.75, 1.0)))


def rim_cover(edge: EdgeLine, side: Side, first_row: int, rows: int, spurs: Iterable[WebObject]) -> Floats:
    """How much of each pixel of a rim strip is coated, 0…1, shape (rows, RIM_COLUMNS).

    Column 0 is the outermost pixel on either side (the right strip is mirrored by the caller).
    """
    outside_mm = (np.arange(RIM_COLUMNS, dtype=np.float32) + 0.5) * np.float32(COLUMN_MM)
    line_mm = np.float32(LEFT_EDGE_MM) + edge.inward_mm(first_row, rows)
    cover = _covered(outside_mm, line_mm)
    for thing in spurs:
        if thing.side is side:
            _add_spur(cover, spur_outline(thing), outside_mm, line_mm, first_row)
    return cover


def _add_spur(cover: Floats, spur: Spur, outside_mm: Floats, line_mm: Floats, first_row: int) -> None:
    start = max(spur.first_row, first_row)
    end = min(spur.first_row + spur.reach_mm.size, first_row + line_mm.size)
    if start >= end:
        return
    rows = slice(start - first_row, end - first_row)
    reach_mm = spur.reach_mm[start - spur.first_row : end - spur.first_row]
    wet = spur.opacity * _covered(outside_mm, line_mm[rows] - reach_mm)
    np.maximum(cover[rows], wet, out=cover[rows])


def _covered(outside_mm: Floats, line_mm: Floats) -> Floats:
    """Anti-aliased step: 0 outside of the line, 1 inside of it."""
    inside_pixels = (outside_mm[None, :] - line_mm[:, None]) / np.float32(COLUMN_MM)
    cover: Floats = np.clip(inside_pixels + np.float32(0.5), 0.0, 1.0)
    return cover
