"""The tutorials do what they say: typed word for word into a shell, beside a copy of the cells that ship."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, blocks
from tests.docs.session import Departed, run

pytestmark = pytest.mark.timeout(300)
TYPED = ("README.md", "docs/tutorial/engineer.md", "docs/tutorial/tester.md", "docs/contract.md", "docs/real-files.md")
FROM_CLONE = ("docs/index.md", "docs/tutorial/developer.md")
"""Typed by `make tutorial`, which CI runs."""


def typed(page, folder):
    """A page, typed by somebody who has set everything up."""
    shutil.copytree(ROOT / "configs", folder / "configs")
    shutil.copytree(ROOT / "sim" / "cellsim" / "scenarios", folder / "sim" / "cellsim" / "scenarios")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    run([page], folder, {**os.environ, "PATH": path, "LANG": "C.UTF-8", "COLUMNS": "160"}, timeout_s=240)


@pytest.mark.parametrize("page", TYPED)
def test_a_page_does_what_it_says(page, tmp_path):
    """Every command ends as announced, and every line that the page shows comes out."""
    typed(ROOT / page, tmp_path)


def test_every_page_with_commands_is_typed():
    """No page shows commands that nobody tries: here, or with the developer's tutorial, from `git clone` on."""
    translated = {"README.zh-CN.md"}  # its commands are those of README.md, which another test compares
    shown = {
        str(page.relative_to(ROOT))
        for page in PAGES
        for block in blocks(page)
        if block.language == "sh" and not block.is_exempt
    }
    assert shown - translated == {*TYPED, *FROM_CLONE}


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
