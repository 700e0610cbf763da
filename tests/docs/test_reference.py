"""The pages under docs/reference are those that the code of today writes."""

import os
import subprocess
import sys

import pytest

from docs.generate import pages
from docs.generating.markdown import in_cell
from tests.docs.pages import ROOT

REFERENCE = ROOT / "docs" / "reference"


@pytest.fixture(scope="module")
def written():
    """Every page, written anew."""
    return pages()


@pytest.mark.parametrize("name", ["cell.md", "commands.md", "errors.md", "messages.md", "plugins.md"])
def test_a_committed_page_is_current(name, written):
    """Nobody changed a setting, a command, a message or a code without `make reference`."""
    assert (REFERENCE / name).read_text(encoding="utf-8") == written[name], "run `make reference`"


def test_there_is_no_other_page(written):
    """A page that is no longer written does not stay behind."""
    assert {path.name for path in REFERENCE.glob("*.md")} == set(written)


def test_the_surroundings_do_not_matter(tmp_path):
    """A narrow terminal, another language and another folder give the same page; what is installed beside does too."""
    brought = tmp_path / "other-1.0.dist-info"
    brought.mkdir()
    (brought / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (brought / "entry_points.txt").write_text(
        "[cellctl.plugins]\nother-plugin = no.such:Thing\n[cellctl.commands]\nother = no.such:thing\n"
    )
    program = (
        "import sys; from docs.generate import pages; "
        "sys.stdout.buffer.write((pages()['plugins.md'] + pages()['commands.md']).encode())"
    )
    paths = os.pathsep.join([str(ROOT), str(ROOT / "sim"), str(tmp_path)])
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, check=True,
        env={**os.environ, "COLUMNS": "30", "LANG": "zh_CN.UTF-8", "PYTHONPATH": paths},
    )  # fmt: skip
    said = done.stdout.decode("utf-8")
    assert said == (REFERENCE / "plugins.md").read_text(encoding="utf-8") + (REFERENCE / "commands.md").read_text(
        encoding="utf-8"
    )


def test_a_cell_of_a_table_stays_one():
    """A bar does not end it, and a placeholder does not become a tag of HTML; code is left as it is."""
    assert in_cell("a | b, <name>, < 1\nand `<tag>`") == "a \\| b, &lt;name>, < 1 and `<tag>`"
