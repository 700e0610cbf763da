"""Lines of a bearing against published multipliers and frequencies."""

from __future__ import annotations

import math

import pytest

from cellctl.vibration.bearing import Geometry, cage_order, lines

RIG = Geometry(9, 7.94, 39.04)


def test_multipliers_of_a_6205():
    """6205-2RS: BPFO 3.5848, BPFI 5.4152, 2·BSF 4.7135 and FTF 0.39831 per turn."""
    assert [line.order for line in lines(RIG)] == pytest.approx([3.5848, 5.4152, 4.7135], abs=5e-5)
    assert cage_order(RIG) == pytest.approx(0.39831, abs=5e-6)


@pytest.mark.parametrize(
    ("rpm", "expected"),
    [
        (1797, (107.364, 162.186, 141.169)),
        (1772, (105.871, 159.929, 139.205)),
        (1750, (104.556, 157.944, 137.477)),
        (1730, (103.361, 156.139, 135.906)),
    ],
)
def test_frequencies_at_four_speeds(rpm: float, expected: tuple[float, ...]):
    """The frequencies that are published for the four loads of this rig."""
    assert [line.order * rpm / 60 for line in lines(RIG)] == pytest.approx(expected, abs=6e-4)


def test_a_contact_angle_counts():
    """8 elements of 2 on 12, 15°, 25 Hz: BPFO 83.901, BPFI 116.099, BSF 73.056, FTF 10.488 Hz."""
    geometry = Geometry(8, 2.0, 12.0, math.radians(15.0))
    outer, inner, element = (line.order * 25.0 for line in lines(geometry))
    assert (outer, inner, element / 2.0) == pytest.approx((83.901, 116.099, 73.056), abs=6e-4)
    assert cage_order(geometry) * 25.0 == pytest.approx(10.488, abs=6e-4)


def test_both_races_together_are_one_line_per_element():
    """BPFO + BPFI = n: each element passes each ring, seen from the other, once per turn."""
    outer, inner, _ = lines(RIG)
    assert outer.order + inner.order == pytest.approx(9.0)
