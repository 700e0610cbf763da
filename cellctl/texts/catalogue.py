"""English templates in another language, as gettext does it: what has no translation stays English."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cellctl.texts.choice import ENGLISH

MESSAGES = "messages"
"""Of the files: `LANGUAGE/messages*.toml`."""


def translator(language: str) -> Callable[[str], str]:
    """English template → the template in `language`, with the same named places."""
    if language == ENGLISH:
        return str
    known = messages(language)
    return lambda template: known.get(template, template)


@functools.cache
def messages(language: str) -> dict[str, str]:
    """Every template of a language; empty for a language without texts."""
    return {str(template): str(said) for template, said in read(language, MESSAGES).items()}


def read(language: str, kind: str) -> dict[str, Any]:
    """The top-level entries of all files `LANGUAGE/KIND*.toml`, in the order of the files' names."""
    entries: dict[str, Any] = {}
    for file in sorted((Path(__file__).parent / language).glob(f"{kind}*.toml")):
        entries |= tomllib.loads(file.read_text(encoding="utf-8"))
    return entries
