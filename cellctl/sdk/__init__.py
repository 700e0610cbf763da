"""What plugin and driver developers import: base classes, ports, decorators, device protocols."""

from cellctl.sdk.camera import Camera, Geometry, Grab
from cellctl.sdk.plugin import Context, Keeping, Pixels, Plugin, PluginSettings, Samples
from cellctl.sdk.ports import Input, Output, Sender, every, on
from cellctl.sdk.source import EndOfData
from cellctl.sdk.waveform import Channel, WaveformDriver, WaveGrab
from cellctl.sdk.world import Block, Seen, World

__all__ = [
    "Block",
    "Camera",
    "Channel",
    "Context",
    "EndOfData",
    "Geometry",
    "Grab",
    "Input",
    "Keeping",
    "Output",
    "Pixels",
    "Plugin",
    "PluginSettings",
    "Samples",
    "Seen",
    "Sender",
    "WaveGrab",
    "WaveformDriver",
    "World",
    "every",
    "on",
]
