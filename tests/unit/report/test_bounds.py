"""However much happened, the file stays small enough to mail, and says what it leaves out."""

import msgspec
import pytest

from cellctl.model import TransactionState
from cellctl.report import correction_page, section_corrections
from cellctl.report.html import to_html
from cellctl.report.run_record import read_run
from cellctl.report.run_report import run_report
from cellctl.report.traces import MOST_POINTS, thinned
from tests.unit.evidence.builders import make_run
from tests.unit.report.builders import Page

MAILED_BYTES = 5_000_000


class Noise:
    """Images that no compression makes smaller."""

    def __init__(self, size):
        self.size, self.asked = size, []

    def __call__(self, name):
        """As many bytes as were asked for."""
        self.asked.append(name)
        return bytes(self.size)


@pytest.fixture
def crowded(tmp_path, monkeypatch):
    """A run with 400 corrections, 10 of which did not help, each with an image of 60 kB."""
    run = read_run(make_run(tmp_path))
    (one,) = run.corrections.values()
    for number in range(1, 401):
        state = TransactionState.UNDECIDED if number % 40 == 0 else one.state
        name = f"edge_spur-left-{number}"
        run.corrections[name] = msgspec.structs.replace(one, transaction=name, state=state)
    monkeypatch.setattr(run, "image", Noise(60_000), raising=False)
    monkeypatch.setattr(correction_page, "draw_test", lambda *_: bytes(10_000))
    return run


def test_hundreds_of_corrections_fit(crowded):
    """All are in the table; a page have those that did not help and the latest; the rest is said to be left out."""
    text = to_html(run_report(crowded, str), str)
    page = Page(text)
    pages = [it for it in page.ids if it.startswith("correction-")]
    assert len(text.encode()) < MAILED_BYTES
    assert len(pages) == section_corrections.MOST_PAGES
    assert page.text.count("UNDECIDED:") == 10
    assert "120 of 400 corrections have a page" in page.text
    assert "images are left out" in page.text
    assert text.count("data:image/png") == correction_page.IMAGE_BYTES // 60_000


def test_a_few_corrections_leave_nothing_out(tmp_path):
    """The control of the test above."""
    text = to_html(run_report(read_run(make_run(tmp_path)), str), str)
    assert "left out, to keep" not in text
    assert "have a page" not in text


def test_a_long_line_keeps_its_extremes():
    """Thinning leaves out points, never the highest or the lowest one."""
    points = [(float(place), 0.0) for place in range(20_000)]
    points[7_777], points[12_345] = (7_777.0, 9.0), (12_345.0, -9.0)
    kept = thinned(points)
    assert len(kept) <= MOST_POINTS + 1
    assert {(7_777.0, 9.0), (12_345.0, -9.0), points[0], points[-1]} <= set(kept)


def test_a_short_line_is_kept_whole():
    """Nothing is left out without need."""
    points = [(float(place), float(place % 3)) for place in range(MOST_POINTS)]
    assert thinned(points) == tuple(points)


def test_the_budget_counts_what_it_refuses():
    """What was there and is left out is counted, not what never was."""
    budget = correction_page.Budget(left=10)
    assert budget.take(None) is None
    assert budget.take(bytes(11)) is None
    assert budget.take(bytes(9)) == bytes(9)
    assert (budget.left, budget.omitted) == (1, 1)
