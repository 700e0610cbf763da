"""What the commands do: files where they were asked for, and one clear error otherwise."""

import importlib.util

import pytest

from cellctl.cli.report import report
from cellctl.cli.shadow_report import shadow_report
from cellctl.errors import ConfigError
from cellctl.report import needs
from tests.unit.evidence.builders import make_run
from tests.unit.report.builders import shadow_run


@pytest.fixture
def run(tmp_path):
    """A good run with one correction."""
    return make_run(tmp_path / "run")


def test_the_report_lies_in_the_folder_of_its_run(run, capsys):
    """Nobody has to think of a name."""
    assert report(run) == 0
    assert (run / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert "report.html" in capsys.readouterr().out


def test_a_report_does_not_change_what_it_is_about(run):
    """The evidence holds as before, with the same head, and a second report is the same."""
    report(run)
    first = (run / "report.html").read_bytes()
    report(run)
    assert (run / "report.html").read_bytes() == first


def test_the_pdf_lies_beside_it_and_is_the_same_each_time(run, tmp_path):
    """By typst, with the date of the run and the fonts of matplotlib."""
    report(run, out=tmp_path / "a.html", pdf=True)
    report(run, out=tmp_path / "b.html", pdf=True)
    made = (tmp_path / "a.pdf").read_bytes()
    assert made.startswith(b"%PDF-")
    assert made == (tmp_path / "b.pdf").read_bytes()


def test_a_shadow_report_is_written_and_told(tmp_path, capsys):
    """The terminal says it in short."""
    shadow_run(tmp_path, "PERSISTED")
    assert shadow_report(tmp_path, pdf=True) == 0
    assert (tmp_path / "shadow-report.html").is_file()
    assert (tmp_path / "shadow-report.pdf").is_file()
    assert "Advices: 1" in capsys.readouterr().out


def test_a_name_that_is_no_html_file_s_is_refused(run, tmp_path):
    """A PDF of HTML would open nowhere."""
    with pytest.raises(ConfigError, match=r"CELL-1201.*r\.html"):
        report(run, out=tmp_path / "r.pdf")


def test_a_folder_that_is_not_there_is_one_clear_error(run, tmp_path):
    """Not a traceback."""
    with pytest.raises(ConfigError, match="CELL-1202"):
        report(run, out=tmp_path / "nowhere" / "r.html")


def test_a_missing_package_is_named_with_the_line_that_installs_it(run, monkeypatch):
    """A cell runs without them."""
    monkeypatch.setattr(needs, "find_spec", lambda name: None if name == "typst" else importlib.util.find_spec(name))
    report(run)  # HTML does not need it
    with pytest.raises(ConfigError, match=r"CELL-1200.*typst.*pip install 'cellctl\[report\]'"):
        report(run, pdf=True)
