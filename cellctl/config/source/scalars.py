"""Scalars by YAML 1.2's core schema: `no` is text, `012` is twelve, `12:30` is text."""

from __future__ import annotations

import math
import re

LONGEST_NUMBER = 40
"""Characters: more digits than any quantity has, and few enough that reading them costs nothing."""
LONGEST_TEXT = 2000
"""Characters of one value: a waiver's reason has its place, a pasted file has not."""
LONGEST_KEY = 200
"""Characters of one key."""
WHOLE = 2**63
"""Whole numbers are kept in 64 bits where they are stored."""

_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, object] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


def resolve(text: str) -> object:
    """The value of a plain scalar; ValueError for a number that no machine word holds."""
    if text in _WORDS:
        return _WORDS[text]
    if not text[:1] or text[0] not in "+-.0123456789":
        return text
    if _INT.fullmatch(text):
        return _whole(text)
    if _FLOAT.fullmatch(text):
        return _real(text)
    return text


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise ValueError
    value = int(text, 0) if text[:2] in {"0o", "0x"} else int(text)
    if not -WHOLE <= value < WHOLE:
        raise ValueError
    return value


def _real(text: str) -> float:
    value = float(text) if len(text) <= LONGEST_NUMBER else math.inf
    if not math.isfinite(value):
        raise ValueError
    return value
