"""Rules for the settings of plugins and drivers: frozen, strict, explained, and the same after a journey as JSON."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError

from cellctl.testing.breaches import Findings

RULE = "settings"
UNKNOWN = "a_key_that_nobody_declares"


def check_settings(kind: Any, values: dict[str, Any], findings: Findings) -> Any:
    """Look at a settings class and read `values` by it; returns the settings, None when they cannot be read."""
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        findings.add(RULE, f"Settings is {kind!r}; derive it from pydantic's BaseModel (plugins: PluginSettings)")
        return None
    if not kind.model_config.get("frozen"):
        findings.add(RULE, "they can be changed while the cell runs; set model_config frozen=True")
    if kind.model_config.get("extra") != "forbid":
        findings.add(RULE, "a misspelt key passes silently; set model_config extra='forbid'")
    for name, field in kind.model_fields.items():
        if not field.description:
            findings.add(RULE, f"{name} has no description, so nobody can look up what it means")
    return _read(kind, values, findings)


def _read(kind: type[BaseModel], values: dict[str, Any], findings: Findings) -> BaseModel | None:
    try:
        settings = kind.model_validate(values)
    except ValidationError as error:
        findings.add(RULE, f"{values} cannot be read: {error.errors()[0]['loc']}: {error.errors()[0]['msg']}")
        return None
    with findings.guarded(RULE, "their journey to the worker as JSON"):
        if kind.model_validate(settings.model_dump(mode="json")) != settings:
            findings.add(RULE, "they are not the same after model_dump(mode='json') and model_validate")
    return settings
