"""The resolved configuration: every default filled in, every quantity absolute, every `{side}` expanded.

It is what the running cell reads (not the YAML), it is stored with the run, and its SHA-256 goes into every
record. Rates are per metre, lengths in metres or millimetres as named, times in seconds, set-points in the
unit of their tag.
"""

from cellctl.config.resolved.cell import ResolvedCell
from cellctl.config.resolved.guard import DriftOver, GuardRules, Setpoint
from cellctl.config.resolved.loop import Escalate, Loop, ProtectedValue, Release, Verify, Watch
from cellctl.config.resolved.parts import Device, PluginEntry, Web, WorldEntry
from cellctl.config.resolved.product import (
    Characteristic,
    Defect,
    Influence,
    NonconformityRule,
    Product,
    Recipe,
    Settle,
)

__all__ = [
    "Characteristic",
    "Defect",
    "Device",
    "DriftOver",
    "Escalate",
    "GuardRules",
    "Influence",
    "Loop",
    "NonconformityRule",
    "PluginEntry",
    "Product",
    "ProtectedValue",
    "Recipe",
    "Release",
    "ResolvedCell",
    "Setpoint",
    "Settle",
    "Verify",
    "Watch",
    "Web",
    "WorldEntry",
]
