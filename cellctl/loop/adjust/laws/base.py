"""What every law of a regulator sees, and what it answers.

A law decides where a set-point should be; it clamps nothing, because the envelope is the guard's and a law that
clamped would hide from the record what it wanted. It learns what became of its wish from the value in force.
"""

from __future__ import annotations

from typing import Protocol

import msgspec


class Sample(msgspec.Struct, frozen=True, gc=False):
    """One sample, as the caller has mapped it by metres of web.

    Args:
        measurement: the characteristic, in its unit, as the gauge says it now.
        delayed: set-point that was in force when the measured material was made.
        in_force: set-point that the plant confirms now.
    """

    measurement: float
    delayed: float
    in_force: float


class Law(Protocol):
    """Turns samples into targets, one call for each period of the law."""

    def update(self, sample: Sample, *, frozen: bool = False) -> float:
        """The target, in the unit of the set-point.

        Args:
            sample: what is measured and in force.
            frozen: nothing may be learnt from this sample (bad quality, splice, low speed, a verification): the
                answer is the value in force, and what the law knows stays as it is.
        """
        ...

    def hand_over(self, in_force: float) -> None:
        """Go on from a value that another has set (a person, the guard, a correction), without a jump."""
        ...


class Aim(msgspec.Struct, frozen=True, gc=False):
    """The operating point of a law: `y = target + gain·(u − recipe) + disturbance`.

    Args:
        target: what the characteristic is held at, in its unit.
        recipe: set-point that gives the target when there is no disturbance.
        gain: unit of the characteristic per unit of the set-point, with its sign.
    """

    target: float
    recipe: float
    gain: float

    def __post_init__(self) -> None:
        """Refuse a set-point that moves nothing."""
        if self.gain == 0.0:
            raise ValueError("expected a gain other than 0: a set-point that moves nothing cannot hold anything")

    def disturbance(self, measurement: float, applied: float) -> float:
        """What the plant added to the material that was made with `applied`, in the unit of the characteristic."""
        return measurement - self.target - self.gain * (applied - self.recipe)

    def cancel(self, disturbance: float) -> float:
        """The set-point at which this disturbance leaves the characteristic on its target."""
        return self.recipe - disturbance / self.gain

    def cancelled_by(self, in_force: float) -> float:
        """The disturbance that a set-point cancels; the inverse of `cancel`."""
        return -self.gain * (in_force - self.recipe)
