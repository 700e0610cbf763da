"""`cellctl new`: a cell, a plugin or a camera driver to start from."""

from __future__ import annotations

import string
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter
from rich.console import Console

from cellctl.cli.language import say
from cellctl.errors import ConfigError, text
from cellctl.runtime.cell_schema import schema_text
from cellctl.scaffold import CellAnswers, cell_id, new_cell, new_project, project_name, write_tree
from cellctl.sdk.registry import DRIVERS, PLUGINS, is_installed

MODBUS_PORT = 502
HIGHEST_PORT = 65535
HOST_SIGNS = frozenset(string.ascii_letters + string.digits + ".-_")
YES_NO = {"yes": True, "no": False}

new = App(name="new", help="Write a first cell, plugin or camera driver; nothing that is there is written over.")


@new.command
def cell(
    folder: Path,
    *,
    id: Annotated[str | None, Parameter(name="--id")] = None,  # noqa: A002  # the word of the option
    path: str | None = None,
    camera: Literal["yes", "no"] | None = None,
    plc: str | None = None,
    yes: bool = False,
) -> None:
    """Write a first cell with comments: YAML, tag table, README. `cellctl check` finds it sound as it is.

    Example: `cellctl new cell line-3 --id coater-03 --camera yes --plc 10.0.0.5`

    Args:
        folder: where it goes; made if it is not there.
        id: of the cell; the folder's name without it.
        path: ISA-95 path, enterprise/site/area/line/cell.
        camera: whether a camera looks at the web.
        plc: name or address of the controller, with `:port` when it is not 502.
        yes: ask nothing; what was not given gets its default.
    """
    ask = _asker(silent=yes)
    chosen = cell_id(id or ask("id of the cell", folder.resolve().name))
    place = path or ask("ISA-95 path (enterprise/site/area/line/cell)", "ACME/SITE1/AREA1/LINE1")
    sees = camera or ask("does a camera look at the web (yes or no)", "yes")
    host, port = _endpoint(plc or ask("address of the controller, HOST or HOST:PORT", "10.0.0.5"))
    answers = CellAnswers(chosen, _plain(place), _yes_or_no(sees), host, port)
    files = {**new_cell(answers), "cell.schema.json": schema_text()}
    _written(folder, files, f"cellctl check {folder / 'cell.yaml'} --simulated")


@new.command
def plugin(name: str, *, folder: Path | None = None) -> None:
    """Write a plugin's project: package with entry point, tests with the sdk's conformance checks, README.

    Example: `cellctl new plugin speed-watch`

    Args:
        name: lower case letters, digits and hyphens; what a cell will write after `use:`.
        folder: where it goes; a folder of that name without it.
    """
    _project("plugin", name, folder)


@new.command
def driver(name: str, *, folder: Path | None = None) -> None:
    """Write a camera driver's project: package with entry point, a double of the camera, tests, README.

    Example: `cellctl new driver gige-camera`

    Args:
        name: lower case letters, digits and hyphens; what a cell will write after `driver:`.
        folder: where it goes; a folder of that name without it.
    """
    _project("driver", name, folder)


def _project(kind: str, name: str, folder: Path | None) -> None:
    checked = project_name(name)
    group, noun = (DRIVERS, text("driver")) if kind == "driver" else (PLUGINS, text("plugin"))
    if is_installed(group, checked.project):
        raise ConfigError("CELL-1221", "a {kind} named {got!r} is installed already",
                          do="choose another, for example acme-{got}", kind=noun, got=name)  # fmt: skip
    place = folder or Path(checked.project)
    _written(place, new_project(kind, checked), f"cd {place} && pip install -e . && pytest")


def _written(folder: Path, files: dict[str, str], then: str) -> None:
    console = Console(highlight=False)
    for path in write_tree(folder, files):
        console.print(f"  {path}", markup=False, soft_wrap=True)
    console.print(say("next: {command}", command=then), markup=False, soft_wrap=True)


def _asker(*, silent: bool) -> Callable[[str, str], str]:
    """Asks on a terminal; elsewhere, or when told to be silent, the default is the answer."""

    def ask(question: str, default: str) -> str:
        sys.stdout.write(f"{question} [{default}]: ")
        sys.stdout.flush()
        return sys.stdin.readline().strip() or default

    return (lambda _question, default: default) if silent or not sys.stdin.isatty() else ask


def _endpoint(text: str) -> tuple[str, int]:
    """`HOST` or `HOST:PORT`; ConfigError CELL-1224 for anything else."""
    host, _, port = text.partition(":")
    number = int(port) if port.isdecimal() else 0 if port else MODBUS_PORT
    if not host or not set(host) <= HOST_SIGNS or not 1 <= number <= HIGHEST_PORT:
        raise ConfigError("CELL-1224", "expected the controller's address, got {got!r}",
                          do="write it as 10.0.0.5 or plc-3.local:5020", got=text)  # fmt: skip
    return host, number


def _plain(text: str) -> str:
    """A text that can stand between double quotes in YAML; ConfigError CELL-1225 for another one."""
    if not text.isprintable() or set(text) & set('"\\'):
        raise ConfigError("CELL-1225", "expected an ISA-95 path, got {got!r}",
                          do="write it as ACME/SITE1/AREA1/LINE1", got=text)  # fmt: skip
    return text


def _yes_or_no(text: str) -> bool:
    if text.lower() not in YES_NO:
        raise ConfigError("CELL-1226", "expected yes or no, got {got!r}", do="answer with one of them", got=text)
    return YES_NO[text.lower()]
