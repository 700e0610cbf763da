"""Types, byte orders, scale and offset: against vectors from the standards, and there and back for everything else."""

from __future__ import annotations

import math
import struct

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cellctl.devices.modbus.codec import decode, decode_text, encode, on_the_wire, same
from cellctl.devices.tags import Address, Bank, Order, Poll, Tag, WireType
from cellctl.devices.tags.wire import COUNTS
from cellctl.errors import PlantError

BASE = Tag("load", Address(Bank.HOLDING, 2), WireType.INT16, 1.0, "", -1e30, 1e30, True, None, Poll.FAST, "")
WHOLE = [it for it in COUNTS if it is not WireType.BOOL]
SCALES = [1e-9, 0.001, 0.01, 0.05, 0.3, 1.0, 2.5, 10.0]
SINGLE = st.floats(width=32, allow_nan=False, allow_infinity=False)
ANY = st.floats(-1e300, 1e300) | st.sampled_from([math.nan, math.inf, -math.inf])
FLOATS = [WireType.FLOAT32, WireType.FLOAT64]


def _tag(wire: WireType, order: Order = Order.ABCD, scale: float = 1.0, offset: float = 0.0) -> Tag:
    return msgspec.structs.replace(BASE, type=wire, order=order, scale=scale, offset=offset)


@pytest.mark.parametrize(
    ("wire", "value", "words"),
    [
        (WireType.INT64, -2.0, [0xFFFF, 0xFFFF, 0xFFFF, 0xFFFE]),
        (WireType.INT64, -(2.0**63), [0x8000, 0, 0, 0]),
        (WireType.UINT64, 2.0**63, [0x8000, 0, 0, 0]),
        (WireType.FLOAT32, math.inf, [0x7F80, 0x0000]),
        (WireType.FLOAT32, 2.0**-149, [0x0000, 0x0001]),
        (WireType.FLOAT64, 1.0, [0x3FF0, 0, 0, 0]),
        (WireType.FLOAT64, -2.0, [0xC000, 0, 0, 0]),
        (WireType.FLOAT64, math.pi, [0x4009, 0x21FB, 0x5444, 0x2D18]),
        (WireType.FLOAT64, 2.0**-1074, [0, 0, 0, 1]),
    ],
)
def test_registers_mean_what_the_standards_say(wire: WireType, value: float, words: list[int]) -> None:
    """Two's complement, and IEEE 754 with its bits written out."""
    assert decode(_tag(wire), words) == value


@pytest.mark.parametrize(
    ("order", "two", "four"),
    [
        (Order.ABCD, [0x0102, 0x0304], [0x0102, 0x0304, 0x0506, 0x0708]),
        (Order.CDAB, [0x0304, 0x0102], [0x0708, 0x0506, 0x0304, 0x0102]),
        (Order.BADC, [0x0201, 0x0403], [0x0201, 0x0403, 0x0605, 0x0807]),
        (Order.DCBA, [0x0403, 0x0201], [0x0807, 0x0605, 0x0403, 0x0201]),
    ],
)
def test_each_order_is_the_one_that_its_letters_say(order: Order, two: list[int], four: list[int]) -> None:
    """A is the most significant byte: bytes 1 to 4 of a double word, 1 to 8 of a quadruple one."""
    assert decode(_tag(WireType.UINT32, order), two) == 0x01020304
    assert encode(_tag(WireType.UINT32, order), 0x01020304) == two
    wide = _tag(WireType.INT64, order, scale=2.0**-10)  # so that 57 bits fit a float's 53
    assert decode(wide, four) == 0x0102030405060708 / 2**10
    assert decode(_tag(WireType.FLOAT32, order), _float_words(order)) == -118.625


def _float_words(order: Order) -> list[int]:
    """-118.625 is C2 ED 40 00."""
    return {Order.ABCD: [0xC2ED, 0x4000], Order.CDAB: [0x4000, 0xC2ED],
            Order.BADC: [0xEDC2, 0x0040], Order.DCBA: [0x0040, 0xEDC2]}[order]  # fmt: skip


