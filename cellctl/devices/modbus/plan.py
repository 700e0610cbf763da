"""What to do with the registers of one block, worked out once: few operations for all its tags together.

Tags of one byte order that do not overlap are unpacked in one go; a second view of the same registers makes a further
go. Bools look at their register. Values are those of `codec.decode`, which reads one tag at a time.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cellctl.devices.modbus.codec import ENDS, FORMATS, decode_text, mask, ratio
from cellctl.devices.tags import Address, Order, Tag, WireType

Pairs = list[tuple[str, float]]


class _Truth(NamedTuple):
    """A bool: true when one of the bits of `bits` is set in this item of the block."""

    name: str
    item: int
    bits: int


class _Go(NamedTuple):
    """Values unpacked together, and how each becomes an engineering value."""

    unpack: struct.Struct
    low_byte_first: bool
    counts: tuple[tuple[str, int, int, int], ...]
    floats: tuple[tuple[str, float, float], ...]

    def pairs(self, data: bytes) -> Pairs:
        """Name and value of each; `data` are the registers, laid down as this order needs them."""
        raw = self.unpack.unpack(data)
        if self.floats:
            return [
                (name, value * scale + offset) for value, (name, scale, offset) in zip(raw, self.floats, strict=True)
            ]
        return [
            (name, (value * factor + shift) / divisor)
            for value, (name, factor, shift, divisor) in zip(raw, self.counts, strict=True)
        ]


class Plan:
    """Decodes the items of one block.

    Args:
        start: of the block.
        size: its items: registers, or bits of a bank of bits.
        tags: that lie in it.
    """

    def __init__(self, start: Address, size: int, tags: Sequence[Tag]) -> None:
        self._start = start.register
        self._size = size
        self._truths = [_Truth(it.name, self._index(it), mask(it)) for it in tags if it.type is WireType.BOOL]
        self._strings = [(it, self._index(it)) for it in tags if it.type is WireType.STRING]
        self._goes = self._grouped([it for it in tags if it.type in FORMATS and it.type is not WireType.BOOL])
        self._high = struct.Struct(f">{size}H")
        self._low = struct.Struct(f"<{size}H")

    def numbers(self, items: Sequence[int]) -> Pairs:
        """Tag name and engineering value of everything but strings; as many `items` as the block has."""
        found: Pairs = [(name, 1.0 if items[item] & bits else 0.0) for name, item, bits in self._truths]
        for go in self._goes:
            found += go.pairs((self._low if go.low_byte_first else self._high).pack(*items))
        return found

    def texts(self, items: Sequence[int]) -> list[tuple[str, str | None]]:
        """Tag name and text of each string; None for what is no text."""
        return [(tag.name, decode_text(tag, items[index : index + tag.words])) for tag, index in self._strings]

    def _index(self, tag: Tag) -> int:
        return tag.source.register - self._start

    def _grouped(self, tags: Iterable[Tag]) -> list[_Go]:
        """Tags that can be unpacked together: one order, all counts or all floats, none reaching into another."""
        groups: dict[tuple[Order, bool, int], list[Tag]] = {}
        for tag in sorted(tags, key=self._index):
            view = 0
            while self._reaches(groups.get((tag.order, tag.type.is_float, view), []), tag):
                view += 1
            groups.setdefault((tag.order, tag.type.is_float, view), []).append(tag)
        return [self._go(order, group) for (order, _, _), group in groups.items()]

    def _reaches(self, group: list[Tag], tag: Tag) -> bool:
        """Whether the last one of a group reaches into this tag."""
        return bool(group) and self._index(group[-1]) + group[-1].words > self._index(tag)

    def _go(self, order: Order, tags: list[Tag]) -> _Go:
        letters, end = [], 0
        for tag in tags:
            gap = self._index(tag) - end
            letters.append(f"{2 * gap}x{FORMATS[tag.type]}")
            end = self._index(tag) + tag.words
        ends = ENDS[order]
        unpack = struct.Struct(f"{ends.read}{''.join(letters)}{2 * (self._size - end)}x")
        floats = tags[0].type.is_float
        return _Go(
            unpack, ends.lay == "<",
            () if floats else tuple((tag.name, *ratio(tag.scale, tag.offset)) for tag in tags),
            tuple((tag.name, tag.scale, tag.offset) for tag in tags) if floats else (),
        )  # fmt: skip
