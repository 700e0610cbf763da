"""The runner of the comparisons and of the split over threads, on cases that are made up."""

from __future__ import annotations

import json
import sys
from types import ModuleType

import numpy as np
import pytest

from benchmarks import kernels, scaling
from benchmarks.peers import collect, machine
from benchmarks.peers.case import Case, Peer


def _spin(rounds):
    return lambda: sum(range(rounds))


def _case(name, goal):
    return Case(name, _spin(2_000), (Peer("four times", _spin(8_000), goal),), None, lambda: 0.0, "-")


@pytest.fixture
def run(monkeypatch, tmp_path, capsys):
    """Run `main` over some cases with some arguments: status, rows in the file or None, what was printed."""
    monkeypatch.setattr(kernels, "RESULTS", tmp_path / "kernels.json")
    monkeypatch.setattr(machine, "pin", lambda: None)
    monkeypatch.setattr(collect, "single_thread", lambda: None)

    def main(cases, *arguments, missing=None):
        module = ModuleType("made_up")
        vars(module)["cases"] = lambda: cases
        monkeypatch.setattr(collect, "load", lambda: collect.Peers([module], missing or {}))
        monkeypatch.setattr(sys, "argv", ["kernels", *arguments])
        status = kernels.main()
        rows = json.loads(kernels.RESULTS.read_text()) if kernels.RESULTS.exists() else None
        return status, rows, capsys.readouterr().out

    return main


def test_a_goal_that_is_met_passes_and_each_case_is_in_the_file(run):
    """Twice as fast was promised, and it is four times."""
    status, rows, _ = run([_case("a", goal=2.0), _case("b", goal=2.0)])
    assert status == 0
    assert {row["case"] for row in rows} == {"a", "b"}
    assert {"ours_us", "peer", "peer_us", "limit", "limit_us", "ratio_peer", "ratio_limit", "ci95"} <= set(rows[0])


def test_a_goal_that_is_missed_fails_and_is_named(run):
    """A hundred times as fast was promised, and it is four times."""
    status, _, said = run([_case("a", goal=100.0)])
    assert status == 1
    assert "MISSED: 100 times faster" in said


def test_a_peer_that_is_not_installed_fails_and_is_a_row(run):
    """Nobody reads a table without it as a table with it."""
    status, rows, _ = run([], missing={"tensor": "cv2"})
    assert status == 1
    assert rows == [{"case": "tensor", "skipped": "cv2 is not installed; do: pip install '.[bench]'"}]


def test_a_part_of_the_cases_does_not_replace_the_results_of_all(run):
    """`--only` prints its cases and leaves the file alone."""
    _, rows, said = run([_case("left", goal=0), _case("right", goal=0)], "--only", "LEFT")
    assert rows is None
    assert "left" in said
    assert "right" not in said


@pytest.mark.parametrize("arguments", [("--only", "nothing"), ("--rounds", "29")])
def test_what_would_measure_nothing_or_too_little_is_refused(run, arguments):
    """A name that no case has, and too few rounds for the interval."""
    with pytest.raises(SystemExit) as left:
        run([_case("a", goal=0)], *arguments)
    assert left.value.code == 2


@pytest.mark.parametrize(
    ("control", "kernel", "status", "runs"),
    [(1.9, 1.7, 0, 1), (1.9, 1.5, 1, 1), (1.5, 1.7, 2, scaling.RUNS), (1.5, 1.4, 2, scaling.RUNS)],
)
def test_a_split_counts_where_the_control_scales_and_is_tried_again_where_not(
    monkeypatch, control, kernel, status, runs
):
    """A noisy run neither passes nor condemns a kernel; it is made again, and the status says so."""
    made = []

    def times(found, rounds):
        made.append(found)
        return np.ones((rounds, 2, 1)) * np.array([[control, 1.0], [kernel, 1.0]])

    monkeypatch.setattr(scaling, "times_of", times)
    rows = scaling.measure([("control", scaling.hash_rows, 2), ("kernel", scaling.hash_rows, 2)], rounds=31)
    assert scaling.status(rows) == status
    assert len(made) == rows[0]["run"] == runs
