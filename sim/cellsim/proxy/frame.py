"""Modbus TCP frames: from a stream of bytes and back (messaging implementation guide 1.0b, 3.1.3)."""

from __future__ import annotations

import struct
from typing import NamedTuple

HEADER_BYTES = 7
"""Transaction, protocol, length (of what follows it) and unit."""
_LARGEST = 254
"""Length field of the largest frame: unit and a protocol data unit of 253 bytes."""


class Frame(NamedTuple):
    """One request or answer."""

    transaction: int
    unit: int
    pdu: bytes

    @property
    def function(self) -> int:
        """Function code; with its highest bit set in an exception answer."""
        return self.pdu[0]

    @property
    def register(self) -> int:
        """First register of a request, -1 when it names none."""
        return int.from_bytes(self.pdu[1:3], "big") if len(self.pdu) >= 3 else -1

    @property
    def data(self) -> bytes:
        """The frame as it goes over the wire."""
        return struct.pack(">HHHB", self.transaction, 0, len(self.pdu) + 1, self.unit) + self.pdu


class Framer:
    """Cuts a stream into frames. What is no Modbus comes out as it is, in `rest`, and ends the cutting."""

    def __init__(self) -> None:
        self._buffer = b""
        self._lost = False

    def feed(self, data: bytes) -> tuple[list[Frame], bytes]:
        """The frames that are complete now, and bytes that belong to none."""
        self._buffer += data
        frames = []
        while not self._lost and (size := self._size()) and len(self._buffer) >= size:
            transaction, _, _, unit = struct.unpack_from(">HHHB", self._buffer)
            frames.append(Frame(transaction, unit, self._buffer[HEADER_BYTES:size]))
            self._buffer = self._buffer[size:]
        rest = b""
        if self._lost:
            rest, self._buffer = self._buffer, b""
        return frames, rest

    def _size(self) -> int:
        """Length of the frame at the head of the buffer; 0 while it is not known."""
        if len(self._buffer) < HEADER_BYTES - 1:
            return 0
        _, protocol, length = struct.unpack_from(">HHH", self._buffer)
        self._lost = protocol != 0 or not 2 <= length <= _LARGEST
        return 0 if self._lost else HEADER_BYTES - 1 + length
