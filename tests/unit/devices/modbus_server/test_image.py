"""Named values as Modbus tables: whole values or nothing, and never one that is not Good."""

from __future__ import annotations

import math

import msgspec
import pytest

from cellctl.devices.modbus_server.image import Image, Point, Shown, words_of
from cellctl.devices.modbus_server.requests import Fault, Function
from cellctl.devices.tags import Address, Bank, Order, Tag, WireType
from cellctl.model.quality import Quality

TAG = Tag("t", Address(Bank.INPUT, 0), WireType.UINT16, 1.0, "", -math.inf, math.inf, False, None, "", "")
GOOD = Quality.GOOD


def row(name, address, wire=WireType.UINT16, **changes):
    """One point of an image."""
    return Point(name, msgspec.structs.replace(TAG, address=address, type=wire, **changes))


def image(*points, **values):
    """An image over fixed values; one that is no `Shown` is Good."""
    shown = {name: it if isinstance(it, Shown) else Shown(it, GOOD) for name, it in values.items()}
    return Image(points, shown.__getitem__)


A, B = Address(Bank.INPUT, 10), Address(Bank.INPUT, 11)


def test_values_lie_where_their_rows_say():
    """A float of two registers behind a scaled integer, read together."""
    both = image(row("a", A, WireType.INT16, scale=0.01), row("b", B, WireType.FLOAT32), a=-0.01, b=1.0)
    assert both.registers(Function.INPUT_REGISTERS, 10, 3) == [0xFFFF, 0x3F80, 0]


def test_the_tables_are_apart():
    """An input register is no holding register."""
    assert image(row("a", A), a=1.0).registers(Function.HOLDING_REGISTERS, 10, 1) is Fault.ILLEGAL_ADDRESS


@pytest.mark.parametrize(("start", "size"), [(9, 1), (9, 2), (10, 1), (11, 1), (11, 2), (10, 3)])
def test_only_whole_values_are_served(start, size):
    """Half of a two-register value, and registers that no row covers, are exception 2."""
    wide = image(row("a", A, WireType.UINT32), a=1.0)
    assert wide.registers(Function.INPUT_REGISTERS, 10, 2) == [0, 1]
    assert wide.registers(Function.INPUT_REGISTERS, start, size) is Fault.ILLEGAL_ADDRESS


BAD = [
    (WireType.BOOL, [0xFFFF]), (WireType.INT16, [0x8000]), (WireType.UINT16, [0xFFFF]), (WireType.INT32, [0x8000, 0]),
    (WireType.UINT32, [0xFFFF, 0xFFFF]), (WireType.INT64, [0x8000, 0, 0, 0]), (WireType.UINT64, [0xFFFF] * 4),
]  # fmt: skip


@pytest.mark.parametrize("quality", [it for it in Quality if not it.is_good])
@pytest.mark.parametrize(("wire", "words"), BAD)
def test_what_is_not_good_is_not_a_number(wire, words, quality):
    """Uncertain or Bad: the lowest number of a signed type, all ones of an unsigned one."""
    assert list(words_of(row("a", A, wire).tag, Shown(7.0, quality))) == words


@pytest.mark.parametrize(("wire", "size"), [(WireType.FLOAT32, 4), (WireType.FLOAT64, 8)])
@pytest.mark.parametrize("order", Order)
def test_a_bad_float_is_nan_in_every_order(wire, size, order):
    """Put back into its order it is NaN for the reader, whatever the order of its bytes."""
    words = list(words_of(row("a", A, wire, order=order).tag, Shown(7.0, Quality.BAD)))
    words = words[::-1] if order in {Order.CDAB, Order.DCBA} else words
    raw = b"".join(it.to_bytes(2, "little" if order in {Order.BADC, Order.DCBA} else "big") for it in words)
    exponent = int.from_bytes(raw[:2], "big") & 0x7FF0
    assert (len(raw), exponent) == (size, 0x7FF0 if size == 8 else 0x7FC0)


@pytest.mark.parametrize("value", [65536.0, -1.0, math.nan, math.inf])
def test_what_does_not_fit_is_not_clipped(value):
    """It is served as if it were not Good."""
    assert list(words_of(TAG, Shown(value, GOOD))) == [0xFFFF]


def test_a_text_fills_its_registers():
    """Two characters each, zeros behind it; a longer one is left out as a whole."""
    tag = row("a", A, WireType.STRING, characters=6).tag
    assert list(words_of(tag, Shown("LOT7", GOOD))) == [0x4C4F, 0x5437, 0]
    assert list(words_of(tag, Shown("LOT-0007", GOOD))) == [0, 0, 0]
    assert list(words_of(tag, Shown("LOT7", Quality.BAD))) == [0, 0, 0]


def test_bits_are_served_one_by_one():
    """Coils by function 1, discrete inputs by function 2, and only those with a row."""
    coils = image(row("a", Address(Bank.COIL, 3), WireType.BOOL), row("b", Address(Bank.COIL, 4), WireType.BOOL),
                  a=1.0, b=0.0)  # fmt: skip
    assert coils.bits(Function.COILS, 3, 2) == [True, False]
    assert coils.bits(Function.COILS, 3, 3) is Fault.ILLEGAL_ADDRESS
    assert coils.bits(Function.DISCRETE_INPUTS, 3, 1) is Fault.ILLEGAL_ADDRESS


@pytest.mark.parametrize("value", [Shown(1.0, Quality.BAD), Shown(2.0, GOOD), Shown(math.nan, GOOD)])
def test_a_bit_that_is_not_known_is_a_device_failure(value):
    """Neither 0 nor 1 would be true."""
    coil = image(row("a", Address(Bank.COIL, 3), WireType.BOOL), a=value)
    word = image(row("a", Address(Bank.INPUT, 3, 5), WireType.BOOL), a=value)
    assert coil.bits(Function.COILS, 3, 1) is Fault.DEVICE_FAILURE
    assert word.registers(Function.INPUT_REGISTERS, 3, 1) is Fault.DEVICE_FAILURE


def test_bits_of_one_register_are_put_together():
    """Each row gives its bit."""
    word = image(*(row(name, Address(Bank.INPUT, 3, bit), WireType.BOOL) for name, bit in (("a", 0), ("b", 5))),
                 a=1.0, b=1.0)  # fmt: skip
    assert word.registers(Function.INPUT_REGISTERS, 3, 1) == (0b100001,) or [0b100001]
