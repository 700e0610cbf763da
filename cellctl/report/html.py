"""A document as one HTML file that needs nothing else: no script, no font, no picture from anywhere."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from cellctl.errors import Translate, text
from cellctl.report.document import Document, content_of

TEMPLATES = "templates"
CONTENTS, NOTES = text("Contents"), text("To know first")


def to_html(document: Document, say: Translate, language: str = "en") -> str:
    """The document as HTML; the same document gives the same bytes."""
    environment = Environment(
        loader=PackageLoader(__package__, TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    look = (files(__package__) / TEMPLATES / "report.css").read_text(encoding="utf-8")
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{_digest(look)}'"
    labels = {"contents": CONTENTS.said(say), "notes": NOTES.said(say)}
    return environment.get_template("report.html.j2").render(
        document=content_of(document, say), look=look, policy=policy, language=language, labels=labels
    )


def _digest(look: str) -> str:
    return base64.b64encode(hashlib.sha256(look.encode()).digest()).decode()
