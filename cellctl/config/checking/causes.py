"""What pydantic found, as mistakes that an engineer makes: one for each cause, in words, at its place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from pydantic import BaseModel

from cellctl.config.checking.expectation import expectation
from cellctl.config.source.document import Document, Loc
from cellctl.config.source.nearest import listed, nearest
from cellctl.config.source.paths import dotted
from cellctl.errors import ConfigError, Text, text
from cellctl.units import Unreadable


class Cause(NamedTuple):
    """One mistake.

    Attributes:
        loc: where, as far as the file has it; for a missing key its section.
        kind: pydantic's name for it.
        missing: the key that is missing, else empty.
        got: what was written.
        sentence: `expected …, got …`.
        nearest: what is probably meant, as far as that shows in the value.
        do: the remedy, when the check knows a better one than to correct the value.
    """

    loc: Loc
    kind: str
    missing: str
    got: Any
    sentence: Text
    nearest: str
    do: Text | None = None


def causes(document: Document, at: Loc, items: Iterable[Any]) -> list[Cause]:
    """The mistakes of one validation, without those of the branches of a choice that were not meant."""
    found = [_cause(document, at, dict(item)) for item in items]
    kept: list[Cause] = []
    for it in found:
        if isinstance(it.got, dict) and it.kind not in {"missing", "extra_forbidden"} and _elsewhere(it, found):
            continue  # who wrote `verify: {risk: x}` did not mean `verify: off`
        twin = next((other for other in kept if _same_value(other, it)), None)
        if twin is None:
            kept.append(it)
        else:
            kept[kept.index(twin)] = _either(twin, it)
    return kept


def explain(document: Document, model: type[BaseModel], at: Loc, cause: Cause) -> ConfigError:
    """A mistake in words, with place and remedy."""
    loc = (*at, *cause.loc)
    if cause.kind == "extra_forbidden":
        names = _field_names(model, cause.loc[:-1])
        close = nearest(cause.loc[-1], names)
        do = text("correct it, or remove it") if close else text("use one of: {known}", known=listed(names))
        return ConfigError("CELL-1010", "{path}: unknown key", where=document.where_key(loc), nearest=close,
                           do=do if names else "remove it", path=dotted(loc))  # fmt: skip
    if cause.kind == "missing":
        return ConfigError("CELL-1011", "{path}: required key is missing", where=document.where_key(loc),
                           do="add `{missing}:` here", path=dotted((*loc, cause.missing)),
                           missing=cause.missing)  # fmt: skip
    what = text("{path}: {problem}", path=dotted(loc), problem=cause.sentence)
    remedy: Text | str = "use one of the listed words" if cause.kind == "literal_error" else "correct the value"
    if cause.kind == "string_type" and isinstance(cause.got, int | float):
        remedy = "write it in quotes"
    # of a key that has the wrong form, pydantic names the key as the value
    where = document.where_key(loc) if cause.loc and cause.got == cause.loc[-1] else document.where(loc)
    return ConfigError("CELL-1012", what, where=where, nearest=cause.nearest, do=cause.do or remedy)


def _cause(document: Document, at: Loc, item: dict[str, Any]) -> Cause:
    kind, context = str(item["type"]), item.get("ctx") or {}
    written, missing = tuple(item["loc"]), ""
    if kind == "missing":
        written, missing = written[:-1], str(written[-1])
    close = str(getattr(context.get("error"), "nearest", ""))
    if kind == "literal_error" and isinstance(item.get("input"), str):
        close = nearest(item["input"], _words(context))
    loc = _known_part(document, at, written)
    error = context.get("error")
    remedy = error.do if isinstance(error, Unreadable) else None
    return Cause(loc, kind, missing, item.get("input"), expectation(item), close, remedy)


def _words(context: dict[str, Any]) -> list[str]:
    return [it.strip(" '") for it in str(context.get("expected", "")).replace(" or ", ",").split(",")]


def _known_part(document: Document, at: Loc, loc: Loc) -> Loc:
    """Drop what pydantic adds to a location (union members, tags) and the file does not have."""
    known: Loc = ()
    for part in loc:
        if (*at, *known, part) in document.values:
            known = (*known, part)
    return known


def _elsewhere(it: Cause, found: list[Cause]) -> bool:
    """Whether something inside the same value is wrong, which is the nearer cause."""
    size = len(it.loc)
    return any(
        other is not it
        and other.loc[:size] == it.loc
        and (len(other.loc) > size or other.kind in {"missing", "extra_forbidden"})
        for other in found
    )


def _same_value(one: Cause, other: Cause) -> bool:
    return one.loc == other.loc and "missing" not in {one.kind, other.kind} and one.kind != "extra_forbidden"


def _either(one: Cause, other: Cause) -> Cause:
    """Two branches of a choice refuse the same value: what either of them expects."""
    wanted = [it.sentence.values.get("wanted") for it in (one, other)]
    if None in wanted or wanted[0] == wanted[1]:  # a check of ours says more than the name of a kind
        return one if wanted[0] is None else other
    sentence = one.sentence._replace(
        values={**one.sentence.values, "wanted": text("{one} or {other}", one=wanted[0], other=wanted[1])}
    )
    return one._replace(kind="choice", sentence=sentence, nearest=one.nearest or other.nearest)


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
        argument = getattr(argument, "__origin__", argument)  # noqa: PLW2901  # of an annotated choice
        if isinstance(argument, type) and issubclass(argument, BaseModel):
            return annotation if getattr(annotation, "__origin__", None) in {dict, list, tuple} else argument
    return None
