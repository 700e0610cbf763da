"""The table of migrations, and the way of a file through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import yaml

from cellctl.config.migrate.edits import Edit, Section, apply, by_hand, compose, span_of
from cellctl.config.migrate.from_1 import edits_from_1
from cellctl.config.source.document import Document, parse_yaml
from cellctl.errors import ConfigError, Where, text

NEWEST = 2
"""Version of the cell file that this cellctl reads."""


def data_from_1(data: dict[str, Any]) -> dict[str, Any]:
    """What a file of version 1 says, as version 2 says it: what the edited text must read as."""
    recipe = data.pop("recipe", None)
    if isinstance(recipe, dict):
        product = recipe.pop("product", "")
        data["recipes"] = {product: recipe}
    return data


class Step(NamedTuple):
    """From one version to the next: the same change of the text, and of what it says."""

    edits: Callable[[str, Section, str], Iterator[Edit]]
    data: Callable[[dict[str, Any]], dict[str, Any]]


STEPS: Mapping[int, Step] = {1: Step(edits_from_1, data_from_1)}
"""Version → how to go on to the next."""


class Migrated(NamedTuple):
    """A file brought up to the newest version.

    Attributes:
        text: as it is to be.
        found: version that it had.
    """

    text: str
    found: int


def migrate(text: str, file: str) -> Migrated:
    """Bring a cell file up to the newest version; a file of that version is left as it is.

    Args:
        text: of the file.
        file: its name in messages.

    Raises ConfigError: as `parse_yaml`; CELL-1006 for a newer version, CELL-1157 for none that there is, CELL-1155 and
    CELL-1156 where a person has to change it.
    """
    document = parse_yaml(text, file)
    found = version = _version(document)
    while version < NEWEST:
        text = _step(text, file, STEPS[version], version)
        version += 1
    return Migrated(text, found)


def _version(document: Document) -> int:
    data = document.data if isinstance(document.data, dict) else {}
    found = data.get("version")
    if isinstance(found, int) and not isinstance(found, bool) and found > NEWEST:
        raise ConfigError("CELL-1006", "version: expected {expected}, got {found}", where=document.where(("version",)),
                          do="install a newer cellctl", expected=NEWEST, found=found)  # fmt: skip
    if isinstance(found, bool) or not isinstance(found, int) or (found != NEWEST and found not in STEPS):
        raise ConfigError("CELL-1157", "version: expected a number from 1 to {newest}, got {found!r}",
                          where=document.where(("version",)), newest=NEWEST, found=found,
                          do="write the version that the file was made for, `version: 1` if it has a `recipe:`"
        )  # fmt: skip
    return found


def _unknown_layout(file: str, error: yaml.MarkedYAMLError) -> ConfigError:
    mark = error.problem_mark
    where = Where(file, mark.line + 1, mark.column + 1) if mark is not None else Where(file)
    return ConfigError("CELL-1156", "the section cannot be migrated as it is written: {why}", where=where,
                       do="move it under `recipes:` by hand, as `cellctl explain CELL-1156` shows",
                       why=text("its layout is not one that is understood")
    )  # fmt: skip


def _step(text: str, file: str, step: Step, version: int) -> str:
    """One step; what comes out is read again, and must say what the file said."""
    try:
        root = compose(text)
    except yaml.MarkedYAMLError as error:  # the stricter of two readers: a tab between a key and its value
        raise _unknown_layout(file, error) from error
    pair = root.find("version") if root is not None else None
    if root is None or pair is None:
        raise AssertionError("a file with a version has a section with that key")
    number = Edit(*span_of(pair.value), str(version + 1))
    edited = apply(text, [number, *step.edits(text, root, file)])
    wanted = {**step.data(parse_yaml(text, file).data), "version": version + 1}
    try:
        same = parse_yaml(edited, file).data == wanted
    except (ConfigError, yaml.YAMLError):
        same = False
    if not same:
        recipe = root.find("recipe")
        raise by_hand(file, recipe.key if recipe is not None else pair.key, "its layout is not one that is understood")
    return edited
