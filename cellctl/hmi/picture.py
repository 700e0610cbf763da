"""A view as a picture: `python -m cellctl.hmi view.json picture.svg`."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import msgspec
from rich.console import Console

from cellctl.hmi.terminal import render
from cellctl.hmi.view import CellView

WIDTH = 100
HEIGHT = 32
FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""Fonts that rich would load from elsewhere; the picture shows with the reader's own monospace font."""


def export_svg(view: CellView, path: Path) -> None:
    """Write the terminal view as SVG, just as a terminal of 100 columns shows it."""
    console = Console(
        record=True, width=WIDTH, height=HEIGHT, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    console.print(render(view))
    path.parent.mkdir(parents=True, exist_ok=True)
    svg = console.export_svg(title=f"cellctl {view.cell}")
    path.write_text(FONT_FACE.sub("", svg), encoding="utf-8")


def main(arguments: list[str]) -> None:
    """Read a view from JSON (as `msgspec.json.encode` writes it) and draw it."""
    source, target = arguments
    try:
        view = msgspec.json.decode(Path(source).read_bytes(), type=CellView)
    except (OSError, msgspec.MsgspecError) as error:
        sys.exit(f"{source}: expected a stored view ({error}); do: run the demo first")
    export_svg(view, Path(target))
