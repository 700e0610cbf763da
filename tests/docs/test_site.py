"""The guide as a site: it builds without a warning, and a plant network without internet shows all of it."""

import re
import shutil
import subprocess
import sys

import pytest

from tests.docs.pages import ROOT

LOADED = re.compile(
    r"""<(?:script|img|iframe|source|link(?![^>]*rel=["']?canonical))\b[^>]*?(?:src|href)=["']?((?:https?:)?//[^"'\s>]+)"""
)
IN_STYLE = re.compile(r"""(?:url\(|@import\s+)["']?((?:https?:)?//[^"')\s]+)""")


def loaded_from_elsewhere(folder):
    """What a browser would fetch from another server to show a page; links that one may click do not count."""
    pages = [path.read_text(encoding="utf-8") for path in folder.rglob("*.html")]
    styles = [path.read_text(encoding="utf-8") for path in folder.rglob("*.css")]
    return sorted({url for page in pages for url in LOADED.findall(page) + IN_STYLE.findall(page)}
                  | {url for style in styles for url in IN_STYLE.findall(style)})  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built site, of a copy of the pages."""
    docs = tmp_path_factory.mktemp("guide") / "docs"
    shutil.copytree(ROOT / "docs", docs, ignore=shutil.ignore_patterns("site", ".cache", "__pycache__"))
    subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict", "-f", docs / "zensical.toml"], check=True, timeout=60
    )
    return docs / "site"


def test_every_page_is_there(site):
    """Each page of the guide has become one of the site, and nothing else has."""
    made = {path.relative_to(site).with_suffix("") for path in site.rglob("*.html")}
    written = {path.relative_to(ROOT / "docs").with_suffix("") for path in (ROOT / "docs").rglob("*.md")
               if "site" not in path.parts}  # fmt: skip
    assert {path for path in made if path.name != "404"} == written
    assert [path for path in site.rglob("*") if path.suffix in {".py", ".toml"}] == []


def test_nothing_is_loaded_from_elsewhere(site):
    """No font, script, style or image comes from another server."""
    assert loaded_from_elsewhere(site) == []


@pytest.mark.parametrize(
    "source",
    ['<script src="https://cdn.example/a.js"></script>', '<link rel="stylesheet" href=//fonts.example/css>',
     '<img alt="" src="http://pictures.example/a.png">', "<style>body{background:url(https://x.example/a)}</style>"],
)  # fmt: skip
def test_what_is_loaded_from_elsewhere_is_found(source, tmp_path):
    """The negative control; a link that one may click is none."""
    (tmp_path / "a.html").write_text(f'<a href="https://example.org">out</a>{source}')
    assert len(loaded_from_elsewhere(tmp_path)) == 1
