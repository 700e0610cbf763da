"""The proxy's plan: frames in, actions out."""

from __future__ import annotations

import pytest

from cellsim.proxy import Fault, Frame, Framer, Kind, Plan, Way
from cellsim.proxy.plan import ConnectionPlan, Cut, Send, Stall

WRITE = Frame(7, 1, bytes.fromhex("100001000306000107d407d0"))
WRITTEN = Frame(7, 1, bytes.fromhex("1000010003"))
READ = Frame(8, 1, bytes.fromhex("0400010001"))
ANSWER = Frame(8, 1, bytes.fromhex("04020001"))


def met(fault, request=READ, answer=ANSWER):
    """What becomes of one request and its answer."""
    plan = ConnectionPlan(Plan(fault))
    return plan.request(request, 0.0), plan.answer(answer, 0.0)


def test_a_frame_reads_as_the_protocol_says():
    """Transaction, protocol 0, length of unit and data, unit, data."""
    assert READ.data == bytes.fromhex("0008 0000 0006 01 0400010001")


def test_frames_are_cut_wherever_the_stream_was_torn():
    """The same frames come out for every place where one read ends."""
    stream = WRITE.data + READ.data
    for place in range(len(stream)):
        framer = Framer()
        first, _ = framer.feed(stream[:place])
        second, rest = framer.feed(stream[place:])
        assert (*first, *second) == (WRITE, READ)
        assert rest == b""


def test_what_is_no_modbus_passes_as_it_is():
    """A wrong protocol number ends the cutting, and no byte is lost."""
    framer = Framer()
    assert framer.feed(b"GET / HTTP/1.1") == ([], b"GET / HTTP/1.1")
    assert framer.feed(b"\r\n") == ([], b"\r\n")


def test_without_a_fault_everything_passes():
    """The control: the same bytes on both ways."""
    plan = ConnectionPlan(Plan())
    assert plan.request(READ, 0.0) == [Send(Way.REQUEST, READ.data)]
    assert plan.answer(ANSWER, 0.0) == [Send(Way.ANSWER, ANSWER.data)]


def test_a_fault_counts_only_what_it_names_and_strikes_once():
    """The second write of registers, whatever was read in between."""
    plan = ConnectionPlan(Plan(Fault(Kind.DROP, Way.REQUEST, function=16, nth=2)))
    passed = [bool(plan.request(frame, 0.0)) for frame in (WRITE, READ, WRITE, READ, WRITE)]
    assert passed == [True, True, False, True, True]


def test_a_fault_may_strike_at_all_that_follow():
    """`times: 0` has no end."""
    plan = ConnectionPlan(Plan(Fault(Kind.DROP, Way.REQUEST, nth=2, times=0)))
    assert [bool(plan.request(READ, 0.0)) for _ in range(4)] == [True, False, False, False]


@pytest.mark.parametrize("way", list(Way))
def test_a_cut_lets_its_first_bytes_pass(way):
    """Then both connections end."""
    request, answer = met(Fault(Kind.CUT, way, byte=3, reset=True))
    data = READ.data if way is Way.REQUEST else ANSWER.data
    assert (request if way is Way.REQUEST else answer) == [Send(way, data[:3]), Cut(reset=True)]


def test_half_open_stalls_the_connection():
    """Nothing goes out, nothing is closed."""
    assert met(Fault(Kind.HALF_OPEN, Way.REQUEST))[0] == [Stall()]


def test_a_black_hole_swallows_other_connections_until_it_ends():
    """A new connection's request vanishes before, and passes after."""
    plan = Plan(Fault(Kind.BLACK_HOLE, Way.REQUEST, for_s=1.0))
    ConnectionPlan(plan).request(READ, 10.0)
    assert ConnectionPlan(plan).request(READ, 10.9) == []
    assert ConnectionPlan(plan).request(READ, 11.1) == [Send(Way.REQUEST, READ.data)]


SPOILT = [
    (Fault(Kind.TRANSACTION), "0009 0000 0005 01 04020001"),
    (Fault(Kind.UNIT), "0008 0000 0005 02 04020001"),
    (Fault(Kind.LENGTH, byte=3), "0008 0000 0003 01 04020001"),
    (Fault(Kind.EXCEPTION, code=6), "0008 0000 0003 01 8406"),
]


@pytest.mark.parametrize(("fault", "data"), SPOILT, ids=[fault.kind.value for fault, _ in SPOILT])
def test_a_spoilt_answer_differs_in_one_field(fault, data):
    """Everything else is as the PLC said."""
    assert met(fault)[1] == [Send(Way.ANSWER, bytes.fromhex(data))]


def test_garbage_has_the_length_and_no_byte_of_the_frame():
    """Nothing of it can be taken for the answer."""
    (action,) = met(Fault(Kind.GARBAGE))[1]
    assert len(action.data) == len(ANSWER.data)
    assert all(one != other for one, other in zip(action.data, ANSWER.data, strict=True))


def test_an_exception_on_the_way_there_never_reaches_the_plc():
    """The proxy answers in its place, at once."""
    request, _ = met(Fault(Kind.EXCEPTION, Way.REQUEST, code=4))
    assert request == [Send(Way.ANSWER, bytes.fromhex("0008 0000 0003 01 8404"))]


def test_a_duplicate_goes_out_twice():
    """The same bytes, one behind the other."""
    assert met(Fault(Kind.DUPLICATE))[1] == [Send(Way.ANSWER, ANSWER.data)] * 2


def test_a_late_answer_comes_in_front_of_the_next_one_on_another_connection():
    """As behind a gateway that mixes up its clients."""
    plan = Plan(Fault(Kind.LATE))
    first, second = ConnectionPlan(plan), ConnectionPlan(plan)
    first.request(READ, 0.0)
    assert first.answer(ANSWER, 0.0) == []
    other = Frame(1, 1, ANSWER.pdu)
    second.request(Frame(1, 1, READ.pdu), 1.0)
    assert second.answer(other, 1.0) == [Send(Way.ANSWER, ANSWER.data), Send(Way.ANSWER, other.data)]


@pytest.mark.parametrize(("kind", "transaction"), [(Kind.REPLAY, 8), (Kind.STALE, 9)])
def test_an_older_answer_to_the_same_question_comes_instead(kind, transaction):
    """A replay keeps its transaction; a stale one has that which is waited for."""
    plan = ConnectionPlan(Plan(Fault(kind, nth=2)))
    plan.request(READ, 0.0)
    plan.answer(ANSWER, 0.0)
    plan.request(READ._replace(transaction=9), 0.0)
    assert plan.answer(Frame(9, 1, bytes.fromhex("04020002")), 0.0) == [
        Send(Way.ANSWER, Frame(transaction, 1, ANSWER.pdu).data)
    ]


def test_cleared_faults_strike_no_more():
    """What was held back is gone as well."""
    plan = Plan(Fault(Kind.LATE, times=0))
    connection = ConnectionPlan(plan)
    connection.request(READ, 0.0)
    connection.answer(ANSWER, 0.0)
    plan.clear()
    connection.request(READ, 0.0)
    assert connection.answer(ANSWER, 0.0) == [Send(Way.ANSWER, ANSWER.data)]
