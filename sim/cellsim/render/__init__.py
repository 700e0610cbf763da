"""Line-scan rendering of the coated web: pixels from material coordinates, seeded and repeatable."""

from cellsim.render.field import (
    BLOCK_MM,
    COLUMN_MM,
    COLUMNS,
    FIELD_MM,
    LEFT_EDGE_MM,
    RIGHT_EDGE_MM,
    ROW_MM,
    ROWS,
)
from cellsim.render.renderer import WebRenderer, render_block
from cellsim.render.shapes import paint
from cellsim.render.web_object import DEFECTS, HARMLESS, WebObject, draw_object

__all__ = [
    "BLOCK_MM",
    "COLUMNS",
    "COLUMN_MM",
    "DEFECTS",
    "FIELD_MM",
    "HARMLESS",
    "LEFT_EDGE_MM",
    "RIGHT_EDGE_MM",
    "ROWS",
    "ROW_MM",
    "WebObject",
    "WebRenderer",
    "draw_object",
    "paint",
    "render_block",
]
