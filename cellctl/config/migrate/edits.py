"""Changes single places of a YAML text and leaves every other character, comment and blank where it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import yaml

from cellctl.errors import ConfigError, Where, text


class Edit(NamedTuple):
    """`text[start:end]` becomes `new`."""

    start: int
    end: int
    new: str


class Pair(NamedTuple):
    """One key of a mapping with its value, as they stand in the text."""

    key: yaml.ScalarNode
    value: yaml.Node


class Section(NamedTuple):
    """A mapping of the file; its pairs in the order of the text."""

    node: yaml.MappingNode
    pairs: tuple[Pair, ...]

    def find(self, name: str) -> Pair | None:
        """The pair of that key."""
        return next((pair for pair in self.pairs if pair.key.value == name), None)


def section_of(node: yaml.Node | None) -> Section | None:
    """A node as a mapping with plain keys; None when it is something else."""
    if not isinstance(node, yaml.MappingNode):
        return None
    pairs = tuple(Pair(key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode))
    return Section(node, pairs) if len(pairs) == len(node.value) else None


def compose(text: str) -> Section | None:
    """The whole file; call it with text that has been read without a mistake."""
    return section_of(yaml.compose(text, Loader=yaml.SafeLoader))


def span_of(node: yaml.Node) -> tuple[int, int]:
    """Where a node begins and ends in the text."""
    return node.start_mark.index, node.end_mark.index


def source_of(text: str, node: yaml.Node) -> str:
    """A node as it is written."""
    start, end = span_of(node)
    return text[start:end]


def place_of(file: str, node: yaml.Node) -> Where:
    """A node's place, as an editor counts."""
    return Where(file, node.start_mark.line + 1, node.start_mark.column + 1)


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made; they do not overlap."""
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.new + text[edit.end :]
    return text


def by_hand(file: str, node: yaml.Node, why: str) -> ConfigError:
    """CELL-1156: the place that a person has to change."""
    return ConfigError(
        "CELL-1156", "the section cannot be migrated as it is written: {why}", where=place_of(file, node),
        do="move it under `recipes:` by hand, as `cellctl explain CELL-1156` shows", why=text(why),
    )  # fmt: skip
