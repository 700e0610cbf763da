"""Objects of every class of defect: those that cameras can draw come from the renderer's own sizes."""

from __future__ import annotations

import numpy as np

from cellctl.model.web import Side
from cellsim.render.field import LEFT_EDGE_MM, RIGHT_EDGE_MM
from cellsim.render.web_object import DEFECTS, HARMLESS, WebObject, draw_object

DRAWN = frozenset((*DEFECTS, *HARMLESS))
"""Classes that the renderer can draw."""
_SIZES: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {
    # (length along the web, width across it), mm
    "heavy_edge": ((50.0, 400.0), (2.0, 5.0)),
    "pinhole": ((0.3, 1.5), (0.3, 1.5)),
    "crater": ((0.5, 4.0), (0.5, 4.0)),
    "crack": ((2.0, 30.0), (0.3, 1.0)),
    "delamination": ((5.0, 50.0), (5.0, 40.0)),
    "bare_foil": ((2.0, 40.0), (1.0, 20.0)),
    "metal_particle": ((0.2, 1.0), (0.2, 1.0)),
}
_MARGIN_MM = 12.0


def make_object(
    defect: str, s_mm: float, rng: np.random.Generator, *, side: Side = Side.NONE, y_mm: float | None = None
) -> WebObject:
    """Draw an object of random size; a streak begins at `s_mm`, everything else is centred on it.

    Args:
        defect: any class.
        s_mm: material position.
        rng: source of its size, place and looks.
        side: the coated edge that it belongs to, if any.
        y_mm: centre across the web; drawn when not given.
    """
    if defect in DRAWN:
        return draw_object(defect, s_mm, rng, side=side, y_mm=y_mm)
    lengths, widths = _SIZES[defect]
    length_mm, width_mm = float(rng.uniform(*lengths)), float(rng.uniform(*widths))
    inside_mm = float(rng.uniform(LEFT_EDGE_MM + _MARGIN_MM, RIGHT_EDGE_MM - _MARGIN_MM))
    if y_mm is None:
        at_edge = {Side.LEFT: LEFT_EDGE_MM + width_mm / 2, Side.RIGHT: RIGHT_EDGE_MM - width_mm / 2}
        y_mm = at_edge.get(side, inside_mm)
    return WebObject(defect, side, s_mm - length_mm / 2, length_mm, y_mm, width_mm, int(rng.integers(1 << 62)))
