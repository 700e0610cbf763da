"""Reads YAML so that every value keeps its place in the file.

A deliberately small YAML: the scalars of YAML 1.2, no duplicate keys, no aliases, no tags, one document, and
bounds on size and depth, so that a hostile or careless file is refused before it costs anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from cellctl.errors import ConfigError, Where

MAX_BYTES = 1_000_000
"""No cell needs more; a larger file is a mistake or an attack."""
MAX_DEPTH = 64
"""No cell nests deeper than a dozen levels; the limit keeps recursion bounded."""

Loc = tuple[str | int, ...]

_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, object] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


@dataclass(frozen=True)
class Document:
    """A parsed file: plain data and the place of every key and value."""

    file: str
    data: Any
    values: dict[Loc, Where] = field(repr=False)
    keys: dict[Loc, Where] = field(repr=False)

    def where(self, loc: Loc) -> Where:
        """Place of a value; of its nearest parent when the path does not exist."""
        return self._nearest(self.values, loc)

    def where_key(self, loc: Loc) -> Where:
        """Place of a key; of the nearest parent's value when the path does not exist."""
        return self.keys[loc] if loc in self.keys else self.where(loc)

    def _nearest(self, places: dict[Loc, Where], loc: Loc) -> Where:
        while loc not in places and loc:
            loc = loc[:-1]
        return places.get(loc, Where(self.file, 1, 1))


def read_text(path: Path, what: str) -> str:
    """Text of a configuration file; ConfigError when it cannot be read, is too large or is not UTF-8."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            "CELL-1001", f"cannot read {what}: {error.strerror or error}", where=Where(str(path)),
            do="check the path and the file's permissions",
        ) from error  # fmt: skip
    if len(raw) > MAX_BYTES:
        raise ConfigError(
            "CELL-1005", f"expected at most {MAX_BYTES} bytes, got {len(raw)}", where=Where(str(path)),
            do="split the file",
        )  # fmt: skip
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigError(
            "CELL-1002", "expected UTF-8 text", where=Where(str(path), line), do="save the file as UTF-8"
        ) from error


def read_yaml(path: Path) -> Document:
    """Parse a file. Raises ConfigError (CELL-1001 … 1005) with file, line and column."""
    return parse_yaml(read_text(path, "the configuration"), str(path))


def parse_yaml(text: str, file: str) -> Document:
    """Parse text; `file` is the name used in messages."""
    try:
        _refuse_unsupported(text, file)
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = Where(file, mark.line + 1, mark.column + 1) if mark else Where(file)
        raise ConfigError(
            "CELL-1002", f"not valid YAML: {error.problem}", where=where,
            do="check indentation, colons and quotes on this line and the one above",
        ) from error  # fmt: skip
    except yaml.YAMLError as error:
        raise ConfigError(
            "CELL-1002", f"not valid YAML: {error}", where=Where(file), do="save it as plain text"
        ) from error
    document = Document(file, None, {}, {})
    data = None if root is None else _build(root, (), document)
    return Document(file, data, document.values, document.keys)


def _refuse_unsupported(text: str, file: str) -> None:
    """Walk the events once; nothing is built before depth, aliases, tags and documents are known to be fine."""
    depth = documents = 0
    event: Any  # the library's stubs leave out most of what events carry
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        where = Where(file, event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.DocumentStartEvent):
            documents += 1
        if depth > MAX_DEPTH:
            raise ConfigError("CELL-1005", f"expected at most {MAX_DEPTH} levels", where=where, do="flatten the file")
        if documents > 1:
            raise ConfigError(
                "CELL-1002", "expected one document, got a second", where=where, do="remove the `---` line"
            )
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise ConfigError(
                "CELL-1004", "anchors and aliases are not supported", where=where, do="write the value out"
            )
        if getattr(event, "tag", None):
            raise ConfigError("CELL-1004", f"tags are not supported, got {event.tag}", where=where, do="remove the tag")


def _build(node: yaml.Node, loc: Loc, document: Document) -> Any:
    document.values[loc] = _place(node, document.file)
    if isinstance(node, yaml.MappingNode):
        return _build_mapping(node, loc, document)
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, (*loc, index), document) for index, item in enumerate(node.value)]
    return _scalar(node)


def _build_mapping(node: yaml.MappingNode, loc: Loc, document: Document) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        where = _place(key_node, document.file)
        if not isinstance(key_node, yaml.ScalarNode):
            raise ConfigError("CELL-1002", "expected a plain key", where=where, do="use text as the key")
        key = str(key_node.value)
        if key in mapping:
            first = document.keys[(*loc, key)]
            raise ConfigError(
                "CELL-1003", f"key {key!r} stands twice, first in line {first.line}", where=where,
                do="remove one of the two",
            )  # fmt: skip
        document.keys[(*loc, key)] = where
        mapping[key] = _build(value_node, (*loc, key), document)
    return mapping


def _place(node: yaml.Node, file: str) -> Where:
    return Where(file, node.start_mark.line + 1, node.start_mark.column + 1)


def _scalar(node: Any) -> Any:
    """Resolve a scalar by YAML 1.2's core schema: `no` is text, `012` is twelve, `12:30` is text."""
    text: str = node.value
    if node.style:  # quoted or a block: text by intent
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
