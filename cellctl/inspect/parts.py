"""From the candidates of one block to parts of objects: positions on the material, probabilities, images."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cellctl.inspect.candidates import Candidates, Pixels
from cellctl.inspect.classifier import Classifier
from cellctl.inspect.features import centres
from cellctl.inspect.rules import Pitch
from cellctl.inspect.track import Extent, Part

_MARGIN_MM = 2.0
"""Web around an object that its image shows."""
_MOST_ROWS, _MOST_COLUMNS = 512, 128
"""Largest image of a part, lines and columns: 64 KiB."""


def make_parts(
    found: Candidates, pixels: Pixels, classifier: Classifier, *, smallest: int, from_mm: float, pitch: Pitch
) -> list[Part]:
    """Classify the candidates of one block in one batch and say where they are.

    Args:
        found: the block's candidates.
        pixels: the block, for the images.
        classifier: of the product.
        smallest: regions of fewer pixels are not classified.
        from_mm: material position of the block's first line.
        pitch: scale of the pixels.
    """
    large = found.regions["area"] >= smallest
    probabilities = iter(classifier.classify(found.patches[large], found.features[large]))
    middle = sum(found.edges) / 2
    parts = []
    for region, (y, x), features, is_large in zip(
        found.regions, centres(found.regions), found.features, large, strict=True
    ):
        parts.append(
            Part(
                s_mm=from_mm + float(y) * pitch.row_mm,
                y_mm=float(x) * pitch.column_mm,
                along=(from_mm + int(region["y0"]) * pitch.row_mm, from_mm + int(region["y1"]) * pitch.row_mm),
                across=_extent(region, "x0", "x1", pitch),
                area_mm2=int(region["area"]) * pitch.row_mm * pitch.column_mm,
                contrast=float(region["sum_contrast"]) / int(region["area"]),
                top=_border(region, "top", pitch),
                bottom=_border(region, "bottom", pitch),
                is_left=bool(x < middle),
                probabilities=next(probabilities) if is_large else None,
                features=tuple(features.tolist()),
                image=_image(pixels, region, pitch) if is_large else None,
            )
        )
    return parts


def _extent(region: np.void, first: str, last: str, pitch: Pitch) -> Extent:
    return int(region[first]) * pitch.column_mm, int(region[last]) * pitch.column_mm


def _border(region: np.void, border: str, pitch: Pitch) -> Extent | None:
    left, right = _extent(region, f"{border}_x0", f"{border}_x1", pitch)
    return (left, right) if left < right else None


def _image(pixels: Pixels, region: np.void, pitch: Pitch) -> npt.NDArray[np.uint8]:
    """A copy of the pixels around a region, its middle when it is too large."""
    rows = _window(int(region["y0"]), int(region["y1"]), pitch.rows(_MARGIN_MM), _MOST_ROWS, pixels.shape[0])
    columns = _window(int(region["x0"]), int(region["x1"]), pitch.columns(_MARGIN_MM), _MOST_COLUMNS, pixels.shape[1])
    return pixels[rows, columns].copy()


def _window(first: int, last: int, margin: int, most: int, size: int) -> slice:
    start, end = max(0, first - margin), min(size, last + margin)
    spare = max(0, end - start - most) // 2
    return slice(start + spare, min(end, start + spare + most))
