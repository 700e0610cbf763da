"""Registers and values, and which registers are read together."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cellctl.devices.modbus.blocks import MAX_REGISTERS, merge, split
from cellctl.devices.modbus.codec import decode, encode, same
from cellctl.devices.modbus.settings import ModbusTcpSettings
from cellctl.devices.tags import Address, Bank, Poll, Tag, WireType
from cellctl.errors import PlantError

INT16 = Tag("load", Address(Bank.HOLDING, 2), WireType.INT16, 0.01, "kPa", -400, 400, True, None, Poll.FAST, "")


def _tag(wire: WireType, scale: float = 1.0) -> Tag:
    return msgspec.structs.replace(INT16, type=wire, scale=scale)


def _at(register: int, wire: WireType = WireType.INT16, bank: Bank = Bank.INPUT) -> Tag:
    return msgspec.structs.replace(INT16, name=f"t{register}", address=Address(bank, register), type=wire)


GOLDEN = [
    (_tag(WireType.INT16, 0.01), 20.04, [2004]),
    (_tag(WireType.INT16, 0.01), -0.01, [0xFFFF]),
    (_tag(WireType.UINT16), 65535.0, [0xFFFF]),
    (_tag(WireType.INT32), -2.0, [0xFFFF, 0xFFFE]),
    (_tag(WireType.UINT32), 0x12345678, [0x1234, 0x5678]),
    (_tag(WireType.FLOAT32), 1.0, [0x3F80, 0x0000]),
    (_tag(WireType.FLOAT32), -118.625, [0xC2ED, 0x4000]),
    (_tag(WireType.BOOL), 1.0, [1]),
]
"""Two's complement and IEEE 754 by hand; -118.625 is the worked example of the single format."""


@pytest.mark.parametrize(("tag", "value", "words"), GOLDEN)
def test_value_and_registers(tag: Tag, value: float, words: list[int]) -> None:
    """Both ways, high word first."""
    assert encode(tag, value) == words
    assert decode(tag, words) == value


@given(st.integers(-32768, 32767))
def test_every_count_survives_the_way_there_and_back(counts: int) -> None:
    """0.01 kPa per count, no binary dust."""
    value = decode(INT16, encode(INT16, counts * 0.01))
    assert round(value * 100) == counts
    assert len(f"{value}".split(".")[1]) <= 2


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 327.68, -327.69])
def test_what_does_not_fit_is_refused(value: float) -> None:
    """Never wrapped, never clipped."""
    with pytest.raises(PlantError, match="CELL-2001"):
        encode(INT16, value)


def test_bool_takes_only_its_two_values() -> None:
    """2 is no truth value; any word but 0 reads as true."""
    with pytest.raises(PlantError, match="CELL-2001"):
        encode(_tag(WireType.BOOL), 2.0)
    assert decode(_tag(WireType.BOOL), [7]) == 1.0


def test_same_is_half_a_count() -> None:
    """At the border, beyond it, and for what is no number."""
    assert same(INT16, 20.0, 20.004)
    assert not same(INT16, 20.0, 20.006)
    assert not same(INT16, math.nan, math.nan)


def test_neighbours_are_read_together_over_small_gaps() -> None:
    """0, 1 and 9 in one request; 30 in another."""
    blocks = merge([_at(9), _at(0), _at(30), _at(1)])
    assert [(str(block.start), block.size, len(block.tags)) for block in blocks] == [("IR0", 10, 3), ("IR30", 1, 1)]


def test_a_block_is_cut_at_its_gaps() -> None:
    """Each part is read without a register that no tag needs."""
    (block,) = merge([_at(0), _at(1), _at(3, WireType.INT32), _at(9)])
    assert [(str(part.start), part.size, len(part.tags)) for part in split(block)] == [
        ("IR0", 2, 2), ("IR3", 2, 1), ("IR9", 1, 1),
    ]  # fmt: skip


def test_banks_are_never_mixed() -> None:
    """Holding and input registers of the same number are different registers."""
    blocks = merge([_at(1), _at(2, bank=Bank.HOLDING)])
    assert [block.bank for block in blocks] == [Bank.HOLDING, Bank.INPUT]


@given(st.lists(st.tuples(st.integers(0, 65000), st.sampled_from(list(WireType))), max_size=60))
def test_every_tag_lies_whole_in_one_block_within_the_limit(places: list[tuple[int, WireType]]) -> None:
    """For any table."""
    tags = [_at(register, wire) for register, wire in places]
    blocks = merge(tags)
    assert sorted(tag.address for block in blocks for tag in block.tags) == sorted(tag.address for tag in tags)
    for block in blocks:
        registers = [block.start.register + offset for offset in range(block.size)]
        assert block.size <= MAX_REGISTERS
        for tag in block.tags:
            first = tag.address.register
            assert block.words(tag, registers) == list(range(first, first + tag.words))


HANDSHAKE = {"heartbeat": "a", "sequence": "b", "echo": "c", "accept": "d"}


def test_settings_take_times_as_people_write_them() -> None:
    """And what is stored reads back as the same settings."""
    read = ModbusTcpSettings.model_validate(
        {"host": "10.0.0.5", "tags": "t.csv", "timeout": "150 ms", "handshake": HANDSHAKE}
    )
    assert (read.timeout, read.port, read.tags) == (0.15, 502, Path("t.csv"))
    assert ModbusTcpSettings.model_validate(read.model_dump(mode="json")) == read


@pytest.mark.parametrize(
    "wrong", [{"timeout": "fast"}, {"timeout": "0 s"}, {"port": 0}, {"prot": 502}, {"handshake": {}}]
)
def test_wrong_settings_are_refused(wrong: dict[str, object]) -> None:
    """Units, ranges, unknown and missing keys."""
    with pytest.raises(ValidationError):
        ModbusTcpSettings.model_validate({"host": "x", "tags": "t.csv", "handshake": HANDSHAKE} | wrong)
