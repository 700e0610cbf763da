"""RTU frames of the PLC's serial port."""

from __future__ import annotations

import pytest

from cellsim.plc.rtu import RequestFramer, crc, wrapped

READ = wrapped(1, bytes.fromhex("0400010001"))
WRITE = wrapped(1, bytes.fromhex("100001000306000107d407d0"))


def test_the_checksum_is_that_of_the_guide():
    """Serial line guide 1.02, appendix B: 02 07 gives 1241, sent low byte first."""
    assert crc(bytes.fromhex("0207")) == bytes.fromhex("4112")


@pytest.mark.parametrize("place", range(1, len(WRITE + READ)))
def test_requests_come_out_wherever_the_stream_was_torn(place):
    """A write with its counted values and a read, one behind the other."""
    framer, stream = RequestFramer(), WRITE + READ
    found = framer.feed(stream[:place]) + framer.feed(stream[place:])
    assert found == [(1, WRITE[1:-2]), (1, READ[1:-2])]


def test_a_wrong_checksum_is_no_request():
    """Nothing comes out, and the next request is understood again."""
    framer = RequestFramer()
    assert framer.feed(READ[:-1] + b"\x00") == []
    assert framer.feed(READ) == [(1, READ[1:-2])]


def test_after_a_silence_a_piece_is_forgotten():
    """The control: without the silence the piece spoils the next request."""
    framer = RequestFramer()
    framer.feed(READ[:3])
    assert framer.feed(READ) == []
    framer.reset()
    framer.feed(READ[:3])
    framer.reset()
    assert framer.feed(READ) == [(1, READ[1:-2])]


def test_an_unknown_function_has_no_known_length():
    """It is dropped, and nothing waits for more of it."""
    framer = RequestFramer()
    assert framer.feed(wrapped(1, b"\x63\x00\x00")) == []
    assert framer.feed(READ) == [(1, READ[1:-2])]
