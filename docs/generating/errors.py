"""The page of error codes, from the texts that `cellctl explain` reads."""

from __future__ import annotations

from cellctl.texts.choice import ENGLISH
from cellctl.texts.explanation import Explanation, explanations
from docs.generating.markdown import in_cell, page

INTRODUCTION = (
    "Every code that a message may carry. `cellctl explain CODE` says the same in a terminal, and with "
    "`--lang zh-CN` in Chinese. The message itself names the file, line and column, and what to do there."
)
GROUPS = {
    "CELL-10": "Configuration",
    "CELL-11": "Findings of the check",
    "CELL-12": "Commands and reports",
    "CELL-2": "Devices and the plant",
    "CELL-3": "Plugins and processes",
    "CELL-4": "Evidence",
}
"""Beginning of a code → title; the files of texts are cut in the same way."""


def errors_page() -> str:
    """`errors.md`."""
    known = explanations(ENGLISH)
    parts = []
    for start, title in GROUPS.items():
        parts += [f"## {title}", *(_code(it) for code, it in known.items() if code.startswith(start))]
    return page("Error codes", INTRODUCTION, parts)


def _code(it: Explanation) -> str:
    said = [f"### {it.code}", f"**{in_cell(it.title)}.** {in_cell(it.means)}", f"*Usual cause:* {in_cell(it.cause)}",
            f"*What to do:* {in_cell(it.do)}"]  # fmt: skip
    shown = [f"{title}:\n\n{_indented(body)}" for title, body in (("Wrong", it.wrong), ("Right", it.right)) if body]
    return "\n\n".join([*said, *shown])


def _indented(body: str) -> str:
    """A piece of a cell; indented, because a fence would promise that it is tried."""
    return "\n".join(f"    {line}".rstrip() for line in body.splitlines())
