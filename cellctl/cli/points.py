"""Commands of other packages, found by reading: neither `importlib.metadata` nor the packages themselves are loaded.

Either would take longer than all the rest of `cellctl --help`. A package's command is described by the first paragraph
of its function's docstring.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import NamedTuple

GROUP = "cellctl.commands"
ONLY_SYNTAX_TREE = 0x400
"""`ast.PyCF_ONLY_AST`, without the time that loading `ast` takes."""


class Found(NamedTuple):
    """A command of another package.

    Attributes:
        name: as the user types it.
        target: `package.module:function`.
        package: the distribution that brings it.
    """

    name: str
    target: str
    package: str


def installed_commands(path: list[str] | None = None) -> dict[str, Found]:
    """Name → command of every installed package; of two with one name the first on `path` (sys.path) counts."""
    found: dict[str, Found] = {}
    for folder in sys.path if path is None else path:
        for command in _of_folder(folder or "."):
            found.setdefault(command.name, command)
    return dict(sorted(found.items()))


def summary(command: Found, path: list[str] | None = None) -> str:
    """The first paragraph of the function's docstring, read from its source; its package where there is none."""
    module, _, function = command.target.partition(":")
    text = _docstring(_source(module, sys.path if path is None else path), function)
    first = " ".join(text.strip().partition("\n\n")[0].split())
    return first or f"From {command.package}."


def _of_folder(folder: str) -> Iterator[Found]:
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith((".dist-info", ".egg-info")))  # noqa: PTH208  # pathlib loads slowly
    except OSError:
        return
    for name in names:
        yield from _of_list(f"{folder}/{name}/entry_points.txt", name.partition("-")[0].removesuffix(".egg"))


def _of_list(file: str, package: str) -> Iterator[Found]:
    """The lines of our section of one `entry_points.txt`."""
    section = ""
    for line in _text(file).splitlines():
        if line.startswith("["):
            section = line.strip("[] \t")
        elif section == GROUP and "=" in line:
            name, _, target = line.partition("=")
            yield Found(name.strip(), target.split("[")[0].strip(), package.replace("_", "-"))


def _source(module: str, path: list[str]) -> str:
    """Text of a module that lies as a file on `path`; empty for one that only its own importer knows."""
    tail = module.replace(".", "/")
    for folder in path:
        for file in (f"{folder or '.'}/{tail}.py", f"{folder or '.'}/{tail}/__init__.py"):
            if source := _text(file):
                return source
    return ""


def _docstring(source: str, function: str) -> str:
    try:
        tree = compile(source, "", "exec", ONLY_SYNTAX_TREE)
    except (SyntaxError, ValueError):
        return ""
    for node in tree.body:
        if getattr(node, "name", "") == function and node.body:
            text = getattr(getattr(node.body[0], "value", None), "value", "")
            return text if isinstance(text, str) else ""
    return ""


def _text(file: str) -> str:
    try:
        with open(file, encoding="utf-8") as stream:  # noqa: PTH123  # pathlib loads slowly
            return stream.read()
    except (OSError, ValueError):
        return ""
