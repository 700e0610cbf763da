"""What a cell is made of: web, devices, plugins, and what stands in for the devices."""

from __future__ import annotations

from typing import Any

import msgspec


class Web(msgspec.Struct, frozen=True):
    """Where things are along the web, and the tags that say how it moves.

    Attributes:
        encoder: tag of the encoder position.
        speed: tag of the web speed.
        splice: tag that is non-zero while a splice passes, or empty.
        stations: name → metres from the blade.
    """

    encoder: str
    speed: str
    splice: str
    stations: dict[str, float]


class Device(msgspec.Struct, frozen=True):
    """One device: its driver and the driver's own settings, already validated by the driver."""

    name: str
    driver: str
    settings: dict[str, Any]


class WorldEntry(msgspec.Struct, frozen=True):
    """What stood in for the devices of a run in virtual time.

    Attributes:
        use: entry point name of the world.
        settings: its own settings, already validated.
        durations_s: plugin → how long each of its handlers takes.
    """

    use: str
    settings: dict[str, Any]
    durations_s: dict[str, float] = {}


class PluginEntry(msgspec.Struct, frozen=True):
    """One plugin: its entry point name, the device or plugins it listens to, and its own settings."""

    name: str
    use: str
    sources: tuple[str, ...]
    settings: dict[str, Any]
