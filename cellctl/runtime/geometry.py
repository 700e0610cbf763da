"""The shape of a camera's frames, where it is known before the camera is opened."""

from __future__ import annotations

from typing import Any

from cellctl.config.resolved import Device
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
