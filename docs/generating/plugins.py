"""The page of the plugins and drivers that come with cellctl."""

from __future__ import annotations

from cellctl.cli.listing import FIELD_BUSES
from cellctl.sdk.installed import Installed, Setting, explained, installed
from cellctl.sdk.registry import DRIVERS, PLUGINS
from docs.generating.markdown import page, table

OWN = "cellctl"
"""Only what this distribution installs is in the reference; a third party's plugin has its own pages."""
INTRODUCTION = "What comes with cellctl. `cellctl describe NAME` says the same of any installed plugin or driver."


def plugins_page() -> str:
    """`plugins.md`."""
    parts = [_entry("plugin", one) for one in installed(PLUGINS) if one.package == OWN]
    parts += [_entry("driver", one) for one in [*installed(DRIVERS), *FIELD_BUSES] if one.package == OWN]
    return page("Plugins and drivers", INTRODUCTION, parts)


def _entry(role: str, one: Installed) -> str:
    settings = explained(one.settings) if one.settings else []
    rows = [(f"`{it.name}`", it.form, _default(it), it.meaning) for it in settings]
    keys = table(("key", "what it takes", "without it", "meaning"), rows) or "No keys of its own."
    ports = _ports(one) if role == "plugin" else []
    needs = [f"Its process may use: {one.needs} ([more](../sandbox.md))."] if one.needs else []
    return "\n\n".join([f"## `{one.name}` ({role})", one.description, *needs, *ports, keys])


def _ports(one: Installed) -> list[str]:
    assert one.kind is not None, one.error
    ports = [("hears", one.kind.inputs()), ("says", one.kind.outputs())]
    return [
        f"It {verb} {', '.join(f'`{port.message.__name__}` ({name})' for name, port in declared.items())}."
        for verb, declared in ports
        if declared
    ]


def _default(setting: Setting) -> str:
    if setting.required:
        return "required"
    return f"`{setting.default}`" if setting.default not in {"", "null", "''", "[]", "{}"} else ""
