"""From a block's pixels to candidates: regions with their patches and features, or the reason why there are none."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cellctl.inspect.features import FEATURES, centres, describe
from cellctl.inspect.frame_check import check_frame, looks_blank
from cellctl.inspect.reference import Edges, Reference
from cellctl.inspect.rules import Pitch, Rules
from cellctl.kernels import REGION, Patch, RegionFinder, cut_patches

Pixels = npt.NDArray[np.uint8]


class PatchLayout(NamedTuple):
    """The patch that a model looks at: `rows` by `columns` square cells of `cell_mm`."""

    rows: int
    columns: int
    cell_mm: float

    def in_pixels(self, pitch: Pitch) -> Patch:
        """The same patch on the pixels of a camera."""
        return Patch(self.rows, self.columns, pitch.rows(self.cell_mm), pitch.columns(self.cell_mm))


class Candidates(NamedTuple):
    """What is to be classified in one block.

    Attributes:
        reason: why the block cannot be judged; then it holds no regions.
        regions: structured array (`kernels.REGION`); also parts too small to classify that touch a border.
        features: shape (n, len(FEATURES)), float32.
        patches: shape (n, rows, columns), float32 contrast.
        edges: the coated edges, in columns.
    """

    reason: str
    regions: npt.NDArray[np.void]
    features: npt.NDArray[np.float32]
    patches: npt.NDArray[np.float32]
    edges: Edges


class CandidateFinder:
    """Finds candidates in the blocks of one camera, in their order.

    Args:
        columns: pixels per line.
        pitch: scale of the pixels.
        rules: what counts as a candidate.
        layout: the patch that the model looks at.
    """

    def __init__(self, columns: int, pitch: Pitch, rules: Rules, layout: PatchLayout) -> None:
        self.smallest = rules.smallest_pixels(pitch)
        self._pitch, self._rules, self._layout = pitch, rules, layout
        self._patch = layout.in_pixels(pitch)
        self._was_blind = False
        self._reference = Reference(columns, pitch, rules)
        self._finder = RegionFinder(columns, smallest=self.smallest, reach_rows=pitch.rows(rules.reach_mm))

    def look(self, pixels: Pixels, *, follows: bool = True) -> Candidates:
        """Find the candidates of the next block.

        Args:
            pixels: shape (rows, columns), uint8.
            follows: whether it continues the block before without a gap.
        """
        if not self._reference.settled:
            return self._nothing(self._learn(pixels))
        if self._was_blind or not follows:
            self._reference.realign(pixels)
        bounds, edges = self._reference.bounds(), self._reference.edges
        found = self._finder.find(pixels, bounds)
        reason = check_frame(found, pixels.size, self._reference.mean)
        if reason:
            return self._nothing(reason)
        self._was_blind = False
        self._reference.update(found)
        return Candidates(
            reason="",
            regions=found.regions,
            features=describe(found.regions, edges, self._pitch, pixels.shape[0]),
            patches=cut_patches(pixels, bounds.gain, centres(found.regions), self._patch),
            edges=edges,
        )

    def _learn(self, pixels: Pixels) -> str:
        blank = looks_blank(pixels)
        if blank:
            return blank
        self._reference.learn(pixels)
        return f"reference not settled: block {self._reference.learnt} of {self._rules.reference_blocks}"

    def _nothing(self, reason: str) -> Candidates:
        self._was_blind = True
        none = np.empty(0, REGION)
        return Candidates(
            reason,
            none,
            np.empty((0, len(FEATURES)), np.float32),
            np.empty((0, self._layout.rows, self._layout.columns), np.float32),
            self._reference.edges,
        )
