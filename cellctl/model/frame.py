"""A camera frame: its pixels lie in the frame pool, the message says where and when they were taken."""

from __future__ import annotations

from cellctl.model.pooled import Pooled, SlotRef
from cellctl.model.web import WebSpan

__all__ = ["Frame", "SlotRef"]


class Frame(Pooled, frozen=True, kw_only=True):
    """One block of a camera; `stamp` is the exposure of its last line.

    The slot holds its pixels: uint8, row-major, `rows` × `columns`; all zero in a frame with a `fault`.

    Attributes:
        camera: device name.
        frame_id: counts up by one per frame of the camera; a gap is a lost frame.
        rows: lines along the web.
        columns: pixels across the web.
        first_line_ns: exposure of the first line, ns.
        span: material seen by the first and the last line.
        row_mm: pitch of the lines along the web, mm.
        column_mm: pitch of the pixels across the web, mm.
    """

    camera: str
    frame_id: int
    rows: int
    columns: int
    first_line_ns: int
    span: WebSpan
    row_mm: float
    column_mm: float
