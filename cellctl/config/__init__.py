"""YAML in, frozen settings out."""

from cellctl.config.checking.validation import Section, validate
from cellctl.config.resolved import ResolvedCell
from cellctl.config.resolving.checks import TagInfo
from cellctl.config.resolving.resolver import Resolver
from cellctl.config.sections.cell import CellConfig
from cellctl.config.source.document import Document, parse_yaml, read_text, read_yaml
from cellctl.config.source.overlay import WORLD, with_stand_ins, with_values

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
