"""When the web has come how far, and the grid of the cameras' blocks on it."""

from __future__ import annotations

from cellctl.clock import NS_PER_S
from cellsim.plant.speed import SpeedPlan
from cellsim.render.field import BLOCK_MM, ROW_MM

_CLOSE_MM = 1e-6
_MOST_STEPS = 50


class Encoder:
    """The inverse of the line's speed plan; blocks follow the encoder, so a slower web makes longer blocks in time.

    Args:
        plan: distance as a function of time.
        start_ns: when the web starts.
    """

    def __init__(self, plan: SpeedPlan, start_ns: int) -> None:
        self._plan, self._start_ns = plan, start_ns

    def time_ns(self, encoder_mm: float, near_ns: int) -> int:
        """When the encoder reaches a position, by Newton's steps from a time near it."""
        t_s = max(0.0, (near_ns - self._start_ns) / NS_PER_S)
        for _ in range(_MOST_STEPS):
            missing_mm = encoder_mm - self._plan.distance_mm(t_s)
            if abs(missing_mm) < _CLOSE_MM:
                break
            t_s += missing_mm / 1000.0 / self._plan.speed_m_s(t_s)
        return self._start_ns + round(t_s * NS_PER_S)


def block_end_mm(block: int) -> float:
    """Encoder position at a block's last line."""
    return (block + 1) * BLOCK_MM


def first_line_mm(block: int) -> float:
    """Encoder position at the end of exposure of a block's first line."""
    return block * BLOCK_MM + ROW_MM
