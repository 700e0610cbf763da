"""What a report consists of: plain blocks of words, numbers and pictures that HTML and PDF draw alike.

Words are `Text` templates, so that a report can be said in another language; a plain `str` is data and stays as it is.
"""

from __future__ import annotations

import base64
from enum import StrEnum
from typing import Any

import msgspec

from cellctl.errors import Text, Translate

Words = str | Text


class Look(StrEnum):
    """How much a thing asks for attention; only what is abnormal has a colour."""

    PLAIN = "plain"
    QUIET = "quiet"
    ATTENTION = "attention"


class Cell(msgspec.Struct, frozen=True):
    """One cell of a table: `code` is set in a fixed width, `link` is the id of a section."""

    words: Any
    look: Look = Look.PLAIN
    code: bool = False
    link: str = ""


class Column(msgspec.Struct, frozen=True):
    """A column's title, and whether it holds numbers (set to the right)."""

    title: Any
    numbers: bool = False


class Table(msgspec.Struct, frozen=True):
    """Rows of cells under titles; `empty` stands there when there is no row, `note` below the rows."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    empty: Any = ""
    note: Any = ""


class Facts(msgspec.Struct, frozen=True):
    """Names and what they are, one below the other."""

    rows: tuple[tuple[Any, Any], ...]


class Lines(msgspec.Struct, frozen=True):
    """Short sentences, each with a word in front of it."""

    rows: tuple[tuple[Any, Cell], ...]


class Paragraph(msgspec.Struct, frozen=True):
    """A paragraph."""

    words: Any
    look: Look = Look.PLAIN


class Figure(msgspec.Struct, frozen=True):
    """A chart: SVG, what it shows in words, and how to read it."""

    svg: bytes
    alt: Any
    caption: Any = ""


class Picture(msgspec.Struct, frozen=True):
    """One grey image as it was stored: PNG."""

    png: bytes
    alt: Any
    caption: Any = ""


class Pictures(msgspec.Struct, frozen=True):
    """Images side by side."""

    items: tuple[Picture, ...]


Block = Table | Facts | Lines | Paragraph | Figure | Pictures


class Section(msgspec.Struct, frozen=True):
    """A part with a heading; `page` begins a new page on paper, `level` 2 is a part of the one before."""

    id: str
    title: Any
    blocks: tuple[Block, ...]
    page: bool = False
    level: int = 1


class Document(msgspec.Struct, frozen=True):
    """A report.

    Attributes:
        title: of the whole.
        facts: what it is about, under the title.
        warnings: what the reader must know before anything else.
        sections: the parts, in order.
        end_ns: when the run ended, ns since 1970 by the record, for the file's own date.
    """

    title: Any
    facts: Facts
    warnings: tuple[Any, ...]
    sections: tuple[Section, ...]
    end_ns: int = 0


def content_of(document: Document, say: Translate) -> Any:
    """What a template draws: see `said`; a link to a section that is not there becomes plain words."""
    return _linked(said(document, say), {section.id for section in document.sections})


def _linked(node: Any, ids: set[str]) -> Any:
    if isinstance(node, list):
        return [_linked(item, ids) for item in node]
    if isinstance(node, dict):
        kept = {key: _linked(value, ids) for key, value in node.items()}
        return {**kept, "link": ""} if "link" in kept and kept["link"] not in ids else kept
    return node


def said(node: Any, say: Translate) -> Any:
    """The document as dicts, lists and strings with every word said; images as base64."""
    if isinstance(node, Text):
        return node.said(say)
    if isinstance(node, msgspec.Struct):
        fields = {name: said(getattr(node, name), say) for name in node.__struct_fields__}
        return {"type": type(node).__name__.lower(), **fields}
    if isinstance(node, tuple | list):
        return [said(item, say) for item in node]
    if isinstance(node, bytes):
        return base64.b64encode(node).decode()
    return node.value if isinstance(node, StrEnum) else node
