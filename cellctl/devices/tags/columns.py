"""What a tag table says of each tag."""

from __future__ import annotations

COLUMNS = (
    "name", "address", "type", "scale", "unit", "minimum", "maximum", "access", "in_force", "poll", "description"
)  # fmt: skip
"""The columns that a table has in its first line."""
MORE = ("order", "offset", "deadband")
"""Columns for what most devices do without."""
ALL_COLUMNS = (*COLUMNS, *MORE)
OPTIONAL = frozenset({*MORE, "description"})
"""Columns that a table may do without."""
NEEDED = frozenset({"name", "address", "type", "access", "poll"})
"""Keys that each entry of a YAML table has; a CSV has all columns but the optional ones."""
