"""What plugin and driver developers import: base classes, ports, decorators, device protocols."""

from cellctl.sdk.camera import Camera, Geometry, Grab
from cellctl.sdk.plugin import Context, Keeping, Pixels, Plugin, PluginSettings
from cellctl.sdk.ports import Input, Output, Sender, every, on
from cellctl.sdk.world import Block, Seen, World

__all__ = [
    "Block",
    "Camera",
    "Context",
    "Geometry",
    "Grab",
    "Input",
    "Keeping",
    "Output",
    "Pixels",
    "Plugin",
    "PluginSettings",
    "Seen",
    "Sender",
    "World",
    "every",
    "on",
]
