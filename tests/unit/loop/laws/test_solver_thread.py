"""The solver's thread: answers in time or not at all, and never twice at once."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from cellctl.loop.adjust.laws import MpcCosts, MpcProblem, SolverThread, solve
from tests.unit.loop.laws.oven import model

LONG_S, SHORT_S = 30.0, 0.01


@pytest.fixture
def problem():
    built = MpcProblem(model(), 12, MpcCosts(0.1))
    return built.build(np.full(built.samples, 0.3), np.full((built.samples, 1), 15.0), np.zeros(7))


def test_same_answer_as_without_a_thread(problem):
    """The thread changes nothing of the answer."""
    host = SolverThread(LONG_S)
    try:
        answer, plain = host(problem), solve(problem)
        assert answer is not None
        assert plain is not None
        assert np.array_equal(answer, plain)
    finally:
        host.close()
    assert host.late == 0


def test_late_answer_is_none_and_the_next_in_time_counts_again(problem):
    """A solver that hangs costs answers until it is done, and no more."""
    gate, calls = threading.Event(), []

    def hangs_once(asked):
        calls.append(asked)
        if len(calls) == 1:
            gate.wait(LONG_S)
        return solve(asked)

    host = SolverThread(SHORT_S, hangs_once)
    try:
        assert host(problem) is None
        assert host(problem) is None  # still at the first: nothing piles up
        assert len(calls) == 1
        assert host.late == 2
        gate.set()
        running = host._running
        assert running is not None
        running.result(LONG_S)
        host.deadline_s = LONG_S
        assert host(problem) is not None
        assert host.late == 2
    finally:
        gate.set()
        host.close()


def test_fault_of_the_solver_is_not_hidden(problem):
    """An error in the function is the caller's to see, not a late answer."""

    def broken(_asked):
        raise ZeroDivisionError

    host = SolverThread(LONG_S, broken)
    try:
        with pytest.raises(ZeroDivisionError):
            host(problem)
    finally:
        host.close()


def test_deadline_is_checked():
    """No answer can be in time for a deadline of 0."""
    with pytest.raises(ValueError, match="deadline above 0"):
        SolverThread(0.0)
