"""Every error says what, where and the next step, in one grammar.

`configs/coater.yaml:31:12: CELL-1012: loops.edge_spur.deadline: expected a time such as "800 ms", got "fast"; do: …`

Codes are stable: 1xxx configuration, 2xxx the plant or a device, 3xxx plugins and processes, 4xxx evidence.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Where:
    """A place in a file, as an editor understands it (line and column count from one)."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        parts = [self.file]
        if self.line is not None:
            parts.append(str(self.line))
            if self.column is not None:
                parts.append(str(self.column))
        return ":".join(parts)


class CellError(Exception):
    """The root of all errors that cellctl raises on purpose.

    Args:
        code: stable identifier such as `CELL-1012`.
        what: one sentence: expected …, got …
        where: the place in the user's file, when there is one.
        do: the next step the reader should take.
    """

    def __init__(self, code: str, what: str, *, where: Where | None = None, do: str = "") -> None:
        super().__init__(code, what, where, do)
        self.code = code
        self.what = what
        self.where = where
        self.do = do

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        remedy = f"; do: {self.do}" if self.do else ""
        return f"{place}{self.code}: {self.what}{remedy}"


class ConfigError(CellError):
    """What the user wrote cannot be used: YAML, tag table, model file or scenario (CELL-1xxx)."""


class ConfigErrors(ConfigError):
    """Several configuration errors found in one reading, reported together."""

    def __init__(self, errors: list[ConfigError]) -> None:
        first = errors[0]
        super().__init__(first.code, first.what, where=first.where, do=first.do)
        self.errors = errors

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)


class PlantError(CellError):
    """The plant or a device did not do what its contract says (CELL-2xxx)."""


class PluginError(CellError):
    """A plugin or its process broke a rule of the host (CELL-3xxx)."""


class EvidenceError(CellError):
    """Evidence is missing, damaged or could not be stored (CELL-4xxx)."""
