"""The files of a new cell, plugin or driver, from their templates."""

from __future__ import annotations

from importlib.resources import files
from string import Template
from typing import NamedTuple

from cellctl.scaffold.names import ProjectName

TEMPLATES = "templates"
MARK = ".template"
"""Ending of a template's file, so that no tool takes it for what it will become."""
PLACES = {
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    "LICENSE.txt": "LICENSE.txt",
    "gitignore": ".gitignore",
    "init.py": "src/{module}/__init__.py",
    "py.typed": "src/{module}/py.typed",
    "plugin.py": "src/{module}/plugin.py",
    "driver.py": "src/{module}/driver.py",
    "test_plugin.py": "tests/test_plugin.py",
    "test_driver.py": "tests/test_driver.py",
    "double.py": "tests/double.py",
}
"""Template → where its text goes in the project."""


class CellAnswers(NamedTuple):
    """What the engineer said of the new cell.

    Attributes:
        id: of the cell.
        path: ISA-95 path.
        camera: whether a camera looks at the web.
        host: name or address of the controller.
        port: its TCP port.
    """

    id: str
    path: str
    camera: bool
    host: str
    port: int


def new_cell(answers: CellAnswers) -> dict[str, str]:
    """File name → text of a cell that `cellctl check` finds sound."""
    kind = "camera" if answers.camera else "plc"
    names = {f"cell-{kind}.yaml": "cell.yaml", f"README-{kind}.md": "README.md", "tags.csv": "tags.csv"}
    return {place: _rendered("cell", name, answers._asdict()) for name, place in names.items()}


def new_project(kind: str, name: ProjectName) -> dict[str, str]:
    """Path → text of a project: `kind` is `plugin` or `driver`."""
    found = sorted(entry.name for entry in files(__package__).joinpath(TEMPLATES, kind).iterdir())
    return {
        PLACES[file].format(module=name.module): _rendered(kind, file, name._asdict())
        for file in (entry.removesuffix(MARK) for entry in found)
    }


def _rendered(kind: str, name: str, values: dict[str, object]) -> str:
    text = files(__package__).joinpath(TEMPLATES, kind, name + MARK).read_text(encoding="utf-8")
    return Template(text).substitute(values)
