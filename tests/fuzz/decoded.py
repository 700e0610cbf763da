"""Captured traffic through both decoders: that of the server for SCADA, and that of the cell's own client."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pymodbus.pdu import DecodePDU

from cellctl.devices.modbus.answers import TcpFraming
from cellctl.devices.modbus_server.requests import Broken, Fault, Function, Read, RequestReader
from tests.fuzz.captures import Flow, Stream, read_streams

CLIENT_CODES = frozenset({1, 2, 3, 4, 5, 6, 15, 16})
"""What the cell asks controllers; its checks know what the answers to these look like."""
_EXCEPTION = 0x80


@dataclass
class Decoded:
    """What became of the frames of one capture or of several.

    Attributes:
        reads: function code → requests that the server would answer.
        refused: function code → requests that it would answer with exception 1.
        answers: function code → answers that the client takes; exceptions under their own code, 128 and more.
        unasked: of those answers, how many have no request in the capture, which began too late for it.
        problems: what could not be decoded, in words.
    """

    reads: Counter[int] = field(default_factory=Counter)
    refused: Counter[int] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    unasked: int = 0
    problems: list[str] = field(default_factory=list)


def decode_capture(path: Path) -> Decoded:
    """Every frame of a capture through the decoder of its direction."""
    decoded, streams = Decoded(), read_streams(path)
    asked = {key: frame for stream in streams if stream.is_request for key, frame in _requests(stream, decoded)}
    for stream in streams:
        if not stream.is_request:
            _answers(stream, asked, decoded)
    return decoded


def _requests(stream: Stream, decoded: Decoded) -> Iterator[tuple[tuple[Flow, int, int], bytes]]:
    """Take the requests through the server's codec; each is handed on for its answer, with its place among its like."""
    reader = RequestReader(frozenset(Function))
    for event in reader.feed(stream.data):
        if isinstance(event, Read):
            decoded.reads[event.function] += 1
        elif isinstance(event, Broken):
            decoded.problems.append(event.reason)
        elif event.fault is Fault.ILLEGAL_FUNCTION:
            decoded.refused[event.function] += 1
        else:
            decoded.problems.append(f"function {event.function} refused with {event.fault!r}")
    if reader.kept:
        decoded.problems.append(f"{reader.kept} bytes are left over")
    yield from _numbered(stream)


def _answers(stream: Stream, asked: dict[tuple[Flow, int, int], bytes], decoded: Decoded) -> None:
    """Take the answers through the client's checks and its library."""
    framing, library = TcpFraming(), DecodePDU(False)
    for key, frame in _numbered(stream):
        request, code = asked.get(key), frame[7]
        decoded.answers[code] += 1
        decoded.unasked += request is None
        if request is not None and code & ~_EXCEPTION in CLIENT_CODES:
            problem = framing.problem(request, frame)
            decoded.problems += [f"{problem}: {frame.hex()}"] if problem is not None else []
        if library.decode(frame[7:]) is None:
            decoded.problems.append(f"the library cannot read {frame.hex()}")


def _numbered(stream: Stream) -> Iterator[tuple[tuple[Flow, int, int], bytes]]:
    """The frames of a stream, each with connection, transaction, and how often that transaction came before."""
    seen: Counter[int] = Counter()
    at = 0
    while at + 8 <= len(stream.data):
        end = at + 6 + int.from_bytes(stream.data[at + 4 : at + 6], "big")
        transaction = int.from_bytes(stream.data[at : at + 2], "big")
        yield (stream.requests, transaction, seen[transaction]), stream.data[at:end]
        seen[transaction] += 1
        at = max(end, at + 8)
