"""Reads the guide's pages: every code block with what it is, where it stands, and what a comment before it says.

How a block is tried:

* `sh` is typed, block after block, into one shell per page; a `text` block right below says which lines come out
  (`…` stands for anything). `<!-- exit 2 -->` above it says how it ends, `sh title="another terminal"` runs beside.
* any block with `title="path"` is written into that file, at that moment of the shell.
* `python` without a title runs by itself, `yaml` without one is a cell or a part of one, and is checked.
* `<!-- not run: reason -->` above a block exempts it.
"""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "README.zh-CN.md",
    *sorted(path for path in (ROOT / "docs").glob("**/*.md") if "site" not in path.parts),
]
LANGUAGES = {
    "sh",
    "text",
    "python",
    "yaml",
    "toml",
    "csv",
    "json",
    "iecst",
    "",
    "floors",
    "floors-of-the-loop",
    "floors-of-the-configuration",
}
"""Anything else would be a snippet that nobody tries."""

_BLOCK = re.compile(
    r"(?P<comment><!--(?:(?!-->).)*-->\n+)?^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


class Block(NamedTuple):
    """One code block: where it stands, its language and title, its text, and the comment above it."""

    page: Path
    line: int
    language: str
    title: str
    text: str
    comment: str

    @property
    def place(self):
        """`docs/loop.md:12`."""
        page = self.page.relative_to(ROOT) if self.page.is_relative_to(ROOT) else self.page
        return f"{page}:{self.line}"

    @property
    def is_exempt(self):
        """Whether a comment says why it is not tried."""
        return bool(re.match(r"not run: \S", self.comment))

    @property
    def status(self):
        """The exit status that the comment announces."""
        found = re.match(r"exit (\d+)", self.comment)
        return int(found[1]) if found else 0


def blocks(page):
    """All code blocks of a page, in order."""
    return blocks_of(page.read_text(encoding="utf-8"), page)


def blocks_of(source, page):
    """All code blocks of a text that stands in `page`."""
    found = []
    for match in _BLOCK.finditer(source):
        language, _, rest = match["info"].partition(" ")
        title = re.search(r'title="([^"]*)"', rest)
        comment = (match["comment"] or "").strip().removeprefix("<!--").removesuffix("-->").strip()
        line = source[: match.start("info")].count("\n") + 1
        found.append(Block(page, line, language, title[1] if title else "", match["text"], comment))
    return found
