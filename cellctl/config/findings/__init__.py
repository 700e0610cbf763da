"""Findings that need thought: each file looks at one kind of thing that is legal YAML and cannot be meant."""

from cellctl.config.findings.look import Findings, look_over
from cellctl.config.findings.scene import Finding, Scene, Storage, Surroundings, Worker
from cellctl.config.findings.waivers import Waived, is_waivable

__all__ = ["Finding", "Findings", "Scene", "Storage", "Surroundings", "Waived", "Worker", "is_waivable", "look_over"]
