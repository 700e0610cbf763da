"""The page of the cell file, and tables of settings, from the pydantic models."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from cellctl.config.sections.cell import CellConfig
from docs.generating.markdown import page, spoken, table
from docs.generating.values import default, takes

INTRODUCTION = (
    "Every key that a cell file may have. Quantities are written with their unit, as people write them: `800 ms`, "
    "`20 kPa`, `5 %`. Unknown keys are refused. `cellctl check FILE` says where a file departs from this page; "
    "`cellctl schema` gives the same to an editor, and `configs/` holds whole cells to start from."
)


def cell_page() -> str:
    """`cell.md`."""
    alike = groupby(_sections(CellConfig, ""), key=lambda found: found[1])
    return page("The cell file", INTRODUCTION, [_section(model, [path for path, _ in same]) for model, same in alike])


def settings_table(model: type[BaseModel]) -> str:
    """Every key of one section: what it takes, what counts without it, what it means."""
    rows = [(f"`{info.alias or name}`", takes(info), default(info), info.description or "")
            for name, info in model.model_fields.items()]  # fmt: skip
    return table(("key", "what it takes", "without it", "meaning"), rows)


def _section(model: type[BaseModel], paths: list[str]) -> str:
    """One section; several in a row that are the same, such as the four signatures, are described once."""
    extra = model.model_config.get("extra") == "allow"
    more = "Further keys are its own: they are listed where it is described." if extra else ""
    title = f"## {', '.join(f'`{path}`' for path in paths)}" if paths != [""] else "## The file"
    keys = settings_table(model) or ("" if extra else "No keys of its own.")
    return "\n\n".join(filter(None, [title, spoken(model), keys, more]))


def _sections(model: type[BaseModel], path: str) -> Iterator[tuple[str, type[BaseModel]]]:
    """The model, then those inside it, each with the path at which it stands."""
    yield path, model
    for name, info in model.model_fields.items():
        for inner, suffix in _models_in(info.annotation):
            yield from _sections(inner, f"{path}.{info.alias or name}{suffix}".lstrip("."))


def _models_in(annotation: Any, suffix: str = "") -> Iterator[tuple[type[BaseModel], str]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, suffix
        return
    inside = {dict: ".<name>", list: "[]", tuple: "[]"}.get(get_origin(annotation), suffix)
    for argument in get_args(annotation):
        yield from _models_in(argument, inside)
