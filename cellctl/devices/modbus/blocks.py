"""Which registers are read together: contiguous ones, over small gaps, within one protocol data unit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cellctl.devices.tags import Address, Bank, Tag

MAX_REGISTERS = 125
"""Most registers one read may ask for (Modbus application protocol 1.1b3, 6.3)."""
MAX_GAP = 8
"""Reading eight registers that nobody needs costs less than another request."""


class Block(NamedTuple):
    """Registers read in one request, and the tags that lie in them."""

    start: Address
    size: int
    tags: tuple[Tag, ...]

    def words(self, tag: Tag, registers: list[int]) -> list[int]:
        """The registers of one tag out of those of the block."""
        first = tag.source.register - self.start.register
        return registers[first : first + tag.type.words]


def merge(tags: Iterable[Tag]) -> tuple[Block, ...]:
    """Blocks over the places where the tags' values are read, in the order of the registers."""
    blocks: list[Block] = []
    for tag in sorted(tags, key=lambda item: item.source):
        last = blocks[-1] if blocks else None
        joined = _joined(last, tag) if last else None
        if joined is None:
            blocks.append(Block(tag.source, tag.type.words, (tag,)))
        else:
            blocks[-1] = joined
    return tuple(blocks)


def split(block: Block) -> tuple[Block, ...]:
    """The block cut at its gaps: a device may refuse a read for the sake of registers that nobody needs."""
    parts: list[Block] = []
    for tag in block.tags:
        joined = _joined(parts[-1], tag, gap=0) if parts else None
        if joined is None:
            parts.append(Block(tag.source, tag.type.words, (tag,)))
        else:
            parts[-1] = joined
    return tuple(parts)


def _joined(block: Block, tag: Tag, gap: int = MAX_GAP) -> Block | None:
    """The block made longer by one tag, None when that tag lies too far away."""
    first, begin = block.start.register, tag.source.register
    size = max(block.size, begin + tag.type.words - first)
    near = tag.source.bank is block.start.bank and begin <= first + block.size + gap
    return Block(block.start, size, (*block.tags, tag)) if near and size <= MAX_REGISTERS else None


def is_input(block: Block) -> bool:
    """Whether the block lies in the input registers."""
    return block.start.bank is Bank.INPUT
