"""Which registers are read together: contiguous ones, over small gaps, within one protocol data unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from cellctl.devices.modbus.plan import Pairs, Plan
from cellctl.devices.tags import Address, Bank, Tag

MAX_REGISTERS = 125
"""Most registers one read may ask for (Modbus application protocol 1.1b3, 6.3)."""
MAX_BITS = 2000
"""Most coils or discrete inputs one read may ask for (as above, 6.1)."""
MAX_GAP = 8
"""Reading eight registers that nobody needs costs less than another request."""
MAX_BIT_GAP = 128
"""Sixteen bytes, as with registers."""


@dataclass(frozen=True)
class Block:
    """Registers, coils or discrete inputs that one request reads, and the tags that lie in them.

    Attributes:
        start: the first.
        size: how many.
        tags: in the order of their places.
    """

    start: Address
    size: int
    tags: tuple[Tag, ...]

    @property
    def bank(self) -> Bank:
        """The table that is read."""
        return self.start.bank

    def words(self, tag: Tag, registers: list[int]) -> list[int]:
        """The registers of one tag out of those of the block."""
        first = tag.source.register - self.start.register
        return registers[first : first + tag.words]

    def numbers(self, items: Sequence[int]) -> Pairs:
        """Tag name and engineering value of everything but strings; `items` are the registers, or bits as 0 and 1."""
        return self._plan.numbers(items)

    def texts(self, items: Sequence[int]) -> list[tuple[str, str | None]]:
        """Tag name and text of each string; None for what is no text."""
        return self._plan.texts(items)

    @cached_property
    def _plan(self) -> Plan:
        return Plan(self.start, self.size, self.tags)


def merge(tags: Iterable[Tag]) -> tuple[Block, ...]:
    """Blocks over the places where the tags' values are read, in the order of the registers."""
    ordered = sorted(tags, key=lambda item: item.source)
    return _joined(ordered, MAX_GAP, MAX_BIT_GAP)


def spanning(tags: Iterable[Tag]) -> Block | None:
    """One block over all of these, however far apart; None when they lie in several tables or beyond one request."""
    ordered = tuple(sorted(tags, key=lambda item: item.source))
    first = ordered[0].source
    size = max(tag.source.register + tag.words for tag in ordered) - first.register
    whole = all(tag.source.bank is first.bank for tag in ordered)
    return Block(Address(first.bank, first.register), size, ordered) if whole and size <= MAX_REGISTERS else None


def split(block: Block) -> tuple[Block, ...]:
    """The block cut at its gaps: a device may refuse a read for the sake of registers that nobody needs."""
    return _joined(block.tags, 0, 0)


def _joined(tags: Iterable[Tag], gap: int, bit_gap: int) -> tuple[Block, ...]:
    """Blocks of tags in the order of their places, each as long as gaps and the limit of one request allow."""
    blocks: list[Block] = []
    group: list[Tag] = []
    start, size = Address(Bank.HOLDING, 0), 0
    for tag in tags:
        source, is_bits = tag.source, tag.source.bank.is_bits
        longer = max(size, source.register + tag.words - start.register)
        near = source.register <= start.register + size + (bit_gap if is_bits else gap)
        if group and source.bank is start.bank and near and longer <= (MAX_BITS if is_bits else MAX_REGISTERS):
            size = longer
        else:
            if group:
                blocks.append(Block(start, size, tuple(group)))
            group, start, size = [], Address(source.bank, source.register), tag.words
        group.append(tag)
    if group:
        blocks.append(Block(start, size, tuple(group)))
    return tuple(blocks)
