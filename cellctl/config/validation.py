"""From a parsed document to a typed model, with the place of every mistake."""

from __future__ import annotations

import difflib
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from cellctl.config.yaml_source import Document, Loc
from cellctl.errors import ConfigError, ConfigErrors

ModelType = TypeVar("ModelType", bound=BaseModel)

KIND_NAMES = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a mapping (key: value)",
    "model_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
    "list_type": "a list",
    "tuple_type": "a list",
}


class Section(BaseModel):
    """Base of every part of a configuration: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def validate(document: Document, model: type[ModelType], at: Loc = (), drop: tuple[str, ...] = ()) -> ModelType:
    """Check `document` (or its part at `at`, without the keys `drop`) against `model`.

    Raises ConfigErrors, which lists every mistake with its place.
    """
    data: Any = document.data
    for key in at:
        data = data[key]
    if isinstance(data, dict):
        data = {key: value for key, value in data.items() if key not in drop}
    try:
        return model.model_validate({} if data is None else data)
    except ValidationError as error:
        items = [dict(item) for item in error.errors()]
        raise ConfigErrors([_explain(document, model, at, item) for item in _causes(document, at, items)]) from error


def _causes(document: Document, at: Loc, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the other branch of a choice: who wrote `verify: {risk: x}` did not mean `verify: off`."""
    places = [_known_part(document, at, tuple(item["loc"])) for item in items]
    return [
        item
        for item, place in zip(items, places, strict=True)
        if item["type"] != "literal_error"
        or not any(other != place and other[: len(place)] == place for other in places)
    ]


def _explain(document: Document, model: type[BaseModel], at: Loc, item: dict[str, Any]) -> ConfigError:
    loc = (*at, *_known_part(document, at, tuple(item["loc"])))
    path = dotted(loc)
    kind = item["type"]
    if kind == "extra_forbidden":
        return ConfigError(
            "CELL-1010", "{path}: unknown key", where=document.where_key(loc), do=_nearest(model, at, loc), path=path
        )
    if kind == "missing":
        missing = str(item["loc"][-1])
        return ConfigError("CELL-1011", "{path}: required key is missing", where=document.where_key(loc),
                           do="add `{missing}:` here", path=dotted((*loc, missing)), missing=missing)  # fmt: skip
    return ConfigError("CELL-1012", "{path}: {sentence}", where=document.where(loc), do=_limits(item), path=path,
                       sentence=_expectation(item))  # fmt: skip


def _expectation(item: dict[str, Any]) -> str:
    got = item.get("input")
    shown = f"{got!r:.60}"
    if item["type"] in KIND_NAMES:
        return f"expected {KIND_NAMES[item['type']]}, got {shown}"
    if item["type"] == "literal_error":
        return f"expected {item['ctx']['expected']}, got {shown}"
    message = str(item["msg"]).removeprefix("Value error, ")
    return message if "got " in message else f"{message[:1].lower()}{message[1:]}, got {shown}"


def _limits(item: dict[str, Any]) -> str:
    return "correct the value" if item["type"] != "literal_error" else "use one of the listed words"


def _known_part(document: Document, at: Loc, loc: Loc) -> Loc:
    """Drop what pydantic adds to a location (union members, tags) and the file does not have."""
    known: Loc = ()
    for part in loc:
        if (*at, *known, part) in document.values:
            known = (*known, part)
    return known


def _nearest(model: type[BaseModel], at: Loc, loc: Loc) -> str:
    names = _field_names(model, loc[len(at) : -1])
    close = difflib.get_close_matches(str(loc[-1]), names, n=1)
    if close:
        return f"did you mean `{close[0]}`?"
    return f"use one of: {', '.join(names)}" if names else "remove it"


def _field_names(model: type[BaseModel], loc: Loc) -> list[str]:
    """Keys that are known at a place, by walking the model's annotations."""
    current: Any = model
    for part in loc:
        fields = getattr(current, "model_fields", None)
        current = fields[part].annotation if fields and part in fields else _member(current)
        current = _model_in(current)
        if current is None:
            return []
    return [info.alias or name for name, info in getattr(current, "model_fields", {}).items()]


def _member(annotation: Any) -> Any:
    arguments = getattr(annotation, "__args__", ())
    return arguments[-1] if arguments else None


def _model_in(annotation: Any) -> Any:
    """The annotation itself when it is a model or a container, the model inside `X | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        if isinstance(argument, type) and issubclass(argument, BaseModel):
            return annotation if getattr(annotation, "__origin__", None) in {dict, list, tuple} else argument
    return None


def dotted(loc: Loc) -> str:
    """`loops.edge_spur.deadline`, `episodes[2].rate`."""
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else str(part))
    return text or "(the file)"
