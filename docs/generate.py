"""Writes docs/reference/ from the code: `make reference`. A test says whether the pages are current.

What a page says is taken from the models and their docstrings, so a setting cannot be described in two places.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, get_args, get_origin

import msgspec
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

import cellctl.model
from cellctl.config.cell import CellConfig
from cellctl.model import Message
from cellctl.sdk.registry import DRIVERS, PLUGINS
from cellctl.units import UnitMark

HERE = Path(__file__).parent
GENERATED = "<!-- written by docs/generate.py: change the docstrings it reads, then run `make reference` -->"
OWN = "cellctl"
"""Only what this distribution installs is in the reference; a third party's plugin has its own pages."""


def main() -> None:
    """Write every page."""
    for name, text in pages().items():
        path = HERE / "reference" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(HERE.parent)}\n")


def pages() -> dict[str, str]:
    """File name → text of every generated page."""
    return {"cell.md": _cell(), "plugins.md": _plugins(), "messages.md": _messages()}


def _page(title: str, introduction: str, parts: list[str]) -> str:
    return "\n\n".join([f"# {title}", GENERATED, introduction, *parts]) + "\n"


def _cell() -> str:
    introduction = (
        "Every key that a cell file may have. Quantities are written with their unit, as people write them: `800 ms`, "
        "`20 kPa`, `5 %`. Unknown keys are refused. `cellctl check FILE` says where a file departs from this page."
    )
    parts = [_model_table(model, path) for path, model in _sections(CellConfig, "")]
    return _page("The cell file", introduction, parts)


def _sections(model: type[BaseModel], path: str) -> Iterator[tuple[str, type[BaseModel]]]:
    """The model, then those inside it, each with the path at which it stands."""
    yield path, model
    for name, info in model.model_fields.items():
        key = info.alias or name
        for inner, suffix in _models_in(info.annotation):
            yield from _sections(inner, f"{path}.{key}{suffix}".lstrip("."))


