"""What an error code means, for `cellctl explain`."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from cellctl.texts.catalogue import read

CODES = "codes"
"""Of the files: `LANGUAGE/codes*.toml`."""


@dataclass(frozen=True)
class Explanation:
    """One code, in one language.

    Attributes:
        code: `CELL-1003`.
        title: a few words, for lists.
        means: what cellctl has seen, and why it does not go on.
        cause: where it usually comes from.
        do: the next steps.
        wrong: a small example that raises it; empty where none helps.
        right: the same, corrected.
    """

    code: str
    title: str
    means: str
    cause: str
    do: str
    wrong: str = ""
    right: str = ""


@functools.cache
def explanations(language: str) -> dict[str, Explanation]:
    """Code → explanation, in the order of the codes."""
    return {code: _explanation(code, entry) for code, entry in sorted(read(language, CODES).items())}


def _explanation(code: str, entry: dict[str, Any]) -> Explanation:
    return Explanation(code, **{key: str(value).strip("\n") for key, value in entry.items()})
