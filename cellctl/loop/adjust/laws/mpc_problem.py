"""The quadratic program of the constrained predictive law; pure, so that it can be checked row by row."""

from __future__ import annotations

import math

import msgspec
import numpy as np

from cellctl.loop.adjust.laws.mpc_model import MpcModel
from cellctl.loop.adjust.laws.qp import Array, Problem

ROUNDING = 1e-6
"""Room for the solver's tolerance where a plan has no other choice, in the unit of the limited characteristic."""


class MpcCosts(msgspec.Struct, frozen=True):
    """What is bad, and how bad.

    Args:
        tolerance: deviation of the held characteristic that costs 1 a sample, in its unit.
        move: cost of moving a set-point across its whole envelope in one sample.
        away: cost of standing a whole envelope away from the recipe for one sample; above 0, so that of the many
            ways to hold one characteristic with several set-points the one near the recipe is taken.
        excess: cost of one tolerance above `at_most`; more than any deviation is worth.
    """

    tolerance: float
    move: float = 1e-2
    away: float = 1e-4
    excess: float = 1e4


class MpcProblem:
    """Builds `min Σ‖Q(y−r)‖² + ‖RΔu‖² + ρ‖ε‖²` with box, rate, neighbours, hard limits and a soft specification.

    Variables are the set-points of each move as deviations from the recipe (move by move), then the slack ε; after the
    last move they stay. Only bounds and the linear term change from sample to sample. Where a person has already put a
    set-point outside the envelope, or neighbours too far apart, the plan may not make it worse; where a hard limit is
    already passed, or cannot be kept any more, the plan goes back as fast as the rates allow. Source: Maciejowski 2002;
    dynamic matrix control, Cutler and Ramaker 1980.

    Args:
        model: of the plant.
        moves: number of moves.
        costs: weights.
    """

    def __init__(self, model: MpcModel, moves: int, costs: MpcCosts) -> None:
        if moves < 1 or not costs.tolerance > 0.0 or not costs.away > 0.0:
            raise ValueError(f"expected at least one move, a tolerance and a cost of being away above 0, got {costs}")
        self.model, self.moves, self.costs = model, moves, costs
        self.count = len(model.inputs)
        self.size = moves * self.count + 1
        dead = [each.acts_after + each.seen_after for each in model.inputs]
        self.samples = moves + max(dead)
        self._held = self._forced(0)
        self._near = [self._forced(1 + index) for index in range(len(model.limits))]
        self._span = np.tile([float(each.high - each.low) for each in model.inputs], moves)
        self._difference = np.eye(self.size - 1) - np.eye(self.size - 1, k=-self.count)
        self._hessian = self._build_hessian()
        self._rows = self._build_rows()
        recipe = model.recipe
        self._low = np.tile([each.low for each in model.inputs] - recipe, moves)
        self._high = np.tile([each.high for each in model.inputs] - recipe, moves)
        self._rate = np.tile([float(each.rate) for each in model.inputs], moves)

    def build(self, expected: Array, near: Array, in_force: Array) -> Problem:
        """The problem of one sample.

        Args:
            expected: deviation of the held characteristic from its target in the next `samples` samples if all
                set-points went to the recipe, with the disturbance; shape (samples,).
            near: the limited characteristics likewise, absolute; shape (samples, limits).
            in_force: set-points in force as deviations from the recipe; shape (inputs,).
        """
        scale = self.costs.tolerance
        linear = np.zeros(self.size)
        linear[:-1] = self._held.T @ expected / scale**2
        linear[: self.count] -= self.costs.move * in_force / self._span[: self.count] ** 2
        lower, upper = self._row_bounds(expected, near, in_force)
        now = np.tile(in_force, self.moves)
        low, high = np.append(np.minimum(self._low, now), 0.0), np.append(np.maximum(self._high, now), math.inf)
        return Problem(self._hessian, linear, self._rows, low, high, lower, upper)

    def _forced(self, output: int) -> Array:
        """Response of an output to each variable, samples × (moves·inputs)."""
        steps = self.model.step_response(output, self.samples)
        forced = np.zeros((self.samples, self.moves, self.count))
        for move in range(self.moves):
            forced[move:, move] += steps[: self.samples - move]
            if move < self.moves - 1:  # until the next move; the last one stays
                forced[move + 1 :, move] -= steps[: self.samples - move - 1]
        return forced.reshape(self.samples, -1)

    def _build_hessian(self) -> Array:
        costs = self.costs
        hessian = np.zeros((self.size, self.size))
        hessian[:-1, :-1] = self._held.T @ self._held / costs.tolerance**2
        scaled = self._difference / self._span
        hessian[:-1, :-1] += costs.move * scaled.T @ scaled
        hessian[:-1, :-1] += costs.away * np.diag(self._span**-2)
        hessian[-1, -1] = costs.excess / costs.tolerance**2
        return hessian

    def _build_rows(self) -> Array:
        blocks: list[Array] = [self._difference]
        if math.isfinite(self.model.neighbours):
            pairs = np.eye(self.count - 1, self.count, k=1) - np.eye(self.count - 1, self.count)
            blocks.append(np.asarray(np.kron(np.eye(self.moves), pairs), dtype=np.float64))
        blocks += self._near
        rows = [np.hstack((block, np.zeros((len(block), 1)))) for block in blocks]
        if math.isfinite(self.model.at_most):
            rows.append(np.hstack((self._held, -np.ones((self.samples, 1)))))
        return np.vstack(rows)

    def _retreat(self, index: int, in_force: Array) -> Array:
        """The moves that lower a limited characteristic as fast as rates and envelope allow."""
        away = -np.sign(self.model.gains[1 + index])
        far = in_force + away * self._rate[: self.count] * np.arange(1, self.moves + 1)[:, None]
        low, high = self._low[: self.count], self._high[: self.count]
        return np.asarray(np.clip(far, np.minimum(low, in_force), np.maximum(high, in_force)).ravel())

    def _row_bounds(self, expected: Array, near: Array, in_force: Array) -> tuple[Array, Array]:
        model = self.model
        first = np.zeros(self.size - 1)
        first[: self.count] = in_force
        lower, upper = [first - self._rate], [first + self._rate]
        if math.isfinite(model.neighbours):
            apart = np.diff(model.recipe)
            now = apart + np.diff(in_force)
            lower.append(np.tile(np.minimum(-model.neighbours, now) - apart, self.moves))
            upper.append(np.tile(np.maximum(model.neighbours, now) - apart, self.moves))
        for index, limit in enumerate(model.limits):
            lower.append(np.full(self.samples, -math.inf))
            fastest = self._near[index] @ self._retreat(index, in_force)
            upper.append(np.maximum(limit - near[:, index], fastest + ROUNDING))
        if math.isfinite(model.at_most):
            lower.append(np.full(self.samples, -math.inf))
            upper.append(model.at_most - model.target - expected)
        return np.concatenate(lower), np.concatenate(upper)
