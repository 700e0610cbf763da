"""The latency bench as a command: what it keeps, what it prints and when it calls a run complete."""

import json

import pytest

from cellctl.runtime.supervision import Interrupted
from cellctl.testing.lateness import Lateness
from cellsim.commands import bench_loop as command
from tests.unit.cellsim.test_account import BOTH, FIRST, LAST, spur
from tests.unit.cellsim.test_figures import outcomes as trial_of

QUIET, NOISY = Lateness(1000, 0, 0.5, 0.0), Lateness(1000, 1, 17.5, 0.0)


def outcomes(lateness=QUIET, *, interrupted=False, more=(), **changes):
    """Two objects, two moves; `more` objects that nobody acted on."""
    made = trial_of([FIRST, LAST], **changes)
    made = made.__class__(**{**vars(made), "results": tuple(BOTH), "truth": [spur(1000.0), *more, spur(5000.0)]})
    return made.__class__(**{**vars(made), "lateness": lateness, "interrupted": interrupted})


@pytest.fixture
def bench(monkeypatch, tmp_path):
    """Runs the command over given outcomes instead of a line; returns its exit status and the result file."""
    result = tmp_path / "loop.json"
    result.write_text("kept")

    def run(*trials, moves=2):
        left = iter(trials)

        def run_trial(*_args, **_options):
            trial = next(left)
            if isinstance(trial, BaseException):
                raise trial
            return trial

        monkeypatch.setattr(command, "run_trial", run_trial)
        return command.bench_loop(moves=moves, out=tmp_path / "out", result=result), result.read_text()

    return run


def test_a_run_that_accounts_for_everything_is_complete(bench):
    """Every object acted on, every proposal confirmed, no flaw."""
    status, text = bench(outcomes())
    figures = json.loads(text)
    assert (status, figures["complete"], figures["flaws"]) == (0, True, [])
    assert figures["account"]["objects_placed"] == figures["exposure_to_in_force_ms"]["n"] == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"more": [spur(3000.0)]},
        {"envelope_violations": 1},
        {"dropped": 1},
        {"judged": ((0, 8),)},
        {"drained": False},
        {"evidence_ok": False},
        {"failure": "bus: ended"},
    ],
)
def test_anything_less_is_not_complete(bench, changes):
    """Each flaw alone makes the run incomplete; none of them is a time."""
    status, text = bench(outcomes(**changes))
    assert (status, json.loads(text)["complete"]) == (1, False)


def test_corrections_without_a_true_cause_are_not_complete(bench):
    """The same moves over a line that placed nothing there."""
    made = outcomes()
    status, text = bench(made.__class__(**{**vars(made), "truth": []}))
    assert status == 1
    assert "2 corrections rest on no true object that a set-point mends" in json.loads(text)["flaws"]


def test_too_few_moves_are_not_complete(bench):
    """Two confirmed of three asked for."""
    assert bench(outcomes(), moves=3)[0] == 1


@pytest.mark.parametrize("how", [Interrupted(), outcomes(interrupted=True)], ids=["starting", "running"])
def test_an_interrupted_run_keeps_the_figures_before(bench, how):
    """Figures of a run that somebody stopped never replace those of a whole one."""
    assert bench(how) == (1, "kept")


def test_an_interrupted_repetition_keeps_the_attempt_before(bench):
    """The noisy attempt that was finished, and it says that it was noisy."""
    status, text = bench(outcomes(NOISY), outcomes(interrupted=True))
    assert (status, json.loads(text)["noisy"]) == (1, True)


def test_every_attempt_is_printed(bench, capsys):
    """Two noisy attempts and a quiet one: three sets of figures on the screen, the last one kept."""
    status, text = bench(outcomes(NOISY), outcomes(NOISY), outcomes())
    printed = capsys.readouterr().out
    assert status == 0
    assert [f"attempt {number} of at most 3" in printed for number in (1, 2, 3)] == [True] * 3
    assert printed.count("exposure → in force: p50") == 3
    assert printed.count("NOISY machine") == 2
    kept = json.loads(text)
    assert (kept["attempts"], kept["noisy_attempts"], kept["noisy"]) == (3, 2, False)
