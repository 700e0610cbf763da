"""A report in a real browser: it shows, and the console stays empty."""

import shutil
import subprocess

import pytest

from cellctl.cli.report import report
from tests.unit.evidence.builders import make_run

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for name in NAMES if (path := shutil.which(name))), "")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine")


def look(page, profile):
    """What the browser says of a page on its console, and the page as it understood it."""
    done = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run",
         f"--user-data-dir={profile}", "--enable-logging=stderr", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return [line for line in done.stderr.splitlines() if "CONSOLE" in line], done.stdout


def test_a_report_leaves_the_console_empty(tmp_path):
    """No error, no warning, nothing that its own policy forbids; every image is one."""
    page = tmp_path / "report.html"
    report(make_run(tmp_path / "run"), out=page)
    console, shown = look(page, tmp_path / "profile")
    assert console == []
    assert "What happened" in shown


def test_a_page_that_breaks_its_policy_does_not(tmp_path):
    """The control: a script in the same page shows on the console."""
    page = tmp_path / "report.html"
    report(make_run(tmp_path / "run"), out=page)
    page.write_text(page.read_text(encoding="utf-8").replace("<main>", "<main><script>1</script>"), encoding="utf-8")
    console, _ = look(page, tmp_path / "profile")
    assert len(console) == 1
    assert "Content Security Policy" in console[0]