def _models_in(annotation: Any, suffix: str = "") -> Iterator[tuple[type[BaseModel], str]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, suffix
        return
    inside = {dict: ".<name>", list: "[]", tuple: "[]"}.get(get_origin(annotation), suffix)
    for argument in get_args(annotation):
        yield from _models_in(argument, inside)


def _model_table(model: type[BaseModel], path: str) -> str:
    rows = ["| key | what it takes | without it | meaning |", "|---|---|---|---|"]
    for name, info in model.model_fields.items():
        rows.append(f"| `{info.alias or name}` | {_takes(info)} | {_default(info)} | {_cell_text(_meaning(info))} |")
    extra = model.model_config.get("extra") == "allow"
    more = "\n\nFurther keys are its own: they are listed where it is described." if extra else ""
    title = f"## `{path}`" if path else "## The file"
    return f"{title}\n\n{_summary(model)}\n\n" + ("\n".join(rows) if len(rows) > 2 else "No keys of its own.") + more


def _takes(info: FieldInfo) -> str:
    unit = next((mark for mark in info.metadata if isinstance(mark, UnitMark)), None)
    text = f"{unit.kind} such as `{unit.example}`" if unit else _type_text(info.annotation)
    limits = ", ".join(filter(None, map(_limit, info.metadata)))
    return _cell_text(f"{text} ({limits})" if limits else text)


def _limit(mark: Any) -> str:
    signs = {"Gt": ">", "Ge": "≥", "Lt": "<", "Le": "≤"}
    sign = signs.get(type(mark).__name__)
    return f"{sign} {getattr(mark, type(mark).__name__.lower()):g}" if sign else ""


def _type_text(annotation: Any) -> str:
    """A type in plain words."""
    plain = {str: "text", int: "a whole number", float: "a number", bool: "true or false", type(None): "nothing"}
    if annotation in plain:
        return plain[annotation]
    marks = [mark for mark in getattr(annotation, "__metadata__", ()) if isinstance(mark, UnitMark)]
    if marks:
        return f"{marks[0].kind} such as `{marks[0].example}`"
    arguments = [argument for argument in get_args(annotation) if argument is not Ellipsis]
    origin = get_origin(annotation)
    if origin is not None and getattr(origin, "__name__", "") == "Literal":
        return " or ".join(f"`{argument}`" for argument in arguments)
    if origin is dict:
        return f"a mapping of {_type_text(arguments[0])} to {_type_text(arguments[1])}"
    if origin in {list, tuple}:
        return f"a list of {_type_text(arguments[0])}"
    if getattr(annotation, "__metadata__", None):
        return _type_text(annotation.__origin__)
    if arguments:
        return " or ".join(dict.fromkeys(_type_text(it) for it in arguments if it is not type(None)))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "a section"
    return "any value" if annotation is Any else getattr(annotation, "__name__", str(annotation))


def _default(info: FieldInfo) -> str:
    if info.default is PydanticUndefined:
        return "required" if info.default_factory is None else ""
    value = info.default
    if value is None or isinstance(value, BaseModel) or value in ({}, (), ""):
        return ""
    unit = next((mark for mark in info.metadata if isinstance(mark, UnitMark)), None)
    return f"`{unit.shown(value)}`" if unit else f"`{value}`"


def _meaning(info: FieldInfo) -> str:
    return info.description or ""


def _plugins() -> str:
    introduction = "What comes with cellctl. `cellctl describe NAME` says the same of any installed plugin or driver."
    parts = []
    for kind, group in (("plugin", PLUGINS), ("driver", DRIVERS)):
        for point in sorted(entry_points(group=group)):
            if point.dist is not None and point.dist.name == OWN:
                parts.append(_plugin(kind, point.name, point.load()))
    return _page("Plugins and drivers", introduction, parts)


def _plugin(kind: str, name: str, found: Any) -> str:
    lines = [f"## `{name}` ({kind})", inspect.cleandoc(found.__doc__ or "")]
    if kind == "plugin":
        ports = [("hears", found.inputs()), ("says", found.outputs())]
        lines += [
            f"It {verb} {', '.join(f'`{port.message.__name__}` ({name})' for name, port in declared.items())}."
            for verb, declared in ports
            if declared
        ]
    table = _model_table(found.Settings, "")
    return "\n\n".join([*lines, table.split("\n\n", 2)[2]])


def _messages() -> str:
    introduction = (
        "What travels between plugins: frozen `msgspec.Struct`s from `cellctl.model`. Each also carries `source`, "
        "`sequence`, `stamp` and `trace`. Only messages marked *may leave* go outside of the cell."
    )
    kinds = [it for it in vars(cellctl.model).values() if isinstance(it, type) and issubclass(it, msgspec.Struct)]
    messages = sorted((it for it in kinds if issubclass(it, Message) and it is not Message), key=lambda it: it.__name__)
    parts = sorted((it for it in kinds if not issubclass(it, Message)), key=lambda it: it.__name__)
    return _page("Messages", introduction, [_struct(it) for it in [*messages, *parts]])


def _struct(kind: type[msgspec.Struct]) -> str:
    text = inspect.cleandoc(kind.__doc__ or "")
    summary, _, attributes = text.partition("Attributes:")
    leaves = " *May leave the cell.*" if getattr(kind, "egress", None) == cellctl.model.Egress.FEATURES else ""
    rows = [f"| `{name}` | {_cell_text(said)} |" for name, said in re.findall(
        r"^    (\w+): (.*(?:\n {8}.*)*)", attributes, re.MULTILINE)]  # fmt: skip
    table = "\n\n| field | meaning |\n|---|---|\n" + "\n".join(rows) if rows else ""
    return f"## `{kind.__name__}`\n\n{_joined(summary)}{leaves}{table}"


def _summary(model: type) -> str:
    return _joined(inspect.cleandoc(model.__doc__ or ""))


def _joined(text: str) -> str:
    return re.sub(r"[ \n]+", " ", text).strip()


def _cell_text(text: str) -> str:
    return _joined(text).replace("|", "\\|")


if __name__ == "__main__":
    main()
