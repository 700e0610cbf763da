"""`cellctl describe`: one plugin, driver or world in full."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cellctl.cli.listing import FIELD_BUSES
from cellctl.errors import ConfigError, PluginError
from cellctl.model.frame import Frame
from cellctl.sdk.installed import Installed, Setting, explained, installed
from cellctl.sdk.registry import DRIVERS, PLUGINS, WORLDS


def describe(name: str) -> None:
    """Say what a plugin, driver or world does, what it hears and sends, and what each of its settings means.

    Example: `cellctl describe web-inspector`

    Args:
        name: as `cellctl plugins` or `cellctl drivers` lists it.
    """
    kind, found = _find(name)
    console = Console(highlight=False)
    if found.kind is None:
        raise PluginError("CELL-3005", "{name!r} cannot be loaded: {reason}", do="reinstall {package}",
                          name=name, reason=found.error, package=found.package)  # fmt: skip
    console.print(f"{name}: a {kind} of {found.package} {found.version}", style="bold")
    console.print(found.description, markup=False)
    if kind != "world":
        console.print(f"\nIts process may use: {found.needs or 'nothing but files and messages'}", markup=False)
    ports = _ports(found.kind) if kind == "plugin" else []
    if ports:
        _print(console, ("port", "", "message"), ports)
    settings = explained(found.settings) if found.settings else []
    if settings:
        rows = [(one.name, one.form, "required" if one.required else one.default, one.meaning) for one in settings]
        _print(console, ("setting", "what to write", "default", "meaning"), rows)
    console.print("\nIn a cell:")
    console.print(snippet(kind, found, settings), markup=False, soft_wrap=True)


def snippet(kind: str, found: Installed, settings: list[Setting]) -> str:
    """The YAML that uses it: what must be given, or else the first three settings with their defaults."""
    needed = [one for one in settings if one.required]
    shown = needed or [one for one in settings if one.default not in ("", "null")][:3]
    keys = _nested({one.name: one.default or _example(one) for one in shown})
    if kind == "driver":
        return f"devices:\n  my_device: {{driver: {found.name}{keys}}}"
    if kind == "world":
        return f"simulate:\n  world: {{use: {found.name}{keys}}}"
    listens = found.kind is not None and any(port.message is Frame for port in found.kind.inputs().values())
    return f"plugins:\n  my_plugin: {{use: {found.name}{', from: my_camera' if listens else ''}{keys}}}"


def _find(name: str) -> tuple[str, Installed]:
    """(plugin, driver or world, what is installed); ConfigError CELL-1230 when there is nothing of that name."""
    known = {
        **{one.name: ("world", one) for one in installed(WORLDS)},
        **{one.name: ("driver", one) for one in [*FIELD_BUSES, *installed(DRIVERS)]},
        **{one.name: ("plugin", one) for one in installed(PLUGINS)},
    }
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        raise ConfigError("CELL-1230", "no plugin, driver or world named {name!r} is installed",
                          do="see `cellctl plugins` and `cellctl drivers`", nearest=close[0] if close else "",
                          name=name)  # fmt: skip
    return known[name]


def _ports(kind: type[Any]) -> list[tuple[str, str, str]]:
    rows = [(name, "hears", port.message.__name__) for name, port in kind.inputs().items()]
    return rows + [(name, "sends", port.message.__name__) for name, port in kind.outputs().items()]


def _example(setting: Setting) -> str:
    """What may stand for a key without a default."""
    _, _, example = setting.form.partition("such as ")
    if example:
        return example.partition(",")[0]
    _, _, count = setting.form.partition("a list of ")
    if count.isdecimal():
        return f"[{', '.join(['1'] * int(count))}]"
    return setting.name.rpartition(".")[2].upper() if setting.form == "text" else "1"


def _nested(values: dict[str, str]) -> str:
    """`, host: HOST, handshake: {echo: ECHO}`."""
    top: dict[str, str] = {}
    inner: dict[str, list[str]] = {}
    for name, value in values.items():
        outer, dot, key = name.partition(".")
        if dot:
            inner.setdefault(outer, []).append(f"{key}: {value}")
            top[outer] = "{" + ", ".join(inner[outer]) + "}"
        else:
            top[name] = value
    return "".join(f", {name}: {value}" for name, value in top.items())


def _print(console: Console, titles: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in titles:
        table.add_column(title)
    for row in rows:
        table.add_row(*map(Text, row))
    console.print()
    console.print(table)
