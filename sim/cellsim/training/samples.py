"""Labelled candidates, cut by the very code that inspects the live web."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cellctl.inspect import CandidateFinder, PatchLayout, Pitch, Rules
from cellsim.render import COLUMN_MM, COLUMNS, ROW_MM
from cellsim.training.web import Recipe, Web, pixel_box, true_class

BACKGROUND = "background"
CLASSES = ("coat_edge_spur", "streak", "agglomerate", BACKGROUND)
LAYOUT = PatchLayout(rows=16, columns=16, cell_mm=0.6)
PITCH = Pitch(ROW_MM, COLUMN_MM)
RULES = Rules()

Floats = npt.NDArray[np.float32]


class Samples(NamedTuple):
    """Candidates: patches (n, rows, columns), features (n, …) and class numbers (n,)."""

    patches: Floats
    features: Floats
    labels: npt.NDArray[np.int64]

    def mirrored(self) -> Samples:
        """The samples and their mirror images across the web; the features do not know left from right."""
        return Samples(
            np.concatenate([self.patches, self.patches[:, :, ::-1]]),
            np.concatenate([self.features, self.features]),
            np.concatenate([self.labels, self.labels]),
        )


def collect(seeds: Iterable[int], blocks: int, recipe: Recipe) -> Samples:
    """Inspect one web per seed and label every candidate with its true cause."""
    patches, features, labels = [], [], []
    for seed in seeds:
        web = Web(seed, blocks, recipe)
        finder = CandidateFinder(COLUMNS, PITCH, RULES, LAYOUT)
        for block in web.blocks():
            found = finder.look(block.pixels)
            large = found.regions["area"] >= finder.smallest
            near = [
                thing for thing in web.things if thing.from_mm < block.from_mm + 60 and thing.to_mm > block.from_mm - 40
            ]
            for region in found.regions[large]:
                box = pixel_box(block.from_mm, (region["y0"], region["y1"]), (region["x0"], region["x1"]))
                labels.append(CLASSES.index(true_class(box, near, BACKGROUND, CLASSES)))
            patches.append(found.patches[large])
            features.append(found.features[large])
    return Samples(np.concatenate(patches), np.concatenate(features), np.array(labels, np.int64))
