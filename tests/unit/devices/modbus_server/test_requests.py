"""Requests taken apart; the data units are the examples of the Modbus application protocol 1.1b3, 6.1 to 6.4."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellctl.devices.modbus_server.answers import bits_answer, exception_answer, registers_answer
from cellctl.devices.modbus_server.requests import (
    LARGEST_FRAME,
    Broken,
    Fault,
    Function,
    Read,
    Refused,
    RequestReader,
)

ALL = frozenset(Function)


def adu(pdu: str) -> bytes:
    """A frame around a data unit in hex."""
    data = bytes.fromhex(pdu)
    return bytes.fromhex("15010000") + (len(data) + 1).to_bytes(2, "big") + b"\xff" + data


def only(data: bytes) -> Any:
    """The one event that a reader for everything makes of it."""
    (event,) = RequestReader(ALL).feed(data)
    return event


EXAMPLES = [
    ("0100130013", Function.COILS, 19, 19, "0103cd6b05"),
    ("0200c40016", Function.DISCRETE_INPUTS, 196, 22, "0203acdb35"),
    ("03006b0003", Function.HOLDING_REGISTERS, 107, 3, "0306022b00000064"),
    ("0400080001", Function.INPUT_REGISTERS, 8, 1, "0402000a"),
]
"""Request, what it says, and its answer."""


@pytest.mark.parametrize(("pdu", "function", "start", "count", "_answer"), EXAMPLES)
def test_examples_of_the_specification(pdu, function, start, count, _answer):
    """Each of the four reads, with transaction and unit as they came."""
    assert RequestReader(ALL).feed(adu(pdu)) == [Read(0x1501, 0xFF, function, start, count)]


@pytest.mark.parametrize(("pdu", "_function", "_start", "count", "answer"), EXAMPLES)
def test_answers_of_the_specification(pdu, _function, _start, count, answer):
    """The data of the examples gives their answers byte for byte."""
    request = only(adu(pdu))
    data = bytes.fromhex(answer)[2:]
    if request.function.reads_bits:
        bits = [bool(data[place // 8] >> place % 8 & 1) for place in range(count)]
        assert bits_answer(request, bits) == adu(answer)
    else:
        words = [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]
        assert registers_answer(request, words) == adu(answer)


def test_exception_of_the_specification():
    """Coil 1245 does not exist: function 0x81, exception 2."""
    request = only(adu("0104a10001"))
    assert exception_answer(request, Fault.ILLEGAL_ADDRESS) == adu("8102")


@pytest.mark.parametrize("pdu", ["0500acff00", "0600010003", "1000010002040a0102", "2b0e0100", "08000000", "17000306"])
def test_what_is_not_allowed_gets_exception_one(pdu):
    """Writes, diagnostics and identification are well-formed and answered with a no."""
    code = int(pdu[:2], 16)
    assert RequestReader(ALL).feed(adu(pdu)) == [Refused(0x1501, 0xFF, code, Fault.ILLEGAL_FUNCTION)]


def test_a_read_outside_the_list_gets_exception_one():
    """The list holds for reads too."""
    reader = RequestReader(frozenset({Function.HOLDING_REGISTERS}))
    (event,) = reader.feed(adu("0400080001"))
    assert event == Refused(0x1501, 0xFF, 4, Fault.ILLEGAL_FUNCTION)


@pytest.mark.parametrize(
    "pdu", ["03006b0000", "03006b007e", "0100130000", "01001307d1", "03006b", "03006b0003ff", "03"]
)
def test_counts_and_lengths_that_no_read_has_get_exception_three(pdu):
    """0, one more than fits an answer, and a data unit that is not five bytes."""
    assert only(adu(pdu)).fault is Fault.ILLEGAL_VALUE


def test_beyond_the_last_register_there_is_none():
    """65535 can be read, 65535 and the next cannot."""
    assert isinstance(only(adu("03ffff0001")), Read)
    assert only(adu("03ffff0002")).fault is Fault.ILLEGAL_ADDRESS


@pytest.mark.parametrize("frame", [
    "150100010006ff0300000001",  # protocol 1
    "150100000001ff0300000001",  # too short for a function code
    "150100000000ff0300000001",
    "1501000000ffff0300000001",  # one more than the longest
    "15010000ffffff0300000001",
    "150100000006ff0000000001",  # function 0
    "150100000006ff8300000001",  # an answer
])  # fmt: skip
def test_what_cannot_be_trusted_ends_the_connection(frame):
    """One `Broken`, and nothing of what follows is read."""
    reader = RequestReader(ALL)
    good = adu("0400080001")
    events = reader.feed(good + bytes.fromhex(frame) + good)
    assert [type(it) for it in events] == [Read, Broken]
    assert reader.feed(good) == []
    assert reader.kept == 0


@given(st.lists(st.sampled_from([adu(it[0]) for it in EXAMPLES] + [adu("0600010003")]), max_size=6), st.data())
def test_pieces_make_no_difference(frames, data):
    """However TCP cuts the stream, the same requests come out."""
    stream = b"".join(frames)
    whole = RequestReader(ALL).feed(stream)
    reader, events = RequestReader(ALL), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        events += reader.feed(stream[:size])
        stream = stream[size:]
    assert events == whole
    assert len(whole) == len(frames)


@given(st.lists(st.binary(max_size=600), max_size=5))
def test_no_more_than_one_frame_is_ever_kept(pieces):
    """Whatever comes, the buffer is bounded."""
    reader = RequestReader(ALL)
    for piece in pieces:
        reader.feed(piece)
        assert reader.kept < LARGEST_FRAME
