"""The page of figures: what stands between its markers is the table of the last full run."""

from __future__ import annotations

import json

import pytest

from cellsim.study.publish import fill, publish
from cellsim.study.rows import Line, Row

ROWS = [
    Row("sham", {"rate_per_m": 0.2}, "share", 0.08, 100, (0.05, 0.09), Line(most=0.1)).to_builtins(),
    Row("sham", {"rate_per_m": 0.2}, "share", 0.40, 100, None, Line(most=0.1), control=True).to_builtins(),
    Row("sham", {"rate_per_m": 0.2}, "printed only", 0.5, 100).to_builtins(),
]
PAGE = "# Title\n\n<!-- study:begin (x) -->\nold\n<!-- study:end -->\n\nText.\n"


def test_the_table_replaces_what_was_there():
    """Rows with a line stand in the table, others do not, and the text around it stays."""
    page = fill(PAGE, ROWS)
    assert "\nold\n" not in page
    assert "| sham: share (rate 0.2) | ≤ 0.1 | 0.080 | 0.050 – 0.090 | 100 | yes |" in page
    assert "fails, as a control must" in page
    assert "printed only" not in page
    assert page.startswith("# Title\n")
    assert page.endswith("\nText.\n")
    assert fill(page, ROWS) == page


def test_a_page_without_markers_is_refused():
    """Nothing is written into a page that does not ask for it."""
    with pytest.raises(ValueError, match="markers"):
        fill("# Title\n", ROWS)


def test_a_quick_run_is_not_published(tmp_path):
    """Figures of a quick run never reach the page."""
    (tmp_path / "study.json").write_text(json.dumps({"quick": True, "rows": ROWS}))
    with pytest.raises(ValueError, match="quick"):
        publish(tmp_path, tmp_path)


def test_plots_stand_below_the_table():
    """Only plots that were drawn are shown, each with words for those who cannot see it."""
    page = fill(PAGE, ROWS, ["sham"])
    assert "![EFFECTIVE and PROVEN with a disconnected actuator](images/study-sham.svg)" in page
    assert "study-headline" not in page
    assert fill(page, ROWS, ["sham"]) == page
