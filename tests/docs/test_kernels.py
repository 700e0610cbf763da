"""The page of the kernels names each of them, and says truly which of them nothing calls."""

import re

import pytest

from cellctl import kernels
from tests.docs.pages import ROOT

ROW = re.compile(r"^\| (`[^|]+) \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
IMPORT = re.compile(r"^ *from cellctl\.kernels\S* import (\([^)]*\)|.*)", re.MULTILINE)


def rows():
    """Names of a row of the first table → who calls them."""
    text = (ROOT / "docs/kernels.md").read_text(encoding="utf-8")
    table = text.partition("## What there is")[2].partition("## What fits")[0]
    return {tuple(re.findall(r"`(\w+)`", names)): callers for names, callers in ROW.findall(table)}


def imported():
    """Names that product and simulated line import from the kernels."""
    files = [*(ROOT / "cellctl").rglob("*.py"), *(ROOT / "sim").rglob("*.py")]
    texts = [path.read_text(encoding="utf-8") for path in files if path.parent != ROOT / "cellctl/kernels"]
    return {name for text in texts for part in IMPORT.findall(text) for name in re.findall(r"\w+", part)}


def test_every_kernel_is_on_the_page():
    """Each public name has its row, and no row names what is not there."""
    assert {name for names in rows() for name in names} == set(kernels.__all__)


@pytest.mark.parametrize("names", [names for names, callers in rows().items() if callers.startswith("none yet")])
def test_none_yet_is_true(names):
    """What the page calls unused is imported by nothing that ships; otherwise the page is out of date."""
    assert not set(names) & imported()


def test_the_search_for_callers_finds_some():
    """The control: what is known to be called is found."""
    assert {"RegionFinder", "crc32c"} <= imported()
