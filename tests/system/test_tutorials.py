"""The tutorials do what they say: typed word for word into a shell, beside a copy of the cells that ship."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT
from tests.docs.session import Departed, run

pytestmark = pytest.mark.timeout(300)


def typed(page, folder):
    """A page, typed by somebody who has set everything up."""
    shutil.copytree(ROOT / "configs", folder / "configs")
    shutil.copytree(ROOT / "sim" / "cellsim" / "scenarios", folder / "sim" / "cellsim" / "scenarios")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    run([page], folder, {**os.environ, "PATH": path, "LANG": "C.UTF-8", "COLUMNS": "160"}, timeout_s=240)


@pytest.mark.parametrize("name", ["engineer", "tester"])
def test_a_tutorial_does_what_it_says(name, tmp_path):
    """Every command ends as announced, and every line that the page shows comes out."""
    typed(ROOT / "docs" / "tutorial" / f"{name}.md", tmp_path)


@pytest.mark.parametrize(
    "page",
    ["```sh\nfalse\n```\n", "```sh\necho one\n```\n\n```text\ntwo\n```\n", "<!-- exit 2 -->\n\n```sh\ntrue\n```\n"],
    ids=["a command fails", "a line does not come out", "nothing fails where it should"],
)
def test_a_page_that_lies_is_found(page, tmp_path):
    """The negative control: whatever departs from the page is reported."""
    (tmp_path / "page.md").write_text(page)
    with pytest.raises(Departed):
        typed(tmp_path / "page.md", tmp_path / "folder")
