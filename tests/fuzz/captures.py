"""Modbus out of captured traffic: which bytes a client and its server said to each other, in order.

Reads classic pcap files of Ethernet, as far as IPv4 and TCP to or from port 502 go.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PORT = 502
_FILE, _RECORD = struct.Struct("<IHHiIII"), struct.Struct("<IIII")
_MAGIC, _ETHERNET, _IPV4, _TCP, _SYN = 0xA1B2C3D4, 1, 0x0800, 6, 0x02
_VLAN = 0x8100
FILES = (
    "icsnpp_modbus/testing/traces/modbus_example.pcap",
    "iti_pcaps/pcaps/ModbusTCP/Modbus/modbus_test.pcap",
    "iti_pcaps/pcaps/ModbusTCP/ModbusTCP.pcap",
    "iti_pcaps/pcaps/bro/modbus/modbusSmall.pcap",
)
"""Captures below the data folder."""


Flow = tuple[bytes, int, bytes, int]
"""Source and destination, each with its port."""


class Segment(NamedTuple):
    """One TCP segment."""

    flow: Flow
    sequence: int
    begins: bool
    data: bytes


class Stream(NamedTuple):
    """What one side said, without a gap in it."""

    flow: Flow
    data: bytes

    @property
    def is_request(self) -> bool:
        """Whether it went to the server."""
        return self.flow[3] == PORT

    @property
    def requests(self) -> Flow:
        """The direction in which this connection's requests go."""
        source, source_port, target, target_port = self.flow
        return self.flow if self.is_request else (target, target_port, source, source_port)


def read_streams(path: Path) -> list[Stream]:
    """Every direction of every connection, put in order; where the capture has a gap a new stream begins."""
    flows: dict[Flow, list[Segment]] = defaultdict(list)
    for segment in _segments(path.read_bytes()):
        flows[segment.flow].append(segment)
    return [Stream(flow, data) for flow, segments in flows.items() for data in _ordered(segments)]


def _segments(raw: bytes) -> Iterator[Segment]:
    magic, *_, link = _FILE.unpack_from(raw)
    if (magic, link) != (_MAGIC, _ETHERNET):
        raise ValueError(f"no capture of Ethernet: magic {magic:#x}, link {link}")
    at = _FILE.size
    while at + _RECORD.size <= len(raw):
        _, _, captured, _ = _RECORD.unpack_from(raw, at)
        at += _RECORD.size
        segment = _segment(raw[at : at + captured])
        if segment is not None:
            yield segment
        at += captured


def _segment(packet: bytes) -> Segment | None:
    """The TCP segment in an Ethernet frame, if it belongs to Modbus; padding behind the packet is left out."""
    at = 12
    while packet[at : at + 2] == _VLAN.to_bytes(2, "big"):
        at += 4
    ip = packet[at + 2 :]
    if packet[at : at + 2] != _IPV4.to_bytes(2, "big") or len(ip) < 40 or ip[9] != _TCP:
        return None
    tcp = ip[4 * (ip[0] & 15) : int.from_bytes(ip[2:4], "big")]
    source, target, sequence, _, flags = struct.unpack_from(">HHIIH", tcp)
    if PORT not in {source, target}:
        return None
    begins = bool(flags & _SYN)
    return Segment((ip[12:16], source, ip[16:20], target), sequence + begins, begins, tcp[4 * (flags >> 12) :])


def _ordered(segments: list[Segment]) -> Iterator[bytes]:
    """Content in the order of its sequence numbers; what was sent again is taken once."""
    data, due = b"", None
    for segment in segments:
        if segment.begins or due is None:
            if data:
                yield data
            data, due = b"", segment.sequence
        if not segment.data:
            continue
        ahead = (segment.sequence - due + 2**31) % 2**32 - 2**31
        if ahead > 0:  # something is missing: what follows is a stream of its own
            if data:
                yield data
            data, due, ahead = b"", segment.sequence, 0
        data += segment.data[-ahead:] if ahead else segment.data
        due = max(due, segment.sequence + len(segment.data))
    if data:
        yield data
