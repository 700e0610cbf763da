"""A block decoded in one go gives what each of its tags gives by itself."""

from __future__ import annotations

import math
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellctl.devices.modbus.blocks import MAX_BITS, MAX_REGISTERS, Block, merge, split
from cellctl.devices.modbus.codec import decode, decode_text
from cellctl.devices.tags import Address, Bank, Order, Poll, Tag, WireType

BASE = Tag("t", Address(Bank.INPUT, 0), WireType.INT16, 1.0, "", -math.inf, math.inf, False, None, Poll.FAST, "")
NUMBERS = [it for it in WireType if it is not WireType.STRING]


@st.composite
def _tags(draw: st.DrawFn) -> list[Tag]:
    """Any tags, which may overlap and leave gaps."""
    places = draw(st.lists(st.tuples(st.integers(0, 90), st.sampled_from(list(WireType))), min_size=1, max_size=40))
    found = []
    for number, (register, wire) in enumerate(places):
        bit = draw(st.integers(-1, 15)) if wire is WireType.BOOL else -1
        scaled = wire not in {WireType.BOOL, WireType.STRING}
        found.append(msgspec.structs.replace(
            BASE, name=f"t{number}", type=wire, address=Address(Bank.INPUT, register, bit),
            order=draw(st.sampled_from(list(Order))), scale=draw(st.sampled_from([1.0, 0.01, 5.0])) if scaled else 1.0,
            offset=draw(st.sampled_from([0.0, -40.0])) if scaled else 0.0,
            characters=draw(st.integers(1, 9)) if wire is WireType.STRING else 0))  # fmt: skip
    return found


@settings(max_examples=40)
@given(_tags(), st.randoms(use_true_random=False))
def test_a_block_reads_as_its_tags_do_one_by_one(tags, random) -> None:
    """All types and orders, overlaps and gaps included."""
    memory = [random.getrandbits(16) for _ in range(120)]
    numbers, texts = {}, {}
    for block in merge(tags):
        items = memory[block.start.register : block.start.register + block.size]
        numbers |= dict(block.numbers(items))
        texts |= dict(block.texts(items))
    assert len(numbers) + len(texts) == len(tags)
    for tag in tags:
        words = memory[tag.address.register : tag.address.register + tag.words]
        if tag.type is WireType.STRING:
            assert texts[tag.name] == decode_text(tag, words)
        else:
            assert numbers[tag.name] == pytest.approx(decode(tag, words), rel=0, abs=0, nan_ok=True)


@settings(max_examples=40)
@given(_tags())
def test_the_parts_of_a_block_have_no_register_to_spare(tags) -> None:
    """Each part of a split block lies whole under its tags, and no tag is lost."""
    for block in merge(tags):
        parts = split(block)
        assert sorted(it.name for part in parts for it in part.tags) == sorted(it.name for it in block.tags)
        for part in parts:
            covered = {it.address.register + word for it in part.tags for word in range(it.words)}
            assert covered == set(range(part.start.register, part.start.register + part.size))
        assert all(one.start.register + one.size < other.start.register for one, other in pairwise(parts))


def _bits(bank: Bank, *numbers: int) -> list[Tag]:
    return [msgspec.structs.replace(BASE, name=f"b{it}", type=WireType.BOOL, address=Address(bank, it))
            for it in numbers]  # fmt: skip


def test_coils_and_inputs_are_read_as_bits() -> None:
    """The worked example of the Modbus specification for FC2: inputs 197 to 218, AC DB 35."""
    bits = (
        [0xAC >> it & 1 for it in range(8)] + [0xDB >> it & 1 for it in range(8)] + [0x35 >> it & 1 for it in range(6)]
    )
    (block,) = merge(_bits(Bank.DISCRETE, *range(196, 218)))
    assert (block.bank, block.start.register, block.size) == (Bank.DISCRETE, 196, 22)
    read = dict(block.numbers(bits))
    assert [int(read[f"b{it}"]) for it in range(203, 195, -1)] == [1, 0, 1, 0, 1, 1, 0, 0]
    assert [int(read[f"b{it}"]) for it in range(217, 211, -1)] == [1, 1, 0, 1, 0, 1]


def test_bits_are_read_together_over_wider_gaps_and_up_to_their_own_limit() -> None:
    """128 bits are the bytes of eight registers; one request carries 2000 bits."""
    blocks = merge(_bits(Bank.COIL, 0, 129, 258, 500))
    assert [(block.start.register, block.size) for block in blocks] == [(0, 259), (500, 1)]
    full = merge(_bits(Bank.COIL, *range(MAX_BITS + 1)))
    assert [block.size for block in full] == [MAX_BITS, 1]


def test_a_long_string_fits_one_request() -> None:
    """246 characters are 123 of the 125 registers."""
    tag = msgspec.structs.replace(BASE, type=WireType.STRING, characters=246)
    (block,) = merge([tag])
    assert block.size == 123 <= MAX_REGISTERS
    assert block.texts([0x4142] * 123) == [("t", "AB" * 123)]


def test_a_block_of_whole_registers_needs_one_unpacking() -> None:
    """However many tags it has, as long as they have one order and do not overlap."""
    tags = [msgspec.structs.replace(BASE, name=f"t{it}", address=Address(Bank.INPUT, it)) for it in range(100)]
    (block,) = merge(tags)
    assert isinstance(block, Block)
    assert len(block._plan._goes) == 1
