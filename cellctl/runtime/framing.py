"""From what a camera grabbed to the message that the cell sees."""

from __future__ import annotations

from cellctl.model import Frame, SlotRef, Stamp, WebSpan
from cellctl.sdk.camera import Geometry, Grab


def frame_of(
    camera: str, grab: Grab, geometry: Geometry, *, station_mm: float, slot: SlotRef, received_ns: int
) -> Frame:
    """The frame message of one grabbed block.

    Args:
        camera: device name.
        grab: what the driver says of the block.
        geometry: of the camera's blocks.
        station_mm: where the camera stands, mm behind the blade.
        slot: where the pixels are.
        received_ns: when the driver had the last byte.
    """
    last_mm = grab.encoder_mm - station_mm
    return Frame(
        stamp=Stamp(grab.last_line_ns),
        trace=grab.frame_id,
        camera=camera,
        frame_id=grab.frame_id,
        slot=slot,
        rows=geometry.rows,
        columns=geometry.columns,
        first_line_ns=grab.first_line_ns,
        span=WebSpan(last_mm - geometry.rows * geometry.row_mm, last_mm),
        row_mm=geometry.row_mm,
        column_mm=geometry.column_mm,
        received_ns=received_ns,
    )
