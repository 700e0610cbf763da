"""What a setting takes, in plain words, from its annotation."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from cellctl.config.sections.limits import Count, Drift
from cellctl.config.sections.names import Name, Tag
from cellctl.units import Quantity, UnitMark

PLAIN = {str: "text", int: "a whole number", float: "a number", bool: "true or false", type(None): "nothing",
         Path: "a path", date: "a date such as `2026-11-02`", Any: "any value",
         Quantity: "a quantity such as `20 kPa`", Drift: "a drift such as `15 %`, `15 % per 8 h` or `15 % per lot`",
         Count: "so many within a time"}  # fmt: skip
SIGNS = {"Gt": ">", "Ge": "≥", "Lt": "<", "Le": "≤"}
PATTERNS = {get_args(Name)[1].metadata[0].pattern: "a name",
            get_args(Tag)[1].metadata[0].pattern: "a tag such as `plc.web_speed`"}  # fmt: skip
"""Texts of which not every one will do."""


def takes(info: FieldInfo) -> str:
    """What may be written for one key, with its limits."""
    text = _known(info.metadata) or type_text(info.annotation)
    limits = ", ".join(filter(None, map(_limit, info.metadata)))
    return f"{text} ({limits})" if limits else text


def default(info: FieldInfo) -> str:
    """What counts when the key is left out, as a cell would write it."""
    if info.default is PydanticUndefined:
        return "required" if info.default_factory is None else ""
    value = info.default
    if value is None or isinstance(value, BaseModel) or value in ({}, (), "", Quantity(0.0, "")):
        return ""
    unit = next((mark for mark in info.metadata if isinstance(mark, UnitMark)), None)
    if unit:
        return f"`{unit.shown(value)}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`[{', '.join(map(str, value))}]`" if isinstance(value, tuple | list) else f"`{value}`"


def type_text(annotation: Any) -> str:
    """A type in plain words."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "a section"
    if annotation in PLAIN:
        return PLAIN[annotation]
    known = _known(getattr(annotation, "__metadata__", ()))
    if known:
        return known
    if getattr(annotation, "__metadata__", None):
        return type_text(annotation.__origin__)
    return _compound(annotation) or getattr(annotation, "__name__", str(annotation))


def _compound(annotation: Any) -> str:
    """A mapping, a list, a choice; empty for anything else."""
    origin = get_origin(annotation)
    arguments = [argument for argument in get_args(annotation) if argument is not Ellipsis]
    if getattr(origin, "__name__", "") == "Literal":
        return " or ".join(f"`{argument}`" for argument in arguments)
    if origin is dict:
        key = type_text(arguments[0]).removeprefix("a ").replace("text", "name")
        return f"for each {key} {'settings' if get_origin(arguments[1]) is dict else type_text(arguments[1])}"
    if origin in {list, tuple}:
        return f"a list, each {' and '.join(dict.fromkeys(map(type_text, arguments)))}"
    return " or ".join(dict.fromkeys(type_text(it) for it in arguments if it is not type(None)))


def _known(metadata: Any) -> str:
    """Of a quantity, a name or a tag: what it is and an example; also where the mark is a field of its own."""
    for mark in metadata:
        if isinstance(mark, UnitMark):
            return f"{mark.kind} such as `{mark.example}`"
        if found := PATTERNS.get(getattr(mark, "pattern", None)):
            return found
        if inner := getattr(mark, "metadata", None):
            return _known(inner)
    return ""


def _limit(mark: Any) -> str:
    sign = SIGNS.get(type(mark).__name__)
    return f"{sign} {getattr(mark, type(mark).__name__.lower()):g}" if sign else ""
