"""A camera frame: its pixels lie in the frame pool, the message says where and when they were taken."""

from __future__ import annotations

import msgspec

from cellctl.model.message import Message
from cellctl.model.web import WebSpan


class SlotRef(msgspec.Struct, frozen=True):
    """Names one slot of a frame pool; stale or torn content shows as another generation or CRC-32C."""

    pool: str
    index: int
    generation: int
    crc: int


class Frame(Message, frozen=True, kw_only=True):
    """One block of a camera; `stamp` is the exposure of its last line.

    Attributes:
        camera: device name.
        frame_id: counts up by one per frame of the camera; a gap is a lost frame.
        slot: where the pixels are (uint8, row-major, `rows` × `columns`).
        rows: lines along the web.
        columns: pixels across the web.
        first_line_ns: exposure of the first line, ns.
        span: material seen by the first and the last line.
        row_mm: pitch of the lines along the web, mm.
        column_mm: pitch of the pixels across the web, mm.
        received_ns: when the driver had the last byte, ns.
    """

    camera: str
    frame_id: int
    slot: SlotRef
    rows: int
    columns: int
    first_line_ns: int
    span: WebSpan
    row_mm: float
    column_mm: float
    received_ns: int
