"""The pace of the region finder on a rendered block with objects."""

from __future__ import annotations

from typing import Any

import numpy as np

from cellctl.inspect import Pitch, Rules
from cellctl.inspect.reference import Reference
from cellctl.kernels import RegionFinder
from cellsim.render import COLUMN_MM, COLUMNS, ROW_MM, ROWS, WebRenderer, draw_object


def test_regions(benchmark: Any) -> None:
    """One pass over a block with two objects."""
    renderer, rules = WebRenderer(5), Rules()
    reference = Reference(COLUMNS, Pitch(ROW_MM, COLUMN_MM), rules)
    for number in range(rules.reference_blocks):
        reference.learn(renderer.render(number * ROWS))
    first, rng = rules.reference_blocks * ROWS, np.random.default_rng(5)
    things = [draw_object(kind, (first + ROWS / 2) * ROW_MM, rng) for kind in ("coat_edge_spur", "agglomerate")]
    block, bounds, finder = renderer.render(first, things), reference.bounds(), RegionFinder(COLUMNS)
    assert len(benchmark(finder.find, block, bounds).regions)
