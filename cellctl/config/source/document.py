"""Reads YAML so that every value keeps its place in the file.

A deliberately small YAML: the scalars of YAML 1.2, keys that are text, no duplicate keys, no aliases, no tags, one
document, and bounds on size, depth and number of values, so that a hostile or careless file is refused before it
costs anything. What is wrong with single values is collected, so that the rest of the file can be looked at as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from cellctl.config.source.builder import MAX_DEPTH, MAX_VALUES, Builder, Loc
from cellctl.config.source.syntax import syntax_error
from cellctl.config.source.text import MAX_BYTES, read_text, refuse_foreign
from cellctl.errors import ConfigError, ConfigErrors, Where

__all__ = ["MAX_BYTES", "MAX_DEPTH", "Document", "Loc", "parse_yaml", "read_text", "read_yaml", "scan_yaml"]


@dataclass(frozen=True)
class Document:
    """A parsed file: plain data, the place of every key and value, and what of it cannot be relied on.

    Attributes:
        file: its name in messages.
        data: what it says.
        values: path → where the value begins.
        keys: path → where the key begins.
        lost: paths of values that are reported already; nothing that follows from them is worth a word.
    """

    file: str
    data: Any
    values: dict[Loc, Where] = field(repr=False)
    keys: dict[Loc, Where] = field(repr=False)
    lost: frozenset[Loc] = frozenset()

    def where(self, loc: Loc) -> Where:
        """Place of a value; of its nearest parent when the path does not exist."""
        return self._nearest(self.values, loc)

    def where_key(self, loc: Loc) -> Where:
        """Place of a key; of the nearest parent, at its key if it has one, when the path does not exist."""
        while loc not in self.keys and loc not in self.values and loc:
            loc = loc[:-1]
        return self.keys.get(loc) or self.where(loc)

    def is_lost(self, loc: Loc) -> bool:
        """Whether what stands at `loc` was left out, by itself or with what it is part of."""
        return any(loc[:size] in self.lost for size in range(len(loc) + 1)) if self.lost else False

    def _nearest(self, places: dict[Loc, Where], loc: Loc) -> Where:
        while loc not in places and loc:
            loc = loc[:-1]
        return places.get(loc, Where(self.file, 1, 1))


def read_yaml(path: Path) -> Document:
    """Parse a file. Raises ConfigError (CELL-1001 … 1005, 1037 … 1039) with file, line and column."""
    return parse_yaml(read_text(path), str(path))


def parse_yaml(text: str, file: str) -> Document:
    """Parse text; `file` is the name used in messages. Raises ConfigError with every mistake in it."""
    document, errors = scan_yaml(text, file)
    if errors:
        raise ConfigErrors(errors)
    return document


def scan_yaml(text: str, file: str, most: int = MAX_VALUES) -> tuple[Document, list[ConfigError]]:
    """Parse text as far as it goes: the document without what is wrong with single values, and these mistakes.

    `most` bounds its keys and values.

    Raises ConfigError when the file as a whole cannot be read: then nothing in it can be relied on.
    """
    refuse_foreign(text, file)
    builder = Builder(file, most)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        last = syntax_error(error, text, file)
        before = [it for it in builder.errors if it.where != last.where]  # of one place the last one says more
        raise ConfigErrors([*before, last]) from error
    except (yaml.YAMLError, UnicodeError) as error:
        raise ConfigErrors([*builder.errors, _unreadable(error, file)]) from error
    except ConfigError as error:  # a bound of the whole file
        raise ConfigErrors([*builder.errors, error]) from error
    return Document(file, builder.data, builder.values, builder.keys, frozenset(builder.lost)), builder.errors


def _unreadable(error: Exception, file: str) -> ConfigError:
    return ConfigError("CELL-1002", "not valid YAML: {reason}", where=Where(file, 1, 1), do="save it as plain text",
                       reason=str(error)[:200])  # fmt: skip
