"""The shape of a camera's frames and its raw stream, where they are known before the camera is opened."""

from __future__ import annotations

from typing import Any

from cellctl.config.resolved import Device, ResolvedCell
from cellctl.quality.retention import Camera
from cellctl.runtime.topology import Role, role_of
from cellctl.sdk.camera import Geometry
from cellctl.sdk.registry import find_driver
from cellctl.units import convert


def known_geometry(device: Device) -> Geometry | None:
    """From the driver, when it has `geometry(settings)`, or from settings `size` and `pixel`; else None."""
    if role_of(device.driver) is not Role.CAMERA:
        return None
    kind: Any = find_driver(device.driver)
    if hasattr(kind, "geometry"):
        found: Geometry | None = kind.geometry(kind.Settings.model_validate(device.settings))
        return found
    size, pixel = device.settings.get("size"), device.settings.get("pixel")
    if size is None or pixel is None:
        return None
    pitch_mm = convert(pixel, "mm")
    return Geometry(int(size[0]), int(size[1]), pitch_mm, pitch_mm)


def stated_rate_hz(settings: dict[str, Any]) -> float:
    """Samples or frames per second, when the driver's settings state them as `rate`; else 0."""
    rate = settings.get("rate")
    return convert(rate, "Hz") if rate is not None else 0.0


def raw_streams(cell: ResolvedCell) -> dict[str, Camera]:
    """Every camera of a cell with its raw stream; what is not known of it is 0."""
    return {it.name: _stream(cell, it) for it in cell.devices if role_of(it.driver) is Role.CAMERA}


def _stream(cell: ResolvedCell, device: Device) -> Camera:
    geometry, speed = known_geometry(device), cell.recipe.web_speed_m_s
    contracted = cell.contract.frame_rate_hz.get(device.name, 0.0) if cell.contract is not None else 0.0
    rate = contracted or stated_rate_hz(device.settings)
    if geometry is None:
        return Camera(0.0, rate)
    if not rate:  # a line-scan camera sees the whole web
        rate = speed * 1000 / (geometry.rows * geometry.row_mm)
    return Camera(float(geometry.rows * geometry.columns), rate)
