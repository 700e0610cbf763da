"""Tag tables: the CSV or YAML in which engineers export a controller's registers, read with every mistake placed."""

from cellctl.devices.tags.address import LAST_REGISTER, Address, Bank
from cellctl.devices.tags.columns import ALL_COLUMNS, COLUMNS, OPTIONAL
from cellctl.devices.tags.reading import TagTableReading, read_tag_table, scan_tag_table
from cellctl.devices.tags.tag import Poll, Tag, TagTable
from cellctl.devices.tags.wire import Order, WireType

__all__ = [
    "ALL_COLUMNS", "COLUMNS", "LAST_REGISTER", "OPTIONAL", "Address", "Bank", "Order", "Poll", "Tag", "TagTable",
    "TagTableReading", "WireType", "read_tag_table", "scan_tag_table",
]  # fmt: skip
