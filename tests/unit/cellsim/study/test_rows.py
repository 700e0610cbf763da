"""Rows of a study: lines, controls, and exact intervals."""

from __future__ import annotations

import json
import math

import msgspec
import numpy as np
import pytest
from scipy import stats

from cellsim.study.intervals import bootstrap, clopper_pearson, reduction
from cellsim.study.report import write_json
from cellsim.study.rows import Line, Row


def _row(value: float, **more) -> Row:
    return Row(study="sham", case={"rate_per_m": 0.2}, figure="share", value=value, n=100, **more)


@pytest.mark.parametrize(("events", "trials"), [(0, 10), (3, 40), (40, 40), (210, 4000)])
def test_clopper_pearson_is_the_beta_quantile(events, trials):
    """The interval agrees with the quantiles of the beta distribution, at the ends too."""
    low, high = clopper_pearson(events, trials)
    expected_low = stats.beta.ppf(0.025, events, trials - events + 1) if events else 0.0
    expected_high = stats.beta.ppf(0.975, events + 1, trials - events) if events < trials else 1.0
    assert (low, high) == pytest.approx((expected_low, expected_high), abs=1e-6)


def test_no_trials_say_nothing():
    """Without trials the interval is everything."""
    assert clopper_pearson(0, 0) == (0.0, 1.0)


def test_bootstrap_covers_the_mean_as_often_as_it_says():
    """Over many sets of seeds the 95 % interval holds the true reduction in 85 to 99 % of them (20 seeds are few)."""
    rng = np.random.default_rng(3)
    hits = 0
    for number in range(60):
        opened = rng.poisson(100.0, size=20)
        closed = rng.poisson(20.0, size=20)
        low, high = bootstrap(list(zip(opened, closed, strict=True)), reduction, seed=number)
        hits += low <= 0.8 <= high
    assert 51 <= hits <= 60


def test_a_line_may_be_judged_by_the_unfavourable_end():
    """A figure that keeps its line does not when the bound of its interval is asked and does not."""
    assert _row(0.09, ci95=(0.05, 0.12), must=Line(most=0.1)).passes
    assert not _row(0.09, ci95=(0.05, 0.12), must=Line(most=0.1, by_interval=True)).passes


def test_a_control_passes_only_when_it_fails():
    """A negative control that keeps its line is a failed study."""
    assert _row(0.4, must=Line(most=0.1), control=True).passes
    assert not _row(0.05, must=Line(most=0.1), control=True).passes


def test_a_control_without_a_figure_shows_nothing():
    """A control that could not be measured does not pass for one that failed its line."""
    assert not _row(math.nan, must=Line(most=0.1), control=True).passes


def test_nan_keeps_no_line():
    """A figure that could not be measured holds nothing."""
    assert not _row(math.nan, must=Line(most=0.1)).passes
    assert not _row(math.nan, must=Line(least=0.1)).passes


def test_a_row_as_written():
    """The file says what was varied, the line in words, whether it holds, and that a control fails."""
    written = _row(0.4, ci95=(0.3, 0.5), must=Line(most=0.1), control=True).to_builtins()
    assert written["rate_per_m"] == 0.2
    assert written["must"] == "≤ 0.1"
    assert written["holds"] is False
    assert (written["control"], written["fails"]) == (True, True)


def test_a_study_run_alone_replaces_its_own_rows(tmp_path):
    """The other studies' rows stay, and count: a line that one of them missed is still missed."""
    path = tmp_path / "study.json"
    facts = {"config": "c", "quick": False}
    missed = _row(0.2, must=Line(most=0.1))
    other = msgspec.structs.replace(missed, study="other")
    write_json(path, [missed, other], facts)
    write_json(path, [_row(0.05, must=Line(most=0.1))], facts, only=[missed.study])
    document = json.loads(path.read_text(encoding="utf-8"))
    assert [(row["study"], row["value"]) for row in document["rows"]] == [("other", 0.2), (missed.study, 0.05)]
    assert document["holds"] is False


def test_each_study_keeps_the_facts_of_its_own_run(tmp_path):
    """Rows that stay say with which cell they were measured; those of a small run do not stay beside a full one."""
    path = tmp_path / "study.json"
    other = msgspec.structs.replace(_row(0.2), study="other")
    write_json(path, [other], {"config": "a", "quick": False})
    write_json(path, [_row(0.05)], {"config": "b", "quick": False}, only=["sham"])
    document = json.loads(path.read_text(encoding="utf-8"))
    assert {name: run["config"] for name, run in document["runs"].items()} == {"other": "a", "sham": "b"}
    write_json(path, [_row(0.05)], {"config": "b", "quick": True}, only=["sham"])
    assert [row["study"] for row in json.loads(path.read_text(encoding="utf-8"))["rows"]] == ["sham"]
