"""A momentary request: the set-point goes up and comes back by itself, and only then the material counts."""

from __future__ import annotations

import pytest

from cellctl.config.resolved import Release
from cellctl.model import Kind, Proposal, TransactionState
from tests.unit.loop.builders import make_cell, make_loop
from tests.unit.loop.line import Line

S = TransactionState


def make_line(seed: int = 1, *, works: bool = True, **options) -> Line:
    """A line whose fault is cleared by one pulse, if it works."""

    def purge(line: Line) -> None:
        if works and line.in_force >= 20.9:
            line.deficit = 0.0

    loop = make_loop(law="pulse", release=Release(False, 300.0, 150.0, 2400.0))
    return Line(seed, cell=make_cell(loop), deficit=1.5, connected=False, disturb=purge, **options)


def test_a_pulse_that_clears_the_fault_is_effective():
    """Up, back as part of the move, then the usual test; EFFECTIVE is its last state, with the old value in force."""
    line = make_line()
    record = line.verdict()
    assert line.states == [S.PROPOSED, S.GUARDED, S.WRITTEN, S.IN_FORCE, S.WAITING, S.VERIFYING, S.EFFECTIVE]
    assert [(it.kind, it.target) for it in line.proposals] == [(Kind.STEP, 21.0), (Kind.RETURN, 20.0)]
    assert line.in_force == record.in_force == 20.0
    line.run(1000.0)
    assert line.records[-1].state is S.EFFECTIVE


def test_material_counts_from_the_return():
    """What was made while the request was out belongs neither to before nor to after."""
    line = make_line()
    record = line.verdict()
    back_s = (record.target_in_force_ns - record.first_in_force_ns) / 1e9
    assert back_s >= 2.0 * 1.0 / 0.4 - 0.5  # there and back at the slew of 0.4 kPa/s
    assert record.times_ns["WAITING"] >= record.target_in_force_ns
    assert record.verify_from_mm == pytest.approx((record.target_in_force_ns / 1e9 - 1.0) * 1000.0, abs=1.0)


def test_a_pulse_without_effect():
    """The test says no: INEFFECTIVE, and nothing but the old value is in force."""
    line = make_line(3, works=False)
    record = line.verdict()
    assert record.state is S.INEFFECTIVE_ROLLED_BACK
    assert line.in_force == record.in_force == 20.0


def test_a_request_that_is_not_taken_back_is_undecided():
    """A return that was not confirmed is asked for again as a roll-back, and nothing is claimed."""

    def refuse(proposal: Proposal) -> str:
        return "busy: test" if proposal.kind is Kind.RETURN else ""

    line = make_line(refuse=refuse)
    record = line.verdict()
    assert record.state is S.UNDECIDED
    assert "the request was not taken back: REFUSED, busy: test" in record.reason
    assert [it.kind for it in line.proposals] == [Kind.STEP, Kind.RETURN, Kind.ROLLBACK]
    assert line.in_force == 20.0


def test_a_return_without_an_answer_is_undecided():
    """When the guard never reports the return, the roll-back asks for the old value."""
    line = make_line(lose=lambda proposal: proposal.kind is Kind.RETURN)
    record = line.verdict()
    assert record.state is S.UNDECIDED
    assert line.in_force == 20.0
