"""A loop counts the inspections of the camera that sees its class, and no other's."""

from __future__ import annotations

import msgspec
import pytest

from tests.unit.loop.builders import WATCH, make_cell, make_loop
from tests.unit.loop.line import Line


@pytest.mark.parametrize(("camera", "acts"), [("", True), ("wet_camera", True), ("dry_camera", False)])
def test_only_its_own_camera_counts(camera, acts):
    """The line's camera raises the alarm of a loop that listens to it, and leaves a loop of another camera alone."""
    watch = msgspec.structs.replace(WATCH, camera=camera)
    line = Line(1, cell=make_cell(make_loop(watch=watch)))
    line.run(200.0)
    assert bool(line.proposals) is acts
