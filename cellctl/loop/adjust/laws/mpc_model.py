"""What several set-points do to one held characteristic and to limited ones, sample by sample."""

from __future__ import annotations

import math

import msgspec
import numpy as np

from cellctl.loop.adjust.laws.qp import Array
from cellctl.loop.adjust.laws.smith import share_of


class MpcInput(msgspec.Struct, frozen=True):
    """One set-point, such as the air temperature of an oven zone.

    Args:
        recipe: its value at the operating point, in its unit.
        low: lower end of its envelope.
        high: upper end of its envelope.
        rate: largest move in one sample, in its unit.
        gain: unit of the held characteristic per unit of the set-point, with its sign.
        acts_after: samples from the value in force to its first effect in the machine.
        seen_after: samples of web from the place where it acts to the gauge.
        lag: first-order lag of the effect, in samples.
        limit_gains: unit of each limited characteristic per unit of the set-point.
    """

    recipe: float
    low: float
    high: float
    rate: float
    gain: float
    acts_after: int = 0
    seen_after: int = 0
    lag: float = 0.0
    limit_gains: tuple[float, ...] = ()


class MpcModel(msgspec.Struct, frozen=True):
    """First-order models with dead time, side by side: `y = T + Σ bᵢ·xᵢ(t − θᵢ) + d`, `x′ᵢ = (vᵢ − xᵢ)/τᵢ`.

    v is what of the set-points arrives in each zone: neighbours share air, `v = C·(u − u₀)` with `coupling` of each
    neighbour.

    Args:
        inputs: set-points in the order along the web.
        target: T, what the held characteristic should be.
        at_most: what it should not exceed (softly), such as a specification of residual solvent.
        limits: what each limited characteristic must not exceed (hard), such as 25 % of the LEL.
        neighbours: largest difference between neighbouring set-points.
        coupling: share of a neighbour's air, 0 to 0.5.
    """

    inputs: tuple[MpcInput, ...]
    target: float
    at_most: float = math.inf
    limits: tuple[float, ...] = ()
    neighbours: float = math.inf
    coupling: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot be a plant."""
        if not self.inputs:
            raise ValueError("expected at least one set-point")
        if not 0.0 <= self.coupling < 0.5:
            raise ValueError(f"expected a coupling of at least 0 and below 0.5, got {self.coupling:g}")
        for each in self.inputs:
            if not each.low <= each.recipe <= each.high or not each.rate > 0.0:
                raise ValueError(f"expected a recipe inside its envelope and a rate above 0, got {each}")
            if len(each.limit_gains) != len(self.limits):
                raise ValueError(f"expected {len(self.limits)} limit gains, got {len(each.limit_gains)}")

    @property
    def recipe(self) -> Array:
        """Set-points of the operating point."""
        return np.array([each.recipe for each in self.inputs], dtype=np.float64)

    @property
    def gains(self) -> Array:
        """Of the held characteristic (row 0) and of the limited ones (further rows), by input."""
        return np.array([[each.gain, *each.limit_gains] for each in self.inputs], dtype=np.float64).T

    @property
    def follow(self) -> Array:
        """How far each lag comes in one sample."""
        return np.array([share_of(1.0, each.lag) for each in self.inputs])

    @property
    def mixing(self) -> Array:
        """C: rows sum to 1; the first and the last zone lose nothing to the outside."""
        count = len(self.inputs)
        mixed = np.eye(count)
        for i in range(count):
            for j in {i - 1, i + 1} & set(range(count)):
                mixed[i, j] += self.coupling
                mixed[i, i] -= self.coupling
        return mixed

    def step_response(self, output: int, samples: int) -> Array:
        """Response of an output to a unit step of each set-point, samples × inputs; row p is p + 1 samples later.

        Args:
            output: 0 for the held characteristic at its gauge, 1 and up for the limited ones, which are near.
            samples: how many.
        """
        later = np.arange(1, samples + 1)[:, None]
        web = [each.seen_after if output == 0 else 0 for each in self.inputs]
        dead = np.array([each.acts_after for each in self.inputs]) + np.array(web)
        acting = np.maximum(later - dead, 0)
        effect = self.gains[output] * (1.0 - (1.0 - self.follow) ** acting)
        return np.asarray(effect @ self.mixing)
