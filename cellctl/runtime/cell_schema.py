"""The JSON Schema of a cell file, for editors: sections from their models, settings from what is installed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from pydantic import BaseModel

from cellctl.config import WORLD, CellConfig
from cellctl.config.sections.cell import DeviceSection, PluginSection, WorldSection
from cellctl.devices.modbus.settings import MODBUS
from cellctl.sdk.installed import Installed, default_of, installed, unit_of
from cellctl.sdk.registry import DRIVERS, PLUGINS, WORLDS

Schema = dict[str, Any]
DIALECT = "http://json-schema.org/draft-07/schema#"
"""The one that editors know best; nothing here needs a newer one."""
SHIPPED = frozenset({"cellctl", "cellctl-sim"})
"""Packages of the schema that ships; whoever installs more writes a schema of their own."""


def cell_schema(packages: Iterable[str] | None = None) -> Schema:
    """The schema of a cell file.

    Args:
        packages: the distributions whose plugins, drivers and worlds are described; all that are installed without it.
    """
    schema = CellConfig.model_json_schema()
    types: Schema = schema["$defs"]
    kinds = _Kinds(types, None if packages is None else frozenset(packages))
    types["DeviceSection"] = kinds.section(DeviceSection, "driver", DRIVERS, dict(MODBUS))
    types["PluginSection"] = kinds.section(PluginSection, "use", PLUGINS, {})
    types["WorldSection"] = kinds.section(WorldSection, "use", WORLDS, {})
    schema["properties"]["simulate"]["properties"] = {WORLD: {"$ref": "#/$defs/WorldSection"}}
    _tidy(schema)
    return {"$schema": DIALECT, "title": "A cell of cellctl", **{key: schema[key] for key in schema if key != "title"}}


def schema_text(packages: Iterable[str] | None = None) -> str:
    """The schema as it is kept in a file."""
    return json.dumps(cell_schema(packages), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


class _Kinds:
    """Puts the settings of installed classes under `$defs`, one definition per name."""

    def __init__(self, types: Schema, packages: frozenset[str] | None) -> None:
        self._types = types
        self._packages = packages

    def section(self, base: type[BaseModel], key: str, group: str, own: dict[str, type[BaseModel]]) -> Schema:
        """A section whose `key` names what is installed: that one's settings are the section's other keys.

        A name that is not known here is left alone: its package may be installed on the cell's machine only.
        """
        section = self._with_types(base.model_json_schema(), "")
        known = dict(own) | {one.name: one.settings for one in self._found(group) if one.settings}
        for name, settings in known.items():
            self._types[f"{key} {name}"] = self._one(section, key, name, settings)
        named = section["properties"][key]
        section["properties"][key] = {**named, "anyOf": [{"enum": sorted(known)}, {"type": "string"}]}
        branches = [
            {"if": {"properties": {key: {"const": name}}, "required": [key]}, "then": {"$ref": f"#/$defs/{key} {name}"}}
            for name in sorted(known)
        ]
        return {**section, "allOf": branches}

    def _found(self, group: str) -> list[Installed]:
        return [one for one in installed(group) if self._packages is None or one.package in self._packages]

    def _one(self, section: Schema, key: str, name: str, settings: type[BaseModel]) -> Schema:
        """The section with one `key`, and with its settings in place of any others."""
        own = self._with_types(settings.model_json_schema(), f"{name} ")
        return {
            "type": "object",
            "description": own.get("description", ""),
            "properties": {**section["properties"], **own.get("properties", {}), key: {"const": name}},
            "required": sorted({*section.get("required", ()), *own.get("required", ())}),
            "additionalProperties": own.get("additionalProperties", False),
        }

    def _with_types(self, schema: Schema, prefix: str) -> Schema:
        """The schema alone; the types that it refers to go to the others, their names behind `prefix`."""
        for name, found in schema.pop("$defs", {}).items():
            self._types.setdefault(f"{prefix}{name}", _referring(found, prefix))
        moved: Schema = _referring(schema, prefix)
        return moved


def _referring(node: Any, prefix: str) -> Any:
    """The same with every reference to a type behind `prefix`."""
    if isinstance(node, dict):
        return {
            key: value.replace("#/$defs/", f"#/$defs/{prefix}") if key == "$ref" else _referring(value, prefix)
            for key, value in node.items()
        }
    return [_referring(item, prefix) for item in node] if isinstance(node, list) else node


def _tidy(node: Any) -> None:
    """Leave out what pydantic adds for programmers, write defaults as a cell does, and close what is closed."""
    if isinstance(node, list):
        for item in node:
            _tidy(item)
    if not isinstance(node, dict):
        return
    for change in _CHANGES:
        change(node)
    for key, value in node.items():
        if key in {"properties", "$defs", "patternProperties"}:
            for inner in value.values():
                _tidy(inner)
        else:
            _tidy(value)


def _no_title(node: Schema) -> None:
    node.pop("title", None)


def _default_as_written(node: Schema) -> None:
    """A default of several keys is left out: each key says its own."""
    if isinstance(node.get("default"), dict | list):
        del node["default"]
    elif "default" in node and unit_of(node) and node["default"] is not None:
        node["default"] = default_of(node)


def _named_keys_only(node: Schema) -> None:
    """What the model says of names holds for every key."""
    if "patternProperties" in node:
        node.setdefault("additionalProperties", False)
        node.pop("propertyNames", None)


def _one_or_several(node: Schema) -> None:
    """`from:` may be a single name."""
    source = node.get("properties", {}).get("from")
    if isinstance(source, dict) and source.get("type") == "array":
        several = {"type": "array", "items": source["items"]}
        words = source.get("description", "")
        node["properties"]["from"] = {"description": words, "anyOf": [{"type": "string"}, several]}


_CHANGES: tuple[Callable[[Schema], None], ...] = (_no_title, _default_as_written, _named_keys_only, _one_or_several)
