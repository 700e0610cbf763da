"""YAML in, frozen settings out."""

from cellctl.config.cell import CellConfig
from cellctl.config.overlay import WORLD, with_stand_ins, with_values
from cellctl.config.resolve import Resolver
from cellctl.config.resolve_checks import TagInfo
from cellctl.config.resolved import ResolvedCell
from cellctl.config.validation import Section, validate
from cellctl.config.yaml_source import Document, parse_yaml, read_text, read_yaml

__all__ = [
    "WORLD",
    "CellConfig",
    "Document",
    "ResolvedCell",
    "Resolver",
    "Section",
    "TagInfo",
    "parse_yaml",
    "read_text",
    "read_yaml",
    "validate",
    "with_stand_ins",
    "with_values",
]
