"""From what a driver grabbed to the message that the cell sees."""

from __future__ import annotations

from cellctl.model import Frame, SlotRef, Stamp, Waveform, WebSpan
from cellctl.sdk.camera import Geometry, Grab
from cellctl.sdk.waveform import Channel, WaveGrab


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
        origin=grab.origin,
        fault=grab.fault,
    )


def waveform_of(device: str, grab: WaveGrab, channel: Channel, *, slot: SlotRef, received_ns: int) -> Waveform:
    """The waveform message of one grabbed window.

    Args:
        device: device name.
        grab: what the driver says of the window.
        channel: of the driver's windows.
        slot: where the samples are.
        received_ns: when the driver had the last sample.
    """
    return Waveform(
        stamp=Stamp(grab.last_sample_ns),
        trace=grab.window_id,
        device=device,
        window_id=grab.window_id,
        slot=slot,
        samples=grab.samples,
        rate_hz=channel.rate_hz,
        unit=channel.unit,
        first_sample_ns=grab.first_sample_ns,
        start_s=grab.start_s,
        received_ns=received_ns,
        origin=grab.origin,
        fault=grab.fault,
    )
