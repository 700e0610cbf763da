"""Whether the bus finds in a tag table what it needs: the handshake, and a value in force for each set-point."""

from __future__ import annotations

from typing import NamedTuple

from cellctl.config.checking.mistakes import Mistakes
from cellctl.config.resolved import ResolvedCell, Setpoint
from cellctl.config.resolving.sides import SIDES, on_side
from cellctl.config.source.document import Loc
from cellctl.config.source.nearest import nearest
from cellctl.devices.modbus.settings import Handshake
from cellctl.devices.tags import Bank, Order, Poll, Tag, WireType
from cellctl.runtime.parts import Bus

WRITTEN = ("heartbeat", "sequence")
"""Keys of the handshake whose tags the cell writes."""
COUNTERS = (*WRITTEN, "echo")
"""Keys of the handshake whose tags the cell counts in."""
POLLED = ("plc_heartbeat", "state", "mode")
"""Keys of the handshake whose tags are watched all the time."""


class BusCheck(NamedTuple):
    """Looks over one device with registers.

    Attributes:
        name: of the device.
        bus: what the file and the tag table say.
        cell: the resolved cell, as far as it is sound.
        mistakes: where every mistake goes.
    """

    name: str
    bus: Bus
    cell: ResolvedCell
    mistakes: Mistakes

    def check(self) -> None:
        """Report what the bus would not find when the cell runs."""
        tags = {tag.name: tag for tag in self.bus.table.tags}
        if self.bus.settings.handshake is None:
            if not self._is_there("handshake"):
                self._only_read(tags)
            return
        sequence = self._handshake(tags, self.bus.settings.handshake)
        if sequence is None:
            return
        written = [it for point in self.cell.guard.setpoints if (it := self._setpoint(point, tags, sequence))]
        self._gap(sequence, written)

    def _only_read(self, tags: dict[str, Tag]) -> None:
        """Without a handshake nobody could say whether a set-point is in force."""
        for point in self.cell.guard.setpoints:
            if point.tag.startswith(f"{self.name}.") and point.tag.removeprefix(f"{self.name}.") in tags:
                self.mistakes.add("CELL-1036", self._envelope(point.tag), "{device} has no handshake: it is only read",
                                  "write its `handshake`, or take the set-point out of the envelope", key=True,
                                  device=self.name)  # fmt: skip

    def _handshake(self, tags: dict[str, Tag], handshake: Handshake) -> Tag | None:
        """Every tag of the handshake is in the table; those that the cell writes are writable."""
        loc: Loc = ("devices", self.name, "handshake")
        for key in Handshake.model_fields:
            name = str(getattr(handshake, key))
            tag = tags.get(name)
            if not name or self.mistakes.is_lost(("devices", self.name, "tags", name)):
                continue
            if tag is None:
                self.mistakes.add("CELL-1036", (*loc, key), "expected a tag of the table, got {name!r}",
                                  "correct the name, or add the tag to the table", near=self._near(name, tags),
                                  name=name)  # fmt: skip
            elif key in WRITTEN and not tag.writable:
                self.mistakes.add("CELL-1022", (*loc, key), "{name} is not writable", "choose a tag with access rw",
                                  name=name)  # fmt: skip
            elif key in COUNTERS and not _is_counter(tag):
                self.mistakes.add("CELL-1036", (*loc, key), "{name} is no plain counter: {type} at {address}",
                                  "choose a register of type uint16 without scale, offset and order", name=name,
                                  type=tag.type.value, address=str(tag.address))  # fmt: skip
            elif key in POLLED and tag.poll == Poll.NEVER:
                self.mistakes.add("CELL-1036", (*loc, key), "{name} is never polled: it would never be known",
                                  "write fast into its column `poll`", name=name)  # fmt: skip
        sequence = tags.get(handshake.sequence)
        return sequence if sequence is not None and _is_counter(sequence) else None

    def _near(self, name: str, tags: dict[str, Tag]) -> str:
        """The tag that is meant: written with the device's name before it, as elsewhere, it is the one without."""
        plain = name.removeprefix(f"{self.name}.")
        return plain if plain in tags else nearest(plain, tags)

    def _setpoint(self, point: Setpoint, tags: dict[str, Tag], sequence: Tag) -> Tag | None:
        """A set-point of this device that can be written in one block with the sequence, and read back."""
        tag = tags.get(point.tag.removeprefix(f"{self.name}.")) if point.tag.startswith(f"{self.name}.") else None
        if tag is None or not tag.writable:  # another device's, or reported already
            return None
        loc = self._envelope(point.tag)
        if tag.in_force is None:
            self.mistakes.add("CELL-1036", loc, "{name} has no in_force: what the controller took cannot be read back",
                              "write the register that shows the value in force into the tag table", key=True,
                              name=tag.name)  # fmt: skip
        elif tag.address.bank is not sequence.address.bank:
            self.mistakes.add("CELL-1036", loc, "{name} at {address} is no holding register",
                              "one write carries the sequence and the set-points behind it: move it there", key=True,
                              name=tag.name, address=str(tag.address))  # fmt: skip
        elif tag.address <= sequence.address:
            self.mistakes.add("CELL-1036", loc, "{name} at {address} lies before the sequence at {sequence}",
                              "one write carries the sequence and the set-points behind it: move one of them", key=True,
                              name=tag.name, address=str(tag.address), sequence=str(sequence.address))  # fmt: skip
        else:
            return tag
        return None

    def _gap(self, sequence: Tag, written: list[Tag]) -> None:
        """One write carries all registers from the sequence to the last guarded set-point: each needs a tag."""
        said = {point.tag.removeprefix(f"{self.name}.") for point in self.cell.guard.setpoints}
        covered = {tag.address.register + word for tag in self.bus.table.tags
                   if tag.address.bank is Bank.HOLDING and (tag.in_force or tag.name in said)
                   for word in range(tag.words)}  # fmt: skip
        first, last = sequence.address.register, max((tag.address.register for tag in written), default=0)
        missing = next((register for register in range(first + 1, last) if register not in covered), None)
        if missing is not None and not self._has_broken_rows():
            self.mistakes.add("CELL-1029", ("devices", self.name, "tags"), "no tag with a value in force covers "
                              "HR{register}, which lies between the set-points that are written",
                              "add a row for it to the tag table, also when the controller does not use it",
                              register=missing)  # fmt: skip

    def _has_broken_rows(self) -> bool:
        return any(loc[:3] == ("devices", self.name, "tags") for loc in self.mistakes.document.lost)

    def _is_there(self, key: str) -> bool:
        """Whether the device's section has such a key, sound or not."""
        section = self.mistakes.document.data.get("devices", {}).get(self.name, {})
        return key in section

    def _envelope(self, tag: str) -> Loc:
        """Where the envelope of a set-point stands, which may be that of both sides."""
        for pattern in self.mistakes.document.data.get("guard", {}).get("envelope", {}):
            if tag in {pattern, *(on_side(pattern, side) for side in SIDES)}:
                return ("guard", "envelope", pattern)
        return ("guard", "envelope")


def _is_counter(tag: Tag) -> bool:
    """Whether the register holds the count itself: the cell writes and compares it as it is on the wire."""
    return tag.type is WireType.UINT16 and tag.scale == 1.0 and tag.offset == 0.0 and tag.order is Order.ABCD
