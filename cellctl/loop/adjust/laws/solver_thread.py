"""Solving in a thread of its own, so that a slow problem costs one answer and never the caller's rhythm."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

from cellctl.loop.adjust.laws.qp import Array, Problem, Solve, solve


class SolverThread:
    """Answers within the deadline, or None; what comes late is thrown away.

    The law then goes on with its last feasible plan. While a late problem is still being solved there is no answer
    either: a thread cannot be stopped, and one that piles up work would only get later.

    Args:
        deadline_s: longest wait for an answer, in seconds.
        function: solves a problem; the default is daqp.
    """

    def __init__(self, deadline_s: float, function: Solve = solve) -> None:
        if not deadline_s > 0.0:
            raise ValueError(f"expected a deadline above 0 s, got {deadline_s:g} s")
        self.deadline_s = deadline_s
        self.late = 0
        self._function = function
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="solver")
        self._running: Future[Array | None] | None = None

    def __call__(self, problem: Problem) -> Array | None:
        """The optimal point, or None when there is none or the deadline has passed."""
        if self._running is not None and not self._running.done():
            self.late += 1
            return None
        self._running = self._pool.submit(self._function, problem)
        try:
            return self._running.result(timeout=self.deadline_s)
        except TimeoutError:
            self.late += 1
            return None

    def close(self) -> None:
        """End the thread; waits for the problem it is at, which the bound on iterations limits."""
        self._pool.shutdown(wait=True, cancel_futures=True)
