"""Every name that a table for SCADA may serve, with its unit and whether it is a text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cellctl.config.resolved import ResolvedCell
from cellctl.devices.tags import Poll, TagTable, WireType

OWN = frozenset({"cell", "alarms", "loops"})
"""What names begin with that are no tags of a device."""


class Known(NamedTuple):
    """What is known of a name.

    Attributes:
        unit: empty for pure numbers.
        is_text: whether its value is a text.
        is_read: whether the cell ever reads it.
    """

    unit: str = ""
    is_text: bool = False
    is_read: bool = True


OF_THE_CELL: Mapping[str, Known] = {
    "cell.beat": Known(),
    "cell.state": Known(),
    "cell.epoch": Known(),
    "cell.safe": Known(),
    "cell.changing": Known(),
    "cell.product": Known(is_text=True),
    "cell.lot": Known(is_text=True),
    "alarms.active": Known(),
    "alarms.high": Known(),
    "alarms.holding": Known(),
}
QUALITY = "quality"
"""`<device>.<tag>.quality`: the upper 16 bits of the OPC UA status code; 0 is Good."""
AGE = "age"
"""`<device>.<tag>.age`: seconds since the device answered with the value."""
GRANTED = "granted"
"""`loops.<name>.granted`: authority that the cell's file grants, as a number."""
CORRECTION = "correction"
"""`loops.<name>.correction`: where the loop's last correction stands, as a number; 0 before the first."""


def known_names(cell: ResolvedCell, tables: Mapping[str, TagTable]) -> dict[str, Known]:
    """All names of a cell; `tables` are those of its devices."""
    found: dict[str, Known] = {}
    for device, table in tables.items():
        for tag in table.tags:
            name, is_read = f"{device}.{tag.name}", tag.poll != Poll.NEVER
            found[name] = Known(tag.unit, tag.type is WireType.STRING, is_read)
            found |= {f"{name}.{QUALITY}": Known(is_read=is_read), f"{name}.{AGE}": Known("s", is_read=is_read)}
    for loop in (*cell.loops, *cell.advising):
        found |= {f"loops.{loop.name}.{it}": Known() for it in (GRANTED, CORRECTION)}
    return {**found, **OF_THE_CELL}
