"""Paths of values as they stand in messages."""

from __future__ import annotations

from cellctl.config.source.builder import Loc


def dotted(loc: Loc) -> str:
    """`loops.edge_spur.deadline`, `episodes[2].rate`."""
    path = ""
    for part in loc:
        path += f"[{part}]" if isinstance(part, int) else (f".{part}" if path else str(part))
    return path or "(the file)"
