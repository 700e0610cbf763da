"""Every page can be reached, and every link leads somewhere."""

import re
import tomllib

import pytest

from tests.docs.pages import PAGES, ROOT

DOCS = ROOT / "docs"
CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(page):
    """What `#…` may name: the headings, as the site and GitHub spell them."""
    source = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return {_anchor(title) for title in HEADING.findall(source)}


def _anchor(title):
    plain = re.sub(r"[^\w\s-]", "", title.lower())
    return re.sub(r"\s+", "-", plain.strip())


def dead(page):
    """Relative links of a page to files or headings that are not there."""
    found = []
    for target in LINK.findall(CODE.sub("", page.read_text(encoding="utf-8"))):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        file = page.parent / name if name else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            found.append(target)
    return found


def in_navigation(entries):
    """Every page that the navigation names."""
    for entry in entries:
        for value in entry.values():
            yield from in_navigation(value) if isinstance(value, list) else [value]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    """No relative link of README or guide is dead, and no anchor."""
    assert dead(page) == []


@pytest.mark.parametrize("link", ["[a](no-such.md)", "[a](page.md#no-such)", "[a](#no-such)", "![a](no-such.png)"])
def test_a_dead_link_is_found(link, tmp_path):
    """The negative control."""
    page = tmp_path / "page.md"
    page.write_text(f"# A page\n\n## Set up\n\n[b](#set-up) and {link}, but not `[c](no-such.md)`\n")
    assert len(dead(page)) == 1


def test_the_navigation_holds_every_page():
    """A page that nobody finds is no page; decisions are reached from the architecture."""
    nav = tomllib.loads((DOCS / "zensical.toml").read_text(encoding="utf-8"))["project"]["nav"]
    named = list(in_navigation(nav))
    there = {str(page.relative_to(DOCS)) for page in PAGES if page.is_relative_to(DOCS)}
    assert len(named) == len(set(named))
    assert {name for name in there if not name.startswith("decisions/")} == set(named)


def test_the_architecture_lists_every_decision():
    """Each decision has its line on the page of the architecture."""
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    decisions = sorted(path.name for path in (DOCS / "decisions").glob("[0-9]*.md"))
    assert [name for name in decisions if f"(decisions/{name})" not in page] == []


def missing_files(page):
    """Files of the repository that a page names in code and that are not there; capitals and * stand for anything.

    What a command makes first, the built guide and a benchmark's results, need not be there.
    """
    prose = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    folders = "(?!docs/site|benchmarks/results)(?:cellctl|sim|tests|docs|configs|native|benchmarks)"
    named = set(re.findall(rf"`({folders}/[\w./*-]*)", prose))
    return sorted(name for name in named if not re.search(r"[A-Z]{4}", name) and not list(ROOT.glob(name)))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_a_page_names_are_there(page):
    """Code moves; the pages that name it move along."""
    assert missing_files(page) == []


def test_a_file_that_moved_is_found(tmp_path):
    """The negative control."""
    page = tmp_path / "page.md"
    page.write_text("`cellctl/no_such.py`, but `docs/zensical.toml`, `cellctl/cli/` and `tests/docs/*.py` are there\n")
    assert missing_files(page) == ["cellctl/no_such.py"]
