"""Laws that turn a remedy into a target; they clamp nothing, because refusing is the guard's work.

A law that clamped would hide from the record what it wanted, and there would be two places that know the
envelope.
"""

from __future__ import annotations


def step_target(in_force: float, step: float, sign: int) -> float:
    """One bounded step from the value in force, in the unit of the set-point.

    Args:
        in_force: value the plant confirms now.
        step: size of the step, above 0.
        sign: +1 or -1, from the influence matrix.
    """
    return in_force + sign * step
