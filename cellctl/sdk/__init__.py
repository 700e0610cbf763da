"""What plugin and driver developers import: base classes, ports, decorators, device protocols."""

from cellctl.sdk.camera import Camera, Geometry, Grab
from cellctl.sdk.needs import Need
from cellctl.sdk.plugin import Context, Keeping, Pixels, Plugin, PluginSettings, Samples
from cellctl.sdk.ports import Input, Output, Sender, every, on
from cellctl.sdk.source import EndOfData
from cellctl.sdk.waveform import Channel, WaveformDriver, WaveGrab
from cellctl.sdk.world import Block, FiniteWorld, ListeningWorld, Seen, Window, World

__all__ = [
    "Block",
    "Camera",
    "Channel",
    "Context",
    "EndOfData",
    "FiniteWorld",
    "Geometry",
    "Grab",
    "Input",
    "Keeping",
    "ListeningWorld",
    "Need",
    "Output",
    "Pixels",
    "Plugin",
    "PluginSettings",
    "Samples",
    "Seen",
    "Sender",
    "WaveGrab",
    "WaveformDriver",
    "Window",
    "World",
    "every",
    "on",
]
