"""What a tag table says of each tag."""

from __future__ import annotations

COLUMNS = (
    "name", "address", "type", "scale", "unit", "minimum", "maximum", "access", "in_force", "poll", "description"
)  # fmt: skip
"""The columns that a table has in its first line."""
OPTIONAL = frozenset({"order", "offset", "deadband", "description"})
"""Columns that a table may do without."""
ALL = (*COLUMNS, *sorted(OPTIONAL - set(COLUMNS)))
NEEDED = frozenset({"name", "address", "type", "access", "poll"})
"""Keys that each entry of a YAML table has; a CSV has all columns but the optional ones."""
