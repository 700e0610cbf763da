"""Constrained predictive control of one characteristic with several set-points, such as an oven's zones."""

from __future__ import annotations

import math
from enum import StrEnum

import msgspec
import numpy as np

from cellctl.loop.adjust.laws.mpc_model import MpcModel
from cellctl.loop.adjust.laws.mpc_problem import MpcCosts, MpcProblem
from cellctl.loop.adjust.laws.mpc_state import MpcState
from cellctl.loop.adjust.laws.qp import Array, Problem, Solve, solve

MOVES = 12

ANY_EXCESS = 1e9
"""Slack of a plan that is only asked whether it keeps the hard limits."""


class Source(StrEnum):
    """Where an answer came from."""

    SOLVED = "solved"
    LAST_FEASIBLE = "last feasible plan"
    HELD = "held: no feasible plan"


class VectorSample(msgspec.Struct, frozen=True):
    """One sample of a law with several set-points.

    Args:
        measurement: the held characteristic, in its unit.
        delayed: set-point of each input that was in force `acts_after` before the measured material passed its place.
        in_force: set-points that the plant confirms now.
        limited: the limited characteristics now, in their units.
    """

    measurement: float
    delayed: tuple[float, ...]
    in_force: tuple[float, ...]
    limited: tuple[float, ...] = ()


class PredictiveLaw:
    """Plans the next moves so that the held characteristic stays on target and no limit is passed.

    The disturbance is what the measurement has beside the model, `d = y − T − Σ bᵢ·xᵢ`, filtered by
    `a ← φ·a + λ·(d − φ·a)` with `φ = exp(−Δt/τ)`, and expected as `φᵖ·a` p samples later: the minimum-variance
    predictor of a disturbance of correlation time τ with the steady Kalman gain λ. When the solver has no answer the
    rest of its last plan is used, if it still keeps every limit; else everything stays (the interlocks are the PLC's).
    Source: Maciejowski 2002 (prediction, last feasible plan); Åström 1970 (minimum variance).

    Args:
        model: of the plant, with its dead times in samples.
        costs: weights.
        period_s: time between samples Δt, in seconds.
        disturbance_s: correlation time τ of the disturbance, in seconds; inf for one that stays.
        weight: λ, above 0 and at most 1; `kalman_weight` gives it from the noise.
        moves: number of moves that are planned.
        solver: solves a problem or gives None; in a live cell a `SolverThread`.
    """

    def __init__(
        self,
        model: MpcModel,
        costs: MpcCosts,
        *,
        period_s: float,
        disturbance_s: float,
        weight: float = 0.5,
        moves: int = MOVES,
        solver: Solve = solve,
    ) -> None:
        if not 0.0 < weight <= 1.0 or not period_s > 0.0 or not disturbance_s > 0.0:
            raise ValueError(f"expected weight in (0, 1] and times above 0, got {weight}, {period_s}, {disturbance_s}")
        self.model = model
        self.source = Source.HELD
        self._problem = MpcProblem(model, moves, costs)
        self._state = MpcState(model, self._problem.samples)
        self._solver = solver
        self._weight = weight
        self._forget = math.exp(-period_s / disturbance_s)
        self._powers = self._forget ** np.arange(1, self._problem.samples + 1)
        self._recipe, self._gains, self._follow, self._mixing = model.recipe, model.gains[0], model.follow, model.mixing
        self._seen: Array | None = None
        self._estimate, self._knows = 0.0, False
        self._plan: Array | None = None

    def update(self, sample: VectorSample, *, frozen: bool = False) -> tuple[float, ...]:
        """The targets, in the units of the set-points."""
        in_force = np.array(sample.in_force) - self._recipe
        if self._seen is None:
            self._state.settle(in_force)
        self._state.advance(in_force)
        self._learn(sample, frozen=frozen)
        if frozen:
            self._plan = None
            return sample.in_force
        self._plan = self._plan_moves(self._pose(sample, in_force))
        if self._plan is None:
            return sample.in_force
        return tuple((self._recipe + self._plan[: len(in_force)]).tolist())

    def hand_over(self, in_force: tuple[float, ...]) -> None:  # noqa: ARG002 - each sample says what is in force
        """Forget the plan; the next moves start, within their rates, from the values in force."""
        self._plan = None

    def _learn(self, sample: VectorSample, *, frozen: bool) -> None:
        """Advance the model of the measured material, and unless frozen the estimate of its disturbance."""
        delayed = self._mixing @ (np.array(sample.delayed) - self._recipe)
        self._seen = delayed if self._seen is None else self._seen + self._follow * (delayed - self._seen)
        self._estimate *= self._forget
        if not frozen:
            disturbance = sample.measurement - self.model.target - float(self._gains @ self._seen)
            weight = self._weight if self._knows else 1.0  # nothing to average the first one with
            self._estimate += weight * (disturbance - self._estimate)
            self._knows = True

    def _pose(self, sample: VectorSample, in_force: Array) -> Problem:
        held, near = self._state.free()
        limited = np.array(sample.limited) + near[1:] - near[0]
        return self._problem.build(held[1:] + self._estimate * self._powers, limited, in_force)

    def _plan_moves(self, problem: Problem) -> Array | None:
        plan = self._solver(problem)
        if plan is not None:
            self.source = Source.SOLVED
            return plan
        rest = None if self._plan is None else self._shift(self._plan)
        if rest is not None and problem.is_feasible(rest):
            self.source = Source.LAST_FEASIBLE
            return rest
        self.source = Source.HELD
        return None

    def _shift(self, plan: Array) -> Array:
        """The rest of a plan: its first move is done, its last one stays; a specification may be exceeded at will."""
        count = len(self._recipe)
        return np.concatenate((plan[count:-1], plan[-1 - count : -1], [ANY_EXCESS]))


def kalman_weight(noise: float, disturbance: float, *, period_s: float, disturbance_s: float) -> float:
    """Steady Kalman gain for a disturbance of standard deviation and correlation time behind white noise.

    Solves `P = φ²·P·R/(P + R) + (1 − φ²)·σ²` for the variance P before a measurement; the weight is P/(P + R).

    Args:
        noise: standard deviation of one measurement; R is its square.
        disturbance: standard deviation of the disturbance, in the same unit.
        period_s: time between samples, in seconds.
        disturbance_s: its correlation time, in seconds.
    """
    kept = math.exp(-2.0 * period_s / disturbance_s)
    added, noisy = -math.expm1(-2.0 * period_s / disturbance_s) * disturbance**2, noise**2
    half = (added - (1.0 - kept) * noisy) / 2.0
    before = half + math.sqrt(half**2 + added * noisy)
    return before / (before + noisy)