@pytest.mark.parametrize(("order", "word"), [("ABCD", 0x0102), ("CDAB", 0x0102), ("BADC", 0x0201), ("DCBA", 0x0201)])
def test_one_register_has_only_bytes_to_exchange(order: str, word: int) -> None:
    """The order of words says nothing of a single one."""
    assert encode(_tag(WireType.UINT16, Order(order)), 0x0102) == [word]


@given(
    st.sampled_from(WHOLE), st.sampled_from(list(Order)), st.sampled_from(SCALES),
    st.integers(-400, 400), st.data(),
)  # fmt: skip
def test_every_count_survives_the_way_there_and_back(
    wire: WireType, order: Order, scale: float, steps: int, data: st.DataObject
) -> None:
    """For every whole type, order, scale and offset, as far as a float holds the count."""
    low, high = COUNTS[wire]
    count = data.draw(st.integers(max(low, -(2**45)), min(high, 2**45)))
    tag = _tag(wire, order, scale, float(round(steps * scale, 9)))
    words = _words(wire, order, count)
    value = decode(tag, words)
    assert value == pytest.approx(count * scale + tag.offset, rel=1e-12, abs=abs(tag.offset) * 1e-12)
    assert encode(tag, value) == words
    assert on_the_wire(tag, value) == value


def _words(wire: WireType, order: Order, count: int) -> list[int]:
    """The registers of a count, by their definition: bytes in a row, then exchanged."""
    low, high = COUNTS[wire]
    size = (high - low).bit_length() // 8
    row = count.to_bytes(size, "big", signed=low < 0)
    pairs = [row[at : at + 2] for at in range(0, size, 2)]
    pairs = pairs[::-1] if order in {Order.CDAB, Order.DCBA} else pairs
    pairs = [it[::-1] for it in pairs] if order in {Order.BADC, Order.DCBA} else pairs
    return [int.from_bytes(it, "big") for it in pairs]


@given(st.sampled_from(FLOATS), st.sampled_from(list(Order)), SINGLE)
def test_every_float_survives_the_way_there_and_back(wire: WireType, order: Order, value: float) -> None:
    """Without a digit lost."""
    tag = _tag(wire, order)
    assert decode(tag, encode(tag, value)) == value


@given(st.sampled_from([*WHOLE, *FLOATS]), st.sampled_from(list(Order)), ANY, st.sampled_from([0.01, 1.0, 7.0]))
@example(WireType.UINT64, Order.ABCD, 2.0**64, 1.0)
@example(WireType.FLOAT32, Order.ABCD, 3.5e38, 1.0)
def test_what_is_written_is_what_was_meant_or_is_refused(
    wire: WireType, order: Order, value: float, scale: float
) -> None:
    """Never wrapped, never clipped: what comes back is within half a count, or half a digit of a float."""
    tag = _tag(wire, order, scale)
    try:
        words = encode(tag, value)
    except PlantError as error:
        assert error.code == "CELL-2001"  # noqa: PT017  # one of two good ends
        return
    slack = scale / 2 if wire in COUNTS else 0.0
    assert decode(tag, words) == pytest.approx(value, rel=2**-24 if wire is WireType.FLOAT32 else 1e-15,
                                               abs=slack + (1e-44 if wire in FLOATS else 0.0))  # fmt: skip


@pytest.mark.parametrize("wire", FLOATS)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_not_written(wire: WireType, value: float) -> None:
    """Although a float register could hold it."""
    with pytest.raises(PlantError, match="CELL-2001"):
        encode(_tag(wire), value)


@pytest.mark.parametrize("value", [2.0**54 + 4, 2.0**63 - 1024, 2.0**64 - 2048])
def test_beyond_53_bits_the_nearest_number_is_shown(value: float) -> None:
    """A count between two floats reads as the nearer one, and a float is written to the bit."""
    tag = _tag(WireType.UINT64)
    words = encode(tag, value)
    assert int.from_bytes(b"".join(it.to_bytes(2, "big") for it in words), "big") == value
    words[3] += 1
    assert decode(tag, words) == value


