"""One line of an examination."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Mark(StrEnum):
    """How it stands."""

    OK = "ok"
    NOTE = "note"
    """A cell runs, but something is slower, less safe or not available."""
    BAD = "NOT OK"
    """A cell will not run, or not for long."""


class Finding(NamedTuple):
    """What was found.

    Attributes:
        mark: how it stands.
        subject: what was looked at.
        text: what was seen, in words.
        remedy: what to do about it; empty when there is nothing to do.
    """

    mark: Mark
    subject: str
    text: str
    remedy: str = ""


def ok(subject: str, text: str) -> Finding:
    """All is well."""
    return Finding(Mark.OK, subject, text)


def note(subject: str, text: str, remedy: str) -> Finding:
    """It runs, but."""
    return Finding(Mark.NOTE, subject, text, remedy)


def bad(subject: str, text: str, remedy: str) -> Finding:
    """It will not run."""
    return Finding(Mark.BAD, subject, text, remedy)
