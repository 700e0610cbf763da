"""The few forms of Markdown that generated pages are made of."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence

GENERATED = "<!-- written by docs/generate.py: change the docstrings it reads, then run `make reference` -->"
PARTS = re.compile(r"^(?:Args|Attributes|Raises|Returns|Example|Examples):\s*$", re.MULTILINE)
TAG = re.compile(r"<(?=[A-Za-z/!])")
ENTRY = re.compile(r"^    (\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)


def page(title: str, introduction: str, parts: Iterable[str]) -> str:
    """A whole page; an editor sees in its second line that it was written by a program."""
    return "\n\n".join([f"# {title}", GENERATED, introduction, *parts]) + "\n"


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; empty without rows."""
    lines = ["| " + " | ".join(map(in_cell, row)) + " |" for row in rows]
    rule = "|" + "---|" * len(titles)
    return "\n".join(["| " + " | ".join(titles) + " |", rule, *lines]) if lines else ""


def in_cell(text: str) -> str:
    """A text on one line that does not end its cell; `<name>` outside of code would be a tag of HTML."""
    pieces = joined(text).replace("|", "\\|").split("`")
    plain = [piece if number % 2 else TAG.sub("&lt;", piece) for number, piece in enumerate(pieces)]
    return "`".join(plain)


def joined(text: str) -> str:
    """A text without its line breaks."""
    return re.sub(r"[ \n]+", " ", text).strip()


def spoken(thing: object) -> str:
    """What a docstring says before it lists arguments: one line per paragraph."""
    text = PARTS.split(inspect.cleandoc(getattr(thing, "__doc__", None) or ""))[0]
    return "\n\n".join(map(joined, text.strip().split("\n\n")))


def listed(thing: object) -> dict[str, str]:
    """Name → meaning of what a docstring lists under `Args:` or `Attributes:`."""
    parts = PARTS.split(inspect.cleandoc(getattr(thing, "__doc__", None) or ""))[1:]
    return {name: joined(said) for part in parts for name, said in ENTRY.findall(part)}