def test_scale_and_offset_are_decimal_numbers() -> None:
    """-40 °C at count 0, a tenth a count, as a temperature transmitter has it; and a scale with many digits."""
    tag = _tag(WireType.UINT16, scale=0.1, offset=-40.0)
    assert decode(tag, [655]) == 25.5
    assert encode(tag, 25.5) == [655]
    assert decode(_tag(WireType.UINT16, scale=1e-12), [3]) == 3e-12


@pytest.mark.parametrize(
    ("address", "order", "word", "value"),
    [
        (Address(Bank.INPUT, 4, 0), Order.ABCD, 0x0001, 1.0),
        (Address(Bank.INPUT, 4, 15), Order.ABCD, 0x8000, 1.0),
        (Address(Bank.INPUT, 4, 3), Order.ABCD, 0xFFF7, 0.0),
        (Address(Bank.INPUT, 4, 0), Order.BADC, 0x0100, 1.0),
        (Address(Bank.INPUT, 4, 9), Order.DCBA, 0x0002, 1.0),
        (Address(Bank.INPUT, 4), Order.ABCD, 0x0400, 1.0),
        (Address(Bank.COIL, 4), Order.ABCD, 1, 1.0),
        (Address(Bank.DISCRETE, 4), Order.ABCD, 0, 0.0),
    ],
)
def test_a_bool_is_one_bit_or_any(address: Address, order: Order, word: int, value: float) -> None:
    """Bit 0 is the least significant one of the register as the order reads it; a whole register is true unless 0."""
    assert decode(msgspec.structs.replace(_tag(WireType.BOOL, order), address=address), [word]) == value


def test_a_bit_of_a_register_is_not_written() -> None:
    """Its neighbours would be cleared."""
    tag = msgspec.structs.replace(_tag(WireType.BOOL), address=Address(Bank.HOLDING, 4, 3))
    with pytest.raises(PlantError, match="CELL-2001"):
        encode(tag, 1.0)


@pytest.mark.parametrize(
    ("data", "order", "said"),
    [
        (b"PUMP-7\0\0", Order.ABCD, "PUMP-7"),
        (b"UPPM7-\0\0", Order.BADC, "PUMP-7"),
        (b"LOT 1   ", Order.ABCD, "LOT 1"),
        (b"A\0BCDEFG", Order.ABCD, "A"),
        ("泵7".encode() + bytes(4), Order.ABCD, "泵7"),
        (bytes(8), Order.ABCD, ""),
        (b"\xb1\xc3\0\0\0\0\0\0", Order.ABCD, None),
        (b"\x01\x02\0\0\0\0\0\0", Order.ABCD, None),
    ],
)
def test_a_string_ends_at_its_first_zero(data: bytes, order: Order, said: str | None) -> None:
    """Blanks at its end do not count; what is no UTF-8, or no text, is none."""
    tag = msgspec.structs.replace(_tag(WireType.STRING, order), characters=8)
    words = list(struct.unpack(">4H", data))
    assert decode_text(tag, words) == said
    assert math.isnan(decode(tag, words))


def test_a_string_of_odd_length_leaves_the_last_byte_out() -> None:
    """Five characters lie in three registers."""
    tag = msgspec.structs.replace(_tag(WireType.STRING), characters=5)
    assert (tag.words, decode_text(tag, list(struct.unpack(">3H", b"ABCDEF")))) == (3, "ABCDE")


@pytest.mark.parametrize(("maximum", "step"), [(25.0, 1e-4), (400.0, 1e-3), (1e9, 1000.0), (1e-6, 1e-9)])
def test_a_float_has_a_step_that_its_largest_value_carries(maximum: float, step: float) -> None:
    """A power of ten: values in force that differ by less are the same, and a float32 can show it."""
    tag = msgspec.structs.replace(_tag(WireType.FLOAT32), minimum=0.0, maximum=maximum)
    assert tag.resolution == pytest.approx(step)
    shown = decode(tag, encode(tag, maximum * 0.7))
    assert same(tag, maximum * 0.7, shown)
    assert not same(tag, maximum * 0.7, shown + step)
