"""What is installed under the entry point groups, and what its settings mean: for lists and descriptions."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import Any, NamedTuple

import yaml
from pydantic import BaseModel

from cellctl.sdk.needs import needs_of
from cellctl.units import KINDS, UNIT_KEY, written

_SECTION = re.compile(r"^(?:Args|Attributes|Raises|Example|Examples):$", re.MULTILINE)


class Installed(NamedTuple):
    """One plugin or driver that a package brings.

    Attributes:
        name: as a cell writes it.
        package: the distribution.
        version: of the distribution.
        kind: its class; None when it cannot be loaded.
        error: why it cannot.
    """

    name: str
    package: str
    version: str
    kind: type[Any] | None
    error: str = ""

    @property
    def summary(self) -> str:
        """First line of the class's docstring."""
        doc = (getattr(self.kind, "__doc__", None) or "").strip()
        return doc.partition("\n")[0] or "(no description)"

    @property
    def description(self) -> str:
        """What the class's docstring says before it turns to arguments, one line per paragraph."""
        doc = inspect.getdoc(self.kind) or self.summary
        paragraphs = [" ".join(part.split()) for part in _SECTION.split(doc)[0].strip().split("\n\n")]
        return "\n\n".join(paragraphs)

    @property
    def needs(self) -> str:
        """What its process may do beside reading files, in words; empty when that is nothing."""
        return ", ".join(sorted(needs_of(self.kind))) if self.kind else ""

    @property
    def settings(self) -> type[BaseModel] | None:
        """Its settings class, if it can be loaded and has one."""
        found = getattr(self.kind, "Settings", None)
        return found if isinstance(found, type) and issubclass(found, BaseModel) else None


class Setting(NamedTuple):
    """One key of a settings class.

    Attributes:
        name: dotted where it is nested: `handshake.echo`.
        form: what may be written: `a time, such as 800 ms`.
        default: as a cell would write it; empty when it must be given.
        required: whether it must be given.
        meaning: in words.
    """

    name: str
    form: str
    default: str
    required: bool
    meaning: str


def installed(group: str) -> list[Installed]:
    """Everything of one group by name; what cannot be loaded is listed with its error."""
    points = {point.name: point for point in entry_points(group=group)}
    return [_loaded(points[name]) for name in sorted(points)]


def explained(settings: type[BaseModel]) -> list[Setting]:
    """Every key of a settings class, nested ones with their path."""
    schema = settings.model_json_schema()
    return list(_rows(schema, schema.get("$defs", {}), ""))


def default_of(field: dict[str, Any]) -> str:
    """The default of one key of a JSON schema as a cell would write it; empty for a key that must be given."""
    if "default" not in field:
        return ""
    value, unit = field["default"], unit_of(field)
    if unit and isinstance(value, int | float):
        return written(value, unit)
    return yaml.safe_dump(value, default_flow_style=True, allow_unicode=True).removesuffix("...\n").strip()


def unit_of(field: dict[str, Any]) -> str:
    """The unit of a quantity's key, also of one that may be left empty; empty for what is no quantity."""
    units = [option.get(UNIT_KEY, "") for option in (field, *field.get("anyOf", ()))]
    return next(filter(None, units), "")


def _loaded(point: EntryPoint) -> Installed:
    package, version = (point.dist.name, point.dist.version) if point.dist else ("?", "?")
    try:
        found = point.load()
    except Exception as error:  # noqa: BLE001  # a broken package must not hide the others
        return Installed(point.name, package, version, None, f"{type(error).__name__}: {error}")
    if not isinstance(found, type):
        return Installed(point.name, package, version, None, f"expected a class, got {found!r}")
    return Installed(point.name, package, version, found)


def _rows(schema: dict[str, Any], types: dict[str, Any], prefix: str) -> Iterator[Setting]:
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        nested = types.get(_reference(field), {})
        if "properties" in nested:
            yield from _rows(nested, types, f"{prefix}{name}.")
            continue
        yield Setting(
            name=f"{prefix}{name}",
            form=_form(field, types),
            default=default_of(field),
            required=name in required,
            meaning=field.get("description", ""),
        )


def _reference(field: dict[str, Any]) -> str:
    return str(field.get("$ref", "")).rpartition("/")[2]


def _form(field: dict[str, Any], types: dict[str, Any]) -> str:
    """`a number, above 0`; `one of: left, right`; `text, such as 800 ms`."""
    field = types.get(_reference(field), field)
    if "anyOf" in field:
        return " or ".join(dict.fromkeys(_form(option, types) for option in field["anyOf"]))
    if "enum" in field:
        return "one of: " + ", ".join(map(str, field["enum"]))
    if "const" in field:
        return str(field["const"])
    words = [_example_words(field)] if field.get("examples") else [_type_words(field, types)]
    words += [f"{text} {field[key]:g}" for key, text in _LIMITS.items() if isinstance(field.get(key), int | float)]
    return ", ".join(words)


def _example_words(field: dict[str, Any]) -> str:
    """`a time such as 800 ms`."""
    kind = KINDS.get(unit_of(field), "a quantity" if isinstance(field.get("type"), list) else "text")
    return f"{kind} such as {field['examples'][0]}"


def _type_words(field: dict[str, Any], types: dict[str, Any]) -> str:
    kind = field.get("type", "anything")
    if kind == "array":
        many = f" of {len(field['prefixItems'])}" if "prefixItems" in field else ""
        items = field.get("items")
        return f"a list of: {_form(items, types)}" if isinstance(items, dict) else f"a list{many}"
    return " or ".join(_TYPES.get(one, str(one)) for one in ([kind] if isinstance(kind, str) else kind))


_LIMITS = {"minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most", "exclusiveMaximum": "below"}
_TYPES = {"string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
          "object": "a mapping", "null": "nothing"}  # fmt: skip
