"""The camera's field: sizes and pitches of a block, and where the coated lane lies in it."""

from __future__ import annotations

ROWS = 512
COLUMNS = 2048
ROW_MM = 0.05
"""Pitch of the lines along the web, mm; the encoder triggers them, so it does not change with speed."""
COLUMN_MM = 0.3
"""Pitch of the pixels across the web, mm."""

ROW_UM = 50
BLOCK_MM = ROWS * ROW_MM
BLOCK_UM = ROWS * ROW_UM
FIELD_MM = COLUMNS * COLUMN_MM
"""Width of the field, mm (614.4)."""

LANE_MM = 600.0
LEFT_EDGE_MM = 7.2
"""Nominal position of the left coated edge, mm from the left rim of the field (24 pixels of bare foil)."""
RIGHT_EDGE_MM = LEFT_EDGE_MM + LANE_MM


def row_of(s_mm: float) -> int:
    """Absolute line number of a material position."""
    return round(s_mm / ROW_MM)
