"""Framing of the camera's stream: bytes in, values out.

All numbers are little-endian. After a client connects the camera sends one greeting, then frames:

    greeting  `CSG1` · rows u32 · columns u32 · row pitch, µm u32 · column pitch, µm u32
    frame     `CSF1` · rows u32 · columns u32 · payload bytes u32 · frame id u64 · first line ns u64 ·
              last line ns u64 · encoder at the last line, µm u64, then the pixels, uint8, row by row

The first whole block that begins after the connection is frame 0. A client ends the acquisition with

    stop      `S` · id of the last frame it has received i64 (-1 for none)

or by closing the connection.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from cellctl.errors import PlantError

_GREETING = struct.Struct("<4s4I")
_FRAME = struct.Struct("<4s3I4Q")
_STOP = struct.Struct("<cq")
_GREETING_MAGIC = b"CSG1"
_FRAME_MAGIC = b"CSF1"
_STOP_MAGIC = b"S"

GREETING_BYTES = _GREETING.size
FRAME_BYTES = _FRAME.size
STOP_BYTES = _STOP.size


class Greeting(NamedTuple):
    """Shape and pitch of the frames."""

    rows: int
    columns: int
    row_um: int
    column_um: int

    def pack(self) -> bytes:
        """As bytes."""
        return _GREETING.pack(_GREETING_MAGIC, *self)


class FrameHeader(NamedTuple):
    """What stands before a frame's pixels."""

    rows: int
    columns: int
    payload: int
    frame_id: int
    first_line_ns: int
    last_line_ns: int
    encoder_um: int

    def pack_into(self, buffer: bytearray) -> None:
        """As bytes, to the start of `buffer`."""
        _FRAME.pack_into(buffer, 0, _FRAME_MAGIC, *self)


def parse_greeting(data: bytes | bytearray) -> Greeting:
    """Read a greeting; PlantError CELL-2204 when it is none."""
    magic, *fields = _GREETING.unpack(data)
    _expect(magic, _GREETING_MAGIC)
    return Greeting(*fields)


def parse_frame(data: bytes | bytearray) -> FrameHeader:
    """Read a frame header; PlantError CELL-2204 when it is none or its sizes disagree."""
    magic, *fields = _FRAME.unpack(data)
    _expect(magic, _FRAME_MAGIC)
    header = FrameHeader(*fields)
    if header.payload != header.rows * header.columns:
        raise PlantError(
            "CELL-2204",
            "expected {rows} × {columns} bytes of pixels, got a payload of {payload}",
            do="check that camera and driver are of the same version",
            rows=header.rows,
            columns=header.columns,
            payload=header.payload,
        )
    return header


def pack_stop(last_received: int) -> bytes:
    """The stop request of a client that has received frames up to `last_received` (-1: none)."""
    return _STOP.pack(_STOP_MAGIC, last_received)


def parse_stop(data: bytes | bytearray) -> int | None:
    """Id of the last frame the client has, or None when these bytes are no stop request."""
    if len(data) < STOP_BYTES or data[:1] != _STOP_MAGIC:
        return None
    last: int = _STOP.unpack(data[:STOP_BYTES])[1]
    return last


def _expect(magic: bytes, expected: bytes) -> None:
    if magic != expected:
        raise PlantError(
            "CELL-2204",
            "expected {expected!r} from the camera, got {magic!r}",
            do="check that the port is the simulated camera's",
            expected=expected,
            magic=magic,
        )
