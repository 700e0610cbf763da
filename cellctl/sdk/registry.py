"""Finds plugins and drivers by entry point, so that a third party's package is enough."""

from __future__ import annotations

import functools
from importlib.metadata import EntryPoint, entry_points
from typing import Any, cast

from cellctl.config.source.nearest import nearest
from cellctl.errors import ConfigError, PluginError, Text, text
from cellctl.sdk.camera import Camera
from cellctl.sdk.plugin import Plugin
from cellctl.sdk.waveform import WaveformDriver
from cellctl.sdk.world import World

PLUGINS = "cellctl.plugins"
DRIVERS = "cellctl.drivers"
WORLDS = "cellctl.worlds"
FRAMES = "frames"
WAVEFORMS = "waveforms"


def find_plugin(name: str) -> type[Plugin]:
    """The plugin class of an entry point name. Raises ConfigError CELL-1020 or PluginError CELL-3005."""
    found = _load(PLUGINS, name, text("plugin"))
    if not (isinstance(found, type) and issubclass(found, Plugin)):
        raise PluginError(
            "CELL-3005", "plugin {name!r} is {found!r}", do="derive it from cellctl.sdk.Plugin", name=name, found=found
        )
    return found


def find_driver(name: str) -> type[Camera] | type[WaveformDriver]:
    """The driver class of an entry point name, of whatever it delivers: see `delivers`.

    Raises ConfigError CELL-1020 or PluginError CELL-3005.
    """
    found = _load(DRIVERS, name, text("driver"))
    if not isinstance(found, type) or not all(hasattr(found, part) for part in ("Settings", "open", "grab", "close")):
        raise PluginError(
            "CELL-3005",
            "driver {name!r} is {found!r}",
            do="follow the protocol cellctl.sdk.Camera or cellctl.sdk.WaveformDriver",
            name=name,
            found=found,
        )
    return found


def delivers(driver: type[Any]) -> str:
    """What a driver delivers: `frames` unless it says `waveforms`."""
    return str(getattr(driver, "delivers", FRAMES))


def find_camera(name: str) -> type[Camera]:
    """The camera driver class of an entry point name. Raises ConfigError CELL-1020 or PluginError CELL-3005."""
    return cast("type[Camera]", _delivering(FRAMES, name))


def find_waveform(name: str) -> type[WaveformDriver]:
    """The waveform driver class of an entry point name. Raises ConfigError CELL-1020 or PluginError CELL-3005."""
    return cast("type[WaveformDriver]", _delivering(WAVEFORMS, name))


def _delivering(what: str, name: str) -> type[Any]:
    found = find_driver(name)
    if delivers(found) != what:
        raise PluginError("CELL-3005", "driver {name!r} delivers {found}, not {wanted}", do="use another driver",
                          name=name, found=delivers(found), wanted=what)  # fmt: skip
    return found


def find_world(name: str) -> type[World]:
    """The world class of an entry point name. Raises ConfigError CELL-1020 or PluginError CELL-3005."""
    found = _load(WORLDS, name, text("world"))
    if not isinstance(found, type) or not all(hasattr(found, part) for part in ("Settings", "look", "read", "write")):
        raise PluginError(
            "CELL-3005",
            "world {name!r} is {found!r}",
            do="follow the protocol cellctl.sdk.World",
            name=name,
            found=found,
        )
    return found


@functools.cache
def _points(group: str) -> dict[str, list[EntryPoint]]:
    """Name → entry points; what is installed does not change while a process runs, and looking takes milliseconds."""
    found: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=group):
        same = found.setdefault(point.name, [])
        if point.value not in {it.value for it in same}:
            same.append(point)
    return found


def is_installed(group: str, name: str) -> bool:
    """Whether a package brings something of that name."""
    return name in _points(group)


def _load(group: str, name: str, kind: Text) -> Any:
    known = _points(group)
    if name not in known:
        close = nearest(name, known)
        remedy = "use one of: {known}" if known else "install a package that provides it (entry point {group})"
        remedy = "correct the name, or install the package that provides it" if close else remedy
        raise ConfigError("CELL-1020", "no {kind} named {name!r} is installed", do=remedy,
                          nearest=close, kind=kind, name=name,
                          known=", ".join(sorted(known)), group=group)  # fmt: skip
    point, *others = known[name]
    if others:
        raise PluginError("CELL-3005", "several packages bring a {kind} named {name!r}: {packages}",
                          do="uninstall all but one of them, or give yours another name", kind=kind, name=name,
                          packages=", ".join(sorted(it.dist.name if it.dist else it.value for it in known[name]))
                          )  # fmt: skip
    try:
        return point.load()
    except Exception as error:
        raise PluginError(
            "CELL-3005",
            "{kind} {name!r} cannot be loaded: {reason}",
            do="reinstall its package",
            kind=kind,
            name=name,
            reason=str(error),
        ) from error
