"""What plugin and driver developers import: base classes, ports, decorators, device protocols."""

from cellctl.sdk.camera import Camera, Geometry, Grab
from cellctl.sdk.plugin import Context, Pixels, Plugin, PluginSettings
from cellctl.sdk.ports import Input, Output, Sender, every, on

__all__ = [
    "Camera",
    "Context",
    "Geometry",
    "Grab",
    "Input",
    "Output",
    "Pixels",
    "Plugin",
    "PluginSettings",
    "Sender",
    "every",
    "on",
]
