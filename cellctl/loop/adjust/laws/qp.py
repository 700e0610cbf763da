"""A convex quadratic program and the function that solves it (daqp, a dual active-set method)."""

from __future__ import annotations

from collections.abc import Callable

import daqp
import msgspec
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

ITERATIONS = 2000
"""Bound on the solver's work: it ends after the same number of steps on a slow machine and on a fast one."""

OPTIMAL = 1
"""Exit flag of daqp for an optimal solution; everything else gives none."""


class Problem(msgspec.Struct, frozen=True):
    """Minimise `½·xᵀHx + fᵀx` with `low ≤ x ≤ high` and `lower ≤ Ax ≤ upper`.

    Args:
        hessian: H, n × n, positive definite.
        linear: f, n.
        rows: A, m × n.
        low: of the variables, n.
        high: of the variables, n.
        lower: of the rows, m.
        upper: of the rows, m.
    """

    hessian: Array
    linear: Array
    rows: Array
    low: Array
    high: Array
    lower: Array
    upper: Array

    def is_feasible(self, point: Array, tolerance: float = 1e-6) -> bool:
        """Whether a point keeps every bound."""
        values = self.rows @ point
        return bool(
            np.all(point >= self.low - tolerance)
            and np.all(point <= self.high + tolerance)
            and np.all(values >= self.lower - tolerance)
            and np.all(values <= self.upper + tolerance)
        )


Solve = Callable[[Problem], Array | None]
"""Solves a problem; None when there is no feasible point, or none was found in the bounds of the work."""


def solve(problem: Problem) -> Array | None:
    """The optimal point, or None; the same for the same problem, however fast the machine is.

    Variables are scaled to a unit diagonal of H first: with a slack that costs a million times what a move costs daqp
    otherwise takes the Hessian for singular and needs 30 000 steps instead of 20.
    """
    scale = 1.0 / np.sqrt(np.diag(problem.hessian))
    point, _, flag, _ = daqp.solve(
        problem.hessian * scale * scale[:, None],
        problem.linear * scale,
        problem.rows * scale,
        np.concatenate((problem.high / scale, problem.upper)),
        np.concatenate((problem.low / scale, problem.lower)),
        iter_limit=ITERATIONS,
    )
    return np.asarray(point, dtype=np.float64) * scale if flag == OPTIMAL else None
