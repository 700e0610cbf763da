"""Broken configurations of every kind lead to errors of ours and to nothing else; `make fuzz` looks at many more."""

from __future__ import annotations

import pytest

from tests.fuzz.configuration import check_input, make_input, run_batch

SHORT = 1000
"""Of `make fuzz`, with another seed."""


def test_nothing_but_our_errors_comes_out():
    """A thousand cells and tables broken at random: no other exception, and every mistake has its line and column."""
    outcomes = run_batch(seed=2, start=0, count=SHORT)
    assert [it.trace for it in outcomes if it.trace] == []
    assert sum(it.lines for it in outcomes) == sum(it.placed for it in outcomes) > SHORT


def test_the_inputs_follow_from_the_seed():
    """Whoever finds a failure can make it again."""
    assert make_input(3, 17) == make_input(3, 17)
    assert make_input(3, 17) != make_input(4, 17)


def test_a_check_that_fails_is_found(tmp_path, monkeypatch):
    """The negative control: an exception of another kind is counted, with its traceback."""

    def broken(*_args, **_options):
        raise KeyError("plc")

    monkeypatch.setattr("tests.fuzz.configuration.load_checked", broken)
    outcome = check_input(tmp_path, make_input(1, 0))
    assert outcome.result == "uncaught"
    assert "KeyError" in outcome.trace


@pytest.mark.parametrize("number", range(5))
def test_an_input_is_checked_as_a_whole(tmp_path, number):
    """Cell and table lie in one folder, and the outcome has a code or is sound."""
    outcome = check_input(tmp_path, make_input(1, number))
    assert outcome.result == "sound" or outcome.result.startswith("CELL-")
