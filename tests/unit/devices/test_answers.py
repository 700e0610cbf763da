"""What is taken for the answer to a request, and what is not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellctl.devices.modbus.answers import RtuFraming, TcpFraming, answer_bytes, pdu_problem

TCP, RTU = TcpFraming(), RtuFraming()
READ = bytes.fromhex("03006b0003")
READ_ANSWER = bytes.fromhex("0306022b00000064")
"""The worked example of the application protocol 1.1b3, 6.3: registers 108 to 110."""
WRITE = bytes.fromhex("100001000204000a0102")
WRITE_ANSWER = bytes.fromhex("1000010002")
"""The worked example of 6.12: two registers from the second on."""
WRITE_ONE = bytes.fromhex("0600010003")
"""The worked example of 6.6; the answer is an echo."""
EXAMPLES = [(READ, READ_ANSWER), (WRITE, WRITE_ANSWER), (WRITE_ONE, WRITE_ONE)]


def mbap(pdu: bytes, transaction: int = 7, unit: int = 1) -> bytes:
    """A frame of Modbus TCP, by the layout of the messaging guide."""
    length = len(pdu) + 1
    return transaction.to_bytes(2, "big") + b"\0\0" + length.to_bytes(2, "big") + bytes([unit]) + pdu


def rtu(pdu: bytes, unit: int = 1) -> bytes:
    """A frame of Modbus RTU; its checksum is not looked at here."""
    return bytes([unit]) + pdu + b"\0\0"


@pytest.mark.parametrize(("request_", "answer"), EXAMPLES, ids=["read", "write", "write-one"])
def test_the_answers_of_the_specification_are_taken(request_: bytes, answer: bytes) -> None:
    """Whole, on both transports, and an exception to each as well."""
    assert pdu_problem(request_, answer) is None
    assert len(answer) == answer_bytes(request_)
    for said in (answer, bytes([request_[0] | 0x80, 2])):
        assert TCP.problem(mbap(request_), mbap(said)) is None
        assert RTU.problem(rtu(request_), rtu(said)) is None


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (mbap(READ_ANSWER, transaction=0), "transaction 0 instead of 7"),
        (mbap(READ_ANSWER, transaction=6), "transaction 6 instead of 7"),
        (mbap(READ_ANSWER, unit=2), "unit 2 answered instead of 1"),
        (mbap(b"\x04" + READ_ANSWER[1:]), "function code 4 instead of 3"),
        (mbap(READ_ANSWER)[:2] + b"\0\1" + mbap(READ_ANSWER)[4:], "protocol 1"),
        (mbap(b"\x03\x04\x02\x2b\x00\x00"), "answered 2 registers instead of 3"),
        (mbap(b"\x03\x08" + READ_ANSWER[2:]), "registers instead of 3"),
        (mbap(READ_ANSWER) * 2, "answered"),
        (mbap(b"\x83"), "protocol 0 with 2 bytes"),
        (mbap(b"\x83\x02\x00"), "answered 3 bytes instead of 2"),
    ],
)
def test_whatever_is_not_the_answer_is_named(answer: bytes, problem: str) -> None:
    """Also what a lenient client would take: transaction 0, another function, another byte count, a second answer."""
    assert problem in str(TCP.problem(mbap(READ), answer))


@pytest.mark.parametrize("answer", [b"\x10\x00\x02\x00\x02", b"\x10\x00\x01\x00\x03"])
def test_a_write_is_answered_with_its_own_address_and_count(answer: bytes) -> None:
    """Another place or number was written."""
    assert "another address" in str(TCP.problem(mbap(WRITE), mbap(answer)))
    assert "another address" in str(RTU.problem(rtu(WRITE), rtu(answer)))


def test_on_a_serial_line_unit_function_and_length_must_fit() -> None:
    """There is no transaction there."""
    assert "unit 2" in str(RTU.problem(rtu(READ), rtu(READ_ANSWER, unit=2)))
    assert "function code 16" in str(RTU.problem(rtu(READ), rtu(WRITE_ANSWER)))
    assert "bytes instead of" in str(RTU.problem(rtu(READ), rtu(READ_ANSWER) + b"\0"))


@pytest.mark.parametrize("framed", [(TCP, mbap), (RTU, rtu)], ids=["tcp", "rtu"])
@pytest.mark.parametrize(("request_", "answer"), EXAMPLES, ids=["read", "write", "write-one"])
def test_an_answer_may_come_in_pieces(framed: Any, request_: bytes, answer: bytes) -> None:
    """No part of it is a problem."""
    framing, wrap = framed
    whole = wrap(answer)
    assert [framing.problem(wrap(request_), whole[:size]) for size in range(len(whole))] == [None] * len(whole)


@given(st.sampled_from([READ, WRITE, WRITE_ONE]), st.binary(max_size=300))
def test_no_bytes_confuse_it(request_: bytes, received: bytes) -> None:
    """Every input gives a problem or none, never an error; and never taken is what repeats nothing of the request."""
    TCP.problem(mbap(request_), received)
    RTU.problem(rtu(request_), received)
    if len(received) > 8 and received[:2] != b"\0\7":
        assert TCP.problem(mbap(request_), received) is not None


@pytest.mark.parametrize("answer", [b"\x03\x04\x02\x2b\x00\x00", b"\x03\x00", b"\x03\xfc"])
def test_a_serial_answer_with_another_count_is_refused_before_it_is_whole(answer: bytes) -> None:
    """A shorter one would be whole for the library, which believes its count, while more is waited for here."""
    problem = RTU.problem(rtu(READ), rtu(answer))
    assert problem is not None
    assert "registers instead of 3" in str(problem)
