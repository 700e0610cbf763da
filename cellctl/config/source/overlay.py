"""Lays the `simulate:` section over `devices:`, keeping the place of every key."""

from __future__ import annotations

from typing import Any

from cellctl.config.source.document import Document, Loc
from cellctl.config.source.nearest import nearest
from cellctl.errors import ConfigError, Where

WORLD = "world"
"""`simulate: {world: …}` stands in for all devices at once in virtual time; no device may have this name there."""


def with_values(document: Document, changes: dict[Loc, Any]) -> Document:
    """The same document with single values set anew, for options of the command line; sections are made if missing."""
    data, values, keys = document.data, dict(document.values), dict(document.keys)
    for loc, value in changes.items():
        data = _set(data, loc, value)
        values.setdefault(loc, document.where(loc))  # a mistake in it is named, at the nearest place in the file
        keys.setdefault(loc, document.where(loc))
    return Document(document.file, data, values, keys, document.lost)


def _set(data: Any, loc: Loc, value: Any) -> Any:
    if not loc:
        return value
    inside = data if isinstance(data, dict) else {}
    return {**inside, loc[0]: _set(inside.get(str(loc[0])), loc[1:], value)}


def with_stand_ins(
    document: Document, endpoints: dict[str, dict[str, Any]] | None = None
) -> tuple[Document, list[ConfigError]]:
    """The same document with each device replaced by what stands in for it, and CELL-1020 for stand-ins of no device.

    A stand-in that names a `driver` replaces the device; one that does not changes only the keys it has.
    `endpoints` (device → keys) comes from a host that has just started the simulator on free ports.
    """
    data = document.data if isinstance(document.data, dict) else {}
    stand_ins, listed = data.get("simulate"), data.get("devices")
    if not isinstance(stand_ins, dict) or not isinstance(listed, dict):
        return document, []
    devices, errors, lost = dict(listed), [], set(document.lost)
    values, keys = dict(document.values), dict(document.keys)
    for name, stand_in in stand_ins.items():
        if name == WORLD or document.is_lost(("simulate", name)):
            continue
        if name not in devices:
            errors.append(
                ConfigError("CELL-1020", "simulate.{name}: expected a device listed under devices, got {name!r}",
                            where=document.where_key(("simulate", name)), do="correct the name, or list the device",
                            nearest=nearest(name, devices), name=name)
            )  # fmt: skip
            continue
        if not isinstance(stand_in, dict):
            continue
        chosen = {**stand_in, **(endpoints or {}).get(name, {})}
        replaces = "driver" in stand_in or not isinstance(devices[name], dict)
        devices[name] = chosen if replaces else {**devices[name], **chosen}
        _move_places(values, ("simulate", name), ("devices", name))
        _move_places(keys, ("simulate", name), ("devices", name))
        lost |= {("devices", *loc[1:]) for loc in document.lost if loc[:2] == ("simulate", name)}
    return Document(document.file, {**data, "devices": devices}, values, keys, frozenset(lost)), errors


def _move_places(places: dict[Loc, Where], source: Loc, target: Loc) -> None:
    for loc, where in list(places.items()):
        if loc[: len(source)] == source and loc != source:
            places[(*target, *loc[len(source) :])] = where
