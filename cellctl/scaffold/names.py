"""Names of new projects and cells, checked before anything is written."""

from __future__ import annotations

import keyword
import re
from importlib.util import find_spec
from typing import NamedTuple

from cellctl.errors import ConfigError

_PROJECT = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_CELL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
LONGEST = 30
OURS = frozenset({"plugin", "driver", "double", "tests"})
"""Modules of a new project."""
WORDS = frozenset(
    {"Alarm", "Annotated", "Field", "Geometry", "Grab", "Input", "Output", "Plugin", "Priority", "Reading", "Settings"}
)
"""Classes that a new project imports; its own must not hide them."""


class ProjectName(NamedTuple):
    """One name in its three spellings.

    Attributes:
        project: of the distribution and of the entry point, `speed-watch`.
        module: of the Python package, `speed_watch`.
        title: of the class, `SpeedWatch`.
    """

    project: str
    module: str
    title: str


def project_name(text: str) -> ProjectName:
    """The spellings of a project's name; ConfigError CELL-1221 for one that cannot be used."""
    if not _PROJECT.fullmatch(text) or len(text) > LONGEST:
        raise ConfigError(
            "CELL-1221",
            "expected a name of lower case letters, digits and single hyphens, up to {longest} of them, got {got!r}",
            do="write it as speed-watch",
            longest=LONGEST,
            got=text,
        )
    module = text.replace("-", "_")
    title = "".join(part.capitalize() for part in text.split("-"))
    if keyword.iskeyword(module) or title in WORDS or module in OURS or find_spec(module) is not None:
        raise ConfigError("CELL-1221", "{got!r} is the name of something in Python already",
                          do="choose another, for example acme-{got}", got=text)  # fmt: skip
    return ProjectName(text, module, title)


def cell_id(text: str) -> str:
    """An id that can stand in YAML and in a folder's name; ConfigError CELL-1222 for another one."""
    if not _CELL.fullmatch(text) or len(text) > LONGEST:
        raise ConfigError(
            "CELL-1222",
            "expected an id of letters, digits, hyphens, dots and underscores, up to {longest}, got {got!r}",
            do="write it as coater-01",
            longest=LONGEST,
            got=text,
        )
    return text
