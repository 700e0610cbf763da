"""Scalar features of a region, in physical units, from the sums that the native pass kept."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cellctl.inspect.reference import Edges
from cellctl.inspect.rules import Pitch

FEATURES = (
    "ln_area_mm2",
    "ln_width_mm",
    "ln_length_mm",
    "fill",
    "ln_elongation",
    "alignment",
    "mean_contrast",
    "min_contrast",
    "max_contrast",
    "inside_mm",
    "outreach_mm",
    "cut_top",
    "cut_bottom",
)
"""Names and order of the features; a model's card must list the same."""

_FAR_MM = 8.0
"""Distances to the coated edges are cut here: further away an object has nothing to do with them."""

Floats = npt.NDArray[np.float64]


def describe(regions: npt.NDArray[np.void], edges: Edges, pitch: Pitch, rows: int) -> npt.NDArray[np.float32]:
    """Features of every region, shape (n, len(FEATURES)), float32.

    `alignment` is the share of the second moment that lies along the web; `inside_mm` is how far the centroid is
    inside the nearest coated edge; `outreach_mm` how far the region reaches beyond one (negative: it does not);
    `cut_top` and `cut_bottom` say whether it holds pixels of the first or last of the block's `rows` lines.
    """
    area = regions["area"].astype(np.float64)
    width_mm = (regions["x1"] - regions["x0"]) * pitch.column_mm
    length_mm = (regions["y1"] - regions["y0"]) * pitch.row_mm
    area_mm2 = area * pitch.row_mm * pitch.column_mm
    elongation, alignment = _moments(regions, area, pitch)
    centre = centres(regions)[:, 1]
    inside = np.minimum(centre - edges.left, edges.right - centre) * pitch.column_mm
    outreach = np.maximum(edges.left - regions["x0"], regions["x1"] - edges.right) * pitch.column_mm
    columns = (
        np.log(area_mm2),
        np.log(width_mm),
        np.log(length_mm),
        area_mm2 / (width_mm * length_mm),
        np.log(elongation),
        alignment,
        regions["sum_contrast"] / area,
        regions["min_contrast"],
        regions["max_contrast"],
        np.clip(inside, -_FAR_MM, _FAR_MM),
        np.clip(outreach, -_FAR_MM, _FAR_MM),
        regions["y0"] == 0,
        regions["y1"] == rows,
    )
    return np.stack(columns, axis=1).astype(np.float32)


def centres(regions: npt.NDArray[np.void]) -> Floats:
    """Centroids (y, x) in pixels from the block's corner, shape (n, 2); a pixel's centre is at its half."""
    area = regions["area"].astype(np.float64)
    return np.stack([regions["sum_y"] / area + 0.5, regions["sum_x"] / area + 0.5], axis=1)


def _moments(regions: npt.NDArray[np.void], area: Floats, pitch: Pitch) -> tuple[Floats, Floats]:
    """Ratio of the axes of the ellipse with the region's second moments, and the share along the web.

    A pixel's own extent counts (`pitch²/12`), so a single pixel has finite axes.
    """
    mean_x, mean_y = regions["sum_x"] / area, regions["sum_y"] / area
    across = (regions["sum_xx"] / area - mean_x**2 + 1 / 12) * pitch.column_mm**2
    along = (regions["sum_yy"] / area - mean_y**2 + 1 / 12) * pitch.row_mm**2
    mixed = (regions["sum_xy"] / area - mean_x * mean_y) * pitch.column_mm * pitch.row_mm
    middle, spread = (across + along) / 2, np.hypot((across - along) / 2, mixed)
    smallest = np.maximum(middle - spread, (min(pitch.row_mm, pitch.column_mm) ** 2) / 12)
    return np.sqrt((middle + spread) / smallest), along / (across + along)
