"""Tags that are written once for both sides of the web: `plc.blade_load_sp_{side}`."""

from __future__ import annotations

from cellctl.model.web import Side

SIDE = "{side}"
SIDES = (Side.LEFT, Side.RIGHT)


def sides_of(tag: str) -> tuple[Side, ...]:
    """Both sides when the tag is written with `{side}`, else NONE."""
    return SIDES if SIDE in tag else (Side.NONE,)


def on_side(tag: str, side: Side) -> str:
    """The tag of one side."""
    return tag.replace(SIDE, side.value)


def expand(pattern: str) -> tuple[str, ...]:
    """A tag as written → the tags that it stands for."""
    return tuple(on_side(pattern, side) for side in sides_of(pattern))
