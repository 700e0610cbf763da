"""One bounded step, and then a test of what it did."""

from __future__ import annotations

import msgspec


class Step(msgspec.Struct, frozen=True, gc=False):
    """Law of a correction: `u = u_in_force + sign·size`.

    It clamps nothing: refusing is the guard's work, and there would be two places that know the envelope.

    Args:
        size: size of the step, above 0, in the unit of the set-point.
        sign: +1 or -1, from the influence matrix.
    """

    size: float
    sign: int

    def target(self, in_force: float) -> float:
        """Where the set-point should be, from the value that the plant confirms now."""
        return in_force + self.sign * self.size
