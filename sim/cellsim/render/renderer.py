"""Renders blocks of the web; the same seed, lines and objects give the same pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cellctl.model.web import Side
from cellsim.render.edge import RIM_COLUMNS, EdgeLine, rim_cover
from cellsim.render.field import COLUMNS, ROWS, row_of
from cellsim.render.shapes import Floats, Pixels, paint, painted_rows
from cellsim.render.surface import COAT_GREY, FOIL_GREY, Surface
from cellsim.render.web_object import WebObject

_SPUR = "coat_edge_spur"


class WebRenderer:
    """A camera's view of one web.

    Args:
        seed: of texture, edges, lamp and noise.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        rng = np.random.default_rng([seed, 0x0CA3])
        self._surface = Surface(rng)
        self._edges = {Side.LEFT: EdgeLine(rng), Side.RIGHT: EdgeLine(rng)}

    def render(
        self,
        first_row: int,
        objects: Sequence[WebObject] = (),
        *,
        t_s: float = 0.0,
        out: Pixels | None = None,
    ) -> Pixels:
        """Render the block whose first line is material line `first_row`.

        Args:
            first_row: absolute material line (`s_mm / ROW_MM`); may be negative.
            objects: everything on the web near the block; objects elsewhere leave no trace.
            t_s: time since the lamp was lit, s.
            out: block to fill, shape (ROWS, COLUMNS), uint8; a new one when not given.
        """
        pixels = np.empty((ROWS, COLUMNS), dtype=np.uint8) if out is None else out
        light = self._surface.light * np.float32(self._surface.brightness(t_s))
        rng = np.random.default_rng([self._seed, first_row & 0xFFFF_FFFF])
        noise = self._surface.noise(rng.random())
        near = [thing for thing in objects if _overlaps(thing, first_row)]
        np.add(self._surface.texture(first_row), noise.view(np.uint8).reshape(ROWS, COLUMNS), out=pixels)
        middle = slice(RIM_COLUMNS, COLUMNS - RIM_COLUMNS)
        pixels[:, middle] += np.rint(COAT_GREY * light[middle]).astype(np.uint8)
        spurs = [thing for thing in near if thing.defect == _SPUR]
        pixels[:, :RIM_COLUMNS] += self._rim(Side.LEFT, first_row, light[:RIM_COLUMNS], spurs)
        mirrored = self._rim(Side.RIGHT, first_row, light[: -RIM_COLUMNS - 1 : -1], spurs)
        pixels[:, -RIM_COLUMNS:] += mirrored[:, ::-1]
        for number, thing in enumerate(near):
            if thing.defect != _SPUR:
                paint(pixels, first_row, thing, light, noise[7919 * (number % 64) :])
        return pixels

    def _rim(self, side: Side, first_row: int, light: Floats, spurs: Sequence[WebObject]) -> Pixels:
        """Grey values of one rim strip, column 0 outermost, shape (ROWS, RIM_COLUMNS)."""
        cover = rim_cover(self._edges[side], side, first_row, ROWS, spurs)
        grey = (np.float32(FOIL_GREY) + cover * np.float32(COAT_GREY - FOIL_GREY)) * light + np.float32(0.5)
        return grey.astype(np.uint8)


def _overlaps(thing: WebObject, first_row: int) -> bool:
    top, bottom = painted_rows(thing)
    return top < first_row + ROWS and bottom > first_row


def render_block(seed: int, first_mm: float, objects: Sequence[WebObject] = (), *, t_s: float = 0.0) -> Pixels:
    """One block on its own (training, tests); a stream keeps one `WebRenderer` instead."""
    return WebRenderer(seed).render(row_of(first_mm), objects, t_s=t_s)
