"""From class to set-point, and from set-point to target."""

from __future__ import annotations

import pytest

from cellctl.config.resolved import Defect, Influence
from cellctl.loop.adjust.laws.step import Step
from cellctl.loop.diagnose.influence import Remedy, diagnose

GAINS = {"plc.zone_4": 0.4, "plc.zone_1": 0.1, "plc.fan": -0.2, "plc.gap": 0.0}
ROW = Defect("crack", "dries too fast", {tag: Influence(gain) for tag, gain in GAINS.items()}, None)


@pytest.mark.parametrize(
    ("tags", "remedy"),
    [
        (("plc.zone_4",), Remedy("plc.zone_4", -1, 0.4)),
        (("plc.fan",), Remedy("plc.fan", 1, -0.2)),
        (("plc.zone_1", "plc.fan"), Remedy("plc.fan", 1, -0.2)),
        (("plc.gap",), None),
        (("plc.unknown",), None),
        ((), None),
    ],
)
def test_remedy(tags, remedy):
    """The step goes against the influence, the strongest one wins, and no influence means no remedy."""
    assert diagnose(ROW, tags) == remedy


def test_a_class_without_a_row_is_not_fixable_here():
    """A class the matrix does not know is never acted on."""
    assert diagnose(None, ("plc.zone_4",)) is None


@pytest.mark.parametrize(("sign", "target"), [(1, 21.0), (-1, 19.0)])
def test_step(sign, target):
    """A step starts from the value in force."""
    assert Step(1.0, sign).target(20.0) == target


def test_the_law_does_not_clamp():
    """What is too far is for the guard to refuse, so that the record shows what was wanted."""
    assert Step(1.0, 1).target(22.9) == pytest.approx(23.9)
