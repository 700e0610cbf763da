"""Version 1 → 2: one `recipe:` with its `product:` becomes an entry under `recipes:`."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from cellctl.config.migrate.edits import Edit, Pair, Section, by_hand, place_of, section_of, source_of, span_of
from cellctl.errors import ConfigError

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_COMMENT = re.compile(r"(?<=\S)( {3,})(#.*)")
INDENT = 2
"""Columns that what belonged to the recipe moves to the right."""


def edits_from_1(text: str, root: Section, file: str) -> Iterator[Edit]:
    """What changes in the text; ConfigError CELL-1155 without a product, CELL-1156 where a person must do it."""
    found = root.find("recipe")
    if found is None:
        return  # what is missing then is said by the check of the new version
    if root.find("recipes") is not None:
        raise by_hand(file, found.key, "there are `recipe` and `recipes`")
    section = section_of(found.value)
    product = section.find("product") if section is not None else None
    if section is None or product is None or not isinstance(product.value, yaml.ScalarNode) or not product.value.value:
        raise ConfigError("CELL-1155", "recipe: expected a section with the name of its product",
                          where=place_of(file, found.key), do="add `product: NAME` to it, and run it again"
        )  # fmt: skip
    if "\n" in source_of(text, product.value).rstrip():
        raise by_hand(file, product.value, "the name of the product goes over several lines")
    yield Edit(*span_of(found.key), source_of(text, found.key).replace("recipe", "recipes", 1))
    if section.node.flow_style:
        yield from _flow(text, section, product)
    else:
        yield from _block(text, section, product)


def _flow(text: str, section: Section, product: Pair) -> Iterator[Edit]:
    """`{product: X, a: 1}` → `{X: {a: 1}}`."""
    start, end = span_of(section.node)
    others = [pair for pair in section.pairs if pair is not product]
    name = source_of(text, product.value)
    yield Edit(start, start + 1, f"{{{name}: {{")
    yield Edit(end - 1, end, "}}")
    here = section.pairs.index(product)
    if not others:
        yield Edit(product.key.start_mark.index, product.value.end_mark.index, "")
    elif here + 1 < len(section.pairs):
        yield Edit(product.key.start_mark.index, section.pairs[here + 1].key.start_mark.index, "")
    else:
        yield Edit(section.pairs[here - 1].value.end_mark.index, product.value.end_mark.index, "")


def _block(text: str, section: Section, product: Pair) -> Iterator[Edit]:
    """The line of the product becomes the key of the others, which move to the right below it."""
    first = _line_start(text, section.pairs[0].key.start_mark.index)
    key_line = _line_start(text, product.key.start_mark.index)
    stop = _line_end(text, product.value.end_mark.index)
    name, column = source_of(text, product.value), product.key.start_mark.column
    rest = text[product.value.end_mark.index : stop]
    head = f"{' ' * column}{name}:{rest}"
    lines = _moved(text[first:key_line]) + _moved(text[stop : _section_end(text, section)])
    if text[first:key_line].strip() and not head.endswith("\n"):
        head += "\n"
    if not any(pair is not product for pair in section.pairs):
        head = head.replace(f"{name}:", f"{name}: {{}}", 1)
    yield Edit(first, _section_end(text, section), head + lines)


def _section_end(text: str, section: Section) -> int:
    """Behind the last line of the section's last value; comments below it are not part of it."""
    last = section.pairs[-1].value
    end = last.end_mark.index
    if isinstance(last, yaml.CollectionNode) and not last.flow_style:
        end = max(_last_index(last), last.start_mark.index)
    while end > 0 and text[end - 1] in "\r\n":  # the end of a block scalar lies at the begin of the next line
        end -= 1
    return _line_end(text, end)


def _last_index(node: yaml.Node) -> int:
    """Where the last scalar or flow collection of a block node ends: its own end mark lies at the next token."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        return _last_index(node.value[-1][1])
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return _last_index(node.value[-1])
    return node.end_mark.index


def _moved(lines: str) -> str:
    """Lines two columns to the right; a comment behind a value stays in its column where there is room."""
    return "".join(_moved_line(line) for line in _LINE.findall(lines))


def _moved_line(line: str) -> str:
    if not line.strip():
        return line
    return " " * INDENT + _COMMENT.sub(lambda it: it[1][INDENT:] + it[2], line, count=1)


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _line_end(text: str, index: int) -> int:
    """Behind the line break of this line."""
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1
