"""Webs with known objects on them, for training and testing a classifier."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cellsim.render import BLOCK_MM, COLUMN_MM, COLUMNS, ROW_MM, ROWS, WebObject, WebRenderer, draw_object
from cellsim.render.shapes import painted_rows

Pixels = npt.NDArray[np.uint8]

_GAP_MM = 4.0
"""Objects keep this distance, so that every pixel has one true cause."""
_EDGE_MM = 1.0
"""Beyond an object's nominal width, its halo and its blur may reach this far."""
_SETTLE_MM = 6 * BLOCK_MM
"""The first blocks of a web are left clean: the reference settles on them."""


@dataclass(frozen=True)
class Recipe:
    """What is on a web and in which light it is seen.

    Attributes:
        per_m: objects per metre by class.
        gain: brightest and darkest exposure, relative to the nominal one.
        tilt: largest change of the light from the left to the right rim.
    """

    per_m: dict[str, float]
    gain: tuple[float, float]
    tilt: float


TRAINING = Recipe(
    {"coat_edge_spur": 14.0, "agglomerate": 26.0, "streak": 1.6, "dust": 60.0, "blotch": 16.0}, (0.85, 1.15), 0.05
)
"""Crowded, so that a metre teaches a lot; mostly dust, because most of what is seen on a good web is."""
TESTING = Recipe(
    {"coat_edge_spur": 8.0, "agglomerate": 10.0, "streak": 0.8, "dust": 12.0, "blotch": 4.0}, (0.75, 1.25), 0.15
)
"""Less crowded, under light that training has not seen."""
CLEAN = Recipe({"dust": 0.5, "blotch": 0.2}, (0.75, 1.25), 0.15)
"""Nothing but what must be passed over, more than twice as often as the simulated line makes it."""


class Box(NamedTuple):
    """Where an object leaves pixels, mm."""

    from_mm: float
    to_mm: float
    left_mm: float
    right_mm: float

    def overlap(self, other: Box) -> float:
        """Common area, mm²; negative or zero when there is none."""
        along = min(self.to_mm, other.to_mm) - max(self.from_mm, other.from_mm)
        across = min(self.right_mm, other.right_mm) - max(self.left_mm, other.left_mm)
        return along * across if along > 0 and across > 0 else 0.0

    def grown(self, by_mm: float) -> Box:
        """The same with a margin."""
        return Box(self.from_mm - by_mm, self.to_mm + by_mm, self.left_mm - by_mm, self.right_mm + by_mm)


def box_of(thing: WebObject) -> Box:
    """Where an object leaves pixels, halo and tail included."""
    top, bottom = painted_rows(thing)
    half_mm = thing.width_mm * (1.0 if thing.defect in {"agglomerate", "blotch"} else 0.5) + _EDGE_MM
    return Box(top * ROW_MM, bottom * ROW_MM, thing.y_mm - half_mm, thing.y_mm + half_mm)


class Block(NamedTuple):
    """One block of a web: where it begins on the material, and its pixels."""

    from_mm: float
    pixels: Pixels


class Web:
    """A stretch of web in one light, the same for the same seed.

    Args:
        seed: of everything.
        blocks: its length.
        recipe: what is on it.
    """

    def __init__(self, seed: int, blocks: int, recipe: Recipe) -> None:
        rng = np.random.default_rng([seed, 0x7EA])
        self._renderer = WebRenderer(seed)
        self._blocks = blocks
        across = np.linspace(-0.5, 0.5, COLUMNS, dtype=np.float32)
        tilt = np.float32(rng.uniform(-recipe.tilt, recipe.tilt))
        self._light = np.float32(rng.uniform(*recipe.gain)) * (1 + tilt * across)
        self.length_m = blocks * BLOCK_MM / 1000
        self.things = _scatter(recipe, blocks * BLOCK_MM, rng)

    def blocks(self) -> Iterator[Block]:
        """Render the web, block by block."""
        for number in range(self._blocks):
            pixels = self._renderer.render(number * ROWS, self.things, t_s=number * BLOCK_MM / 1000)
            lit = np.clip(pixels * self._light + np.float32(0.5), 0, 255).astype(np.uint8)
            yield Block(number * BLOCK_MM, lit)


def _scatter(recipe: Recipe, length_mm: float, rng: np.random.Generator) -> list[WebObject]:
    """Objects at random places, long ones first, none of them near another."""
    things: list[WebObject] = []
    taken: list[Box] = []
    for defect in ("streak", "coat_edge_spur", "blotch", "agglomerate", "dust"):
        for _ in range(rng.poisson(recipe.per_m.get(defect, 0.0) * length_mm / 1000)):
            s_mm = float(rng.uniform(_SETTLE_MM, length_mm - _SETTLE_MM))
            thing = draw_object(defect, s_mm, rng)
            box = box_of(thing).grown(_GAP_MM)
            if thing.to_mm < length_mm - BLOCK_MM and not any(box.overlap(other) for other in taken):
                things.append(thing)
                taken.append(box)
    return things


def true_class(box: Box, things: list[WebObject], background: str, classes: tuple[str, ...]) -> str:
    """The class of the object that a box shows most of; harmless things and nothing at all are background."""
    best = max(things, key=lambda thing: box.overlap(box_of(thing)), default=None)
    if best is None or not box.overlap(box_of(best)) or best.defect not in classes:
        return background
    return best.defect


def pixel_box(from_mm: float, rows: tuple[int, int], columns: tuple[int, int]) -> Box:
    """Place on the material of a box of pixels in a block."""
    return Box(from_mm + rows[0] * ROW_MM, from_mm + rows[1] * ROW_MM, columns[0] * COLUMN_MM, columns[1] * COLUMN_MM)
