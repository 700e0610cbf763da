"""The shadow report: what was advised, what became of the rate, and what such a prediction is worth."""

import pytest

from cellctl.model import AdviceState
from cellctl.report.run_record import read_run
from cellctl.report.shadow import interval, shadow_text, sums
from tests.unit.report.builders import Page, quiet_run, report_of, shadow_of, shadow_run

P, F, U = AdviceState.PERSISTED, AdviceState.FELL, AdviceState.UNDECIDED


def test_the_sums_count_what_became_of_the_rate(tmp_path):
    """Three advices, one of each answer; the metres and objects are those of the tests that ran with nothing moved."""
    shadow_run(tmp_path, P, F, U)
    (row,) = sums(read_run(tmp_path))
    assert (row.loop, row.advices, row.persisted, row.fell, row.other) == ("edge_spur left", 3, 1, 1, 1)
    assert (row.metres, row.objects) == (pytest.approx(45.0), 3)
    assert (row.gain, row.drift) == (pytest.approx(0.9), 0.33)


def test_each_advice_is_told_with_its_price(tmp_path):
    """Class, set-point, from and to, expected gain, side effect, drift, and what became of the rate."""
    shadow_run(tmp_path, P)
    text = Page(shadow_of(tmp_path)).text
    for words in ("edge_spur-left-1 (shadow)", "coat_edge_spur, left", "20 → 21 kPa", "90 %", "streak × 1.15", "33 %",
                  "PERSISTED: the rate stayed up"):  # fmt: skip
        assert words in text, words


def test_it_says_what_a_prediction_is_worth(tmp_path):
    """Nothing was moved, so no gain was measured; the share that fell by itself is the least to distrust later."""
    shadow_run(tmp_path, *(P,) * 9, F)
    text = Page(shadow_of(tmp_path)).text
    assert "nothing here shows that a move would have helped" in text
    assert "After 1 of 10 advices with a clear answer the rate fell by itself" in text
    low, high = interval(1, 10)
    assert "at least this share of later verdicts EFFECTIVE is not to be trusted" in text
    assert f"{100 * low:.0f} % to {100 * high:.0f} % (95 % interval)" in text


def test_of_few_answers_no_share_is_said(tmp_path):
    """Nine are counted, and said to be too few; no interval that is most of the scale."""
    shadow_run(tmp_path, *(P,) * 8, F)
    text = Page(shadow_of(tmp_path)).text
    assert "After 1 of 9 advices" in text
    assert "at least 10 are needed" in text
    assert "95 %" not in text


def test_without_an_answer_nothing_is_said_of_trust(tmp_path):
    """An open advice is no evidence of anything."""
    shadow_run(tmp_path, U)
    assert "says nothing on how often" in Page(shadow_of(tmp_path)).text


def test_a_run_without_advice_says_why(tmp_path):
    """The loop's authority is named: one that acts does not advise."""
    quiet_run(tmp_path)
    text = Page(shadow_of(tmp_path)).text
    assert "No loop of this run was in shadow or advisory" in text
    assert "edge_spur auto" in text
    assert "edge_spur auto, edge_spur auto" not in text
    assert not any("Advices: 0" in line.said() for line in shadow_text(read_run(tmp_path)))


def test_the_terminal_gets_the_same_in_a_few_lines(tmp_path):
    """Counts, one line per loop, and the warning."""
    shadow_run(tmp_path, P, F)
    lines = [line.said() for line in shadow_text(read_run(tmp_path))]
    assert lines[0].startswith("Advices: 2; inspected: 5 m")
    assert "stayed up after 1, fell by itself after 1" in lines[1]
    assert any("does NOT hold" in line for line in lines)


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"), [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0)]
)
def test_the_interval_is_wilson_s(hits, count, low, high):
    """Values of the formula worked out by hand: (p + z²/2n ± z·sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n)."""
    assert interval(hits, count) == pytest.approx((low, high), abs=1e-4)


def test_the_report_of_the_run_shows_its_advices(tmp_path):
    """A run in shadow has no correction to tell of, but it has advices."""
    shadow_run(tmp_path, P)
    page = Page(report_of(tmp_path))
    assert "advices" in page.ids
    assert "advice, by number" in "".join(image.decode() for image in page.images("svg+xml"))


def test_a_run_without_advice_has_no_such_part(tmp_path):
    """The control of the test above."""
    quiet_run(tmp_path)
    assert "advices" not in Page(report_of(tmp_path)).ids
