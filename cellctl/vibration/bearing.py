"""What a rolling bearing with a damaged surface sounds like: its lines, as multiples of the speed of its shaft.

With n rolling elements of diameter d on a pitch circle D, contact angle φ and r = d/D · cos φ, a fixed outer ring:

    cage (FTF) = (1 − r) / 2          outer race (BPFO) = n (1 − r) / 2        inner race (BPFI) = n (1 + r) / 2
    spin of an element (BSF) = D/(2d) · (1 − r²); a damaged element strikes both races, so its line is 2 · BSF

Source: kinematics of rolling without slip, as in R. B. Randall, Vibration-based Condition Monitoring (2011), 2.2.3.
"""

from __future__ import annotations

import math
from typing import NamedTuple


class Geometry(NamedTuple):
    """A bearing's geometry; lengths in one unit, whichever.

    Attributes:
        balls: number of rolling elements.
        ball_diameter: d.
        pitch_diameter: D.
        contact_angle_rad: φ.
    """

    balls: int
    ball_diameter: float
    pitch_diameter: float
    contact_angle_rad: float = 0.0


class Line(NamedTuple):
    """One line of a bearing.

    Attributes:
        part: what is damaged when it stands out.
        name: as the trade calls it.
        order: its frequency per turn of the shaft.
    """

    part: str
    name: str
    order: float


def cage_order(geometry: Geometry) -> float:
    """Turns of the cage per turn of the shaft (FTF)."""
    return (1.0 - _ratio(geometry)) / 2.0


def lines(geometry: Geometry) -> tuple[Line, Line, Line]:
    """The lines by which damage is named: outer race, inner race, rolling element (twice its spin)."""
    ratio = _ratio(geometry)
    spin = (1.0 - ratio * ratio) * geometry.pitch_diameter / (2.0 * geometry.ball_diameter)
    return (
        Line("outer race", "BPFO", geometry.balls * (1.0 - ratio) / 2.0),
        Line("inner race", "BPFI", geometry.balls * (1.0 + ratio) / 2.0),
        Line("rolling element", "2xBSF", 2.0 * spin),
    )


def _ratio(geometry: Geometry) -> float:
    return geometry.ball_diameter / geometry.pitch_diameter * math.cos(geometry.contact_angle_rad)
