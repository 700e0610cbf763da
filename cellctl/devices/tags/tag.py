"""One tag, and all tags of a device."""

from __future__ import annotations

import math
from enum import StrEnum

import msgspec

from cellctl.devices.tags.address import Address
from cellctl.devices.tags.wire import WORDS, Order, WireType

FINEST = 1e-9
"""Smallest step of a value that is written: what lies below is dust to the guard and the evidence."""
_SHARE = 2.0**-21
"""A float32 has 24 bits: two of them are left to a controller that calculates with what it is given."""


class Poll(StrEnum):
    """The poll classes that every device has, and that of tags that are not read by themselves."""

    FAST = "fast"
    SLOW = "slow"
    NEVER = ""


class Tag(msgspec.Struct, frozen=True):
    """One row of a tag table.

    Attributes:
        name: unique within the device.
        address: its first register.
        type: what its bits mean.
        scale: engineering units per count of the wire.
        unit: engineering unit, empty for pure numbers.
        minimum: lowest value that makes sense, in `unit`.
        maximum: highest value that makes sense.
        writable: whether the cell may write it.
        in_force: first of the registers in which the controller shows what is in force, same type, order and scale.
        poll: class of the device's settings that says how often it is read; empty: never.
        description: for people.
        order: of its bytes.
        offset: value at count 0, in `unit`.
        deadband: a change that is smaller is not shown, in `unit`.
        characters: of a string.
    """

    name: str
    address: Address
    type: WireType
    scale: float
    unit: str
    minimum: float
    maximum: float
    writable: bool
    in_force: Address | None
    poll: str
    description: str
    order: Order = Order.ABCD
    offset: float = 0.0
    deadband: float = 0.0
    characters: int = 0

    @property
    def words(self) -> int:
        """Registers that its value takes; coils and discrete inputs for those banks."""
        return WORDS.get(self.type) or (self.characters + 1) // 2

    @property
    def resolution(self) -> float:
        """Smallest step of its value that counts, in `unit`.

        One count of the wire; for a float a power of ten that its largest value carries, or `scale` without a range.
        """
        largest = max(abs(self.minimum), abs(self.maximum))
        if not self.type.is_float or not 0.0 < largest < math.inf:
            return self.scale
        step: float = 10.0 ** math.ceil(math.log10(largest * _SHARE))
        return max(step, FINEST)

    @property
    def source(self) -> Address:
        """Where its value is read: in force if the controller shows that, else the register itself."""
        return self.in_force or self.address


class TagTable(msgspec.Struct, frozen=True):
    """All tags of one device."""

    tags: tuple[Tag, ...]

    def get(self, name: str) -> Tag | None:
        """The tag of that name, if there is one."""
        return next((tag for tag in self.tags if tag.name == name), None)

    def polled(self) -> dict[str, list[Tag]]:
        """Poll class → its tags, in the order of the table; without those that are never polled."""
        found: dict[str, list[Tag]] = {}
        for tag in self.tags:
            if tag.poll != Poll.NEVER:
                found.setdefault(tag.poll, []).append(tag)
        return found
