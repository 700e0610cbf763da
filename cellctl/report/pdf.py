"""A document as PDF, by typst: the same words and the same charts as in HTML.

Only matplotlib's own fonts are used, not those of the machine, and the date in the file is that of the run: the same
run gives the same bytes.
"""

from __future__ import annotations

import base64
import tempfile
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import matplotlib as mpl
import msgspec
import typst

from cellctl.errors import Translate
from cellctl.report.document import Document, content_of
from cellctl.report.html import CONTENTS, TEMPLATES


def to_pdf(document: Document, say: Translate, language: str = "en") -> bytes:
    """The document as PDF."""
    return bytes(_typeset(document, say, language, format="pdf"))


def to_pictures(document: Document, say: Translate, language: str = "en", *, per_inch: float = 100.0) -> list[bytes]:
    """Every page of the document as PNG, with so many pixels per inch."""
    made = _typeset(document, say, language, format="png", ppi=per_inch)
    return [bytes(page) for page in (made if isinstance(made, list) else [made])]


def _typeset(document: Document, say: Translate, language: str, **how: Any) -> Any:
    with tempfile.TemporaryDirectory(prefix="cellctl-report-") as name:
        folder = Path(name)
        content = _with_files(content_of(document, say), folder)
        labels = {"contents": CONTENTS.said(say), "language": language}
        (folder / "content.json").write_bytes(msgspec.json.encode({"document": content, "labels": labels}))
        template = (files(__package__) / TEMPLATES / "report.typ").read_bytes()
        (folder / "report.typ").write_bytes(template)
        fonts = Path(mpl.get_data_path()) / "fonts" / "ttf"
        return typst.compile(
            folder / "report.typ", root=folder, font_paths=[fonts], ignore_system_fonts=language == "en",
            timestamp=datetime.fromtimestamp(document.end_ns / 1e9, UTC), **how,
        )  # fmt: skip


def _with_files(node: Any, folder: Path) -> Any:
    """Images as files beside the template, named in the order in which they come."""
    if isinstance(node, list):
        return [_with_files(item, folder) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: _with_files(value, folder) for key, value in node.items()}
    for kind in ("svg", "png"):
        if kind in node:
            path = folder / f"{sum(1 for _ in folder.iterdir()):05d}.{kind}"
            path.write_bytes(base64.b64decode(node[kind]))
            node[kind] = path.name
    return node
