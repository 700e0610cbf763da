"""Which file was meant by a path where there is none."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from cellctl.config.source.nearest import nearest

USUAL = "cell.yaml"
"""How the file of a cell is called that `cellctl new cell` writes."""
LOOKED_AT = 2000
"""Names of a folder; in a larger one nobody's cell file lies."""


def near(path: Path) -> str:
    """A file that is there and was probably meant: inside a folder its cell, beside a slip the most similar name."""
    try:
        if path.is_dir():
            return _inside(path)
        name = nearest(path.name, _files(path.parent))
    except (OSError, ValueError):
        return ""
    return str(path.parent / name) if name else ""


def _inside(folder: Path) -> str:
    names = [name for name in _files(folder) if name.endswith((".yaml", ".yml"))]
    name = USUAL if USUAL in names else "".join(names[:1]) if len(names) == 1 else ""
    return str(folder / name) if name else ""


def _files(folder: Path) -> list[str]:
    return sorted(it.name for it in islice(folder.iterdir(), LOOKED_AT) if it.name.isprintable() and it.is_file())
