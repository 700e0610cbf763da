"""README.zh-CN.md says what README.md says: same structure, same code, same pictures, same links."""

import re

import pytest

from tests.docs.pages import ROOT, blocks_of

ENGLISH, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)]*)\)", re.DOTALL)
FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
CODE = re.compile(r"`[^`\n]+`")


def structure(page):
    """What must be the same in both languages, part by part in the order of the page."""
    source = page.read_text(encoding="utf-8")
    return {**of_prose(FENCE.sub("", source)), "code": [block[2:] for block in blocks_of(source, page)]}


def of_prose(prose):
    """Headings by level; rows by their number of cells, figures and code; items; pictures and links by target."""
    lines = prose.splitlines()
    rows = [line for line in lines if line.startswith("|")]
    links = LINK.findall(prose)
    return {
        "headings": [len(line) - len(line.lstrip("#")) for line in lines if re.match(r"#+ ", line)],
        "rows": [len(re.split(r"(?<!\\)\|", row)) for row in rows],
        "figures in rows": [sorted(FIGURE.findall(row)) for row in rows],
        "code in rows": [sorted(CODE.findall(row)) for row in rows],
        "items": sum(line.startswith("- ") for line in lines),
        "pictures": [target for mark, target in links if mark],
        "links": [target for mark, target in links if not mark and not target.startswith("README")],
        "emphasis": len(re.findall(r"\*\*[^*\n]+\*\*", prose)),
    }


def departures(first, second):
    """The names of the parts that differ."""
    return sorted(name for name in first if first[name] != second[name])


def test_the_translation_has_the_same_structure():
    """Headings, tables with their figures, code, pictures and links agree."""
    assert departures(structure(ENGLISH), structure(CHINESE)) == []


def test_each_page_leads_to_the_other():
    """The first line is the switch of languages."""
    first = [page.read_text(encoding="utf-8").splitlines()[0] for page in (ENGLISH, CHINESE)]
    assert "(README.zh-CN.md)" in first[0]
    assert "(README.md)" in first[1]


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("\n## ", "\n### ", "headings"),
        ("make demo     #", "make demos    #", "code"),
        ("p99 22 ms", "p99 20 ms", "figures in rows"),
        ("| `make fuzz` |", "| `make test` |", "code in rows"),
        ("| `make fuzz` |", "| `make fuzz` | – |", "rows"),
        ("live-view.svg", "other.svg", "pictures"),
        ("(docs/proof.md)", "(docs/loop.md)", "links"),
        ("\n- ", "\n", "items"),
    ],
)
def test_a_departure_is_found(old, new, part, tmp_path):
    """The negative control: a change of one page alone is named."""
    source = ENGLISH.read_text(encoding="utf-8")
    assert old in source
    changed = tmp_path / "README.md"
    changed.write_text(source.replace(old, new, 1), encoding="utf-8")
    assert part in departures(structure(ENGLISH), structure(changed))
