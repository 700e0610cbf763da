"""Every error says what, where and the next step, in one grammar.

`configs/coater.yaml:31:12: CELL-1012: loops.edge_spur.deadline: expected a time such as "800 ms", got "fast"; do: …`,
with `; nearest: …` before the remedy where a known name is meant.

Codes are stable: 1xxx configuration, 2xxx the plant or a device, 3xxx plugins and processes, 4xxx evidence.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

Translate = Callable[[str], str]
"""English template → the same template in another language; what has no translation comes back as it is."""


class Text(NamedTuple):
    """A sentence as a template with named places, so that it can be said in another language.

    Attributes:
        template: English, with the places of `str.format`: `expected {kind}, got {got!r}`.
        values: place → value; a value may be a `Text` itself. With values a brace is doubled; without any the template
            is taken as it is, braces and all.
    """

    template: str
    values: Mapping[str, Any]

    def said(self, translate: Translate = str) -> str:
        """The sentence; `translate` is handed each template."""
        sentence = translate(self.template)
        if not self.values:
            return sentence
        values = {name: value.said(translate) if isinstance(value, Text) else value
                  for name, value in self.values.items()}  # fmt: skip
        return sentence.format(**values)

    def __str__(self) -> str:
        return self.said()


def text(template: str, /, **values: Any) -> Text:
    """`text("expected {kind}, got {got!r}", kind="a time", got=value)`."""
    return Text(template, values)


def joined(parts: Iterable[Text], between: str = "; ") -> Text:
    """Several sentences as one, each of which can be said in another language."""
    values = {f"part_{number}": part for number, part in enumerate(parts)}
    return Text(between.join(f"{{{name}}}" for name in values), values)


def sentence_of(error: Exception) -> Text:
    """What an error says: the sentence that it was raised with, or its own words, which no catalogue knows."""
    said = error.args[0] if error.args else ""
    return said if isinstance(said, Text) else Text(str(error), {})


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
        what: one sentence: expected …, got …; a template when `values` are given, see `Text`.
        where: the place in the user's file, when there is one.
        do: the next step the reader should take; a template as `what`.
        nearest: the known name that is most like the one that was written; empty when none is.
        values: what the places in `what` and `do` stand for.
    """

    def __init__(
        self, code: str, what: str | Text, *, where: Where | None = None, do: str | Text = "", nearest: str = "",
        **values: Any,
    ) -> None:  # fmt: skip
        self.code = code
        self.nearest = nearest
        self.what_text = _as_text(what, values)
        self.do_text = _as_text(do, values)
        self.where = where
        super().__init__(code, self.what, where, self.do)

    @property
    def what(self) -> str:
        """What is wrong, in English."""
        return self.what_text.said()

    @property
    def do(self) -> str:
        """The next step, in English; empty when there is none."""
        return self.do_text.said()

    def said(self, translate: Translate = str) -> str:
        """The whole message in the grammar above."""
        place = f"{self.where}: " if self.where else ""
        nearest = f"; {translate('nearest')}: {self.nearest}" if self.nearest else ""
        do = self.do_text.said(translate)
        remedy = f"; {translate('do')}: {do}" if do else ""
        return f"{place}{self.code}: {self.what_text.said(translate)}{nearest}{remedy}"

    def __str__(self) -> str:
        return self.said()


def _as_text(template: str | Text, values: Mapping[str, Any]) -> Text:
    return template if isinstance(template, Text) else Text(template, values)


class ConfigError(CellError):
    """What the user wrote cannot be used: YAML, tag table, model file or scenario (CELL-1xxx)."""


class ConfigErrors(ConfigError):
    """Several configuration errors found in one reading, reported together."""

    def __init__(self, errors: list[ConfigError]) -> None:
        first = errors[0]
        super().__init__(first.code, first.what_text, where=first.where, do=first.do_text, nearest=first.nearest)
        self.errors = errors

    def said(self, translate: Translate = str) -> str:
        """Every message on a line of its own."""
        return "\n".join(error.said(translate) for error in self.errors)


class PlantError(CellError):
    """The plant or a device did not do what its contract says (CELL-2xxx)."""


class PluginError(CellError):
    """A plugin or its process broke a rule of the host (CELL-3xxx)."""


class EvidenceError(CellError):
    """Evidence is missing, damaged or could not be stored (CELL-4xxx)."""


def told(error: CellError) -> str:
    """An error as one line that another process can read; `retold` makes it an error again."""
    return json.dumps({
        "code": error.code, "what": _plain(error.what_text), "do": _plain(error.do_text), "nearest": error.nearest,
        "place": str(error.where or ""),
    })  # fmt: skip


def retold(line: str, kind: type[CellError], where: Where | None = None) -> CellError:
    """The error that another process told, as an error of `kind`; its place is kept unless another is given."""
    parts = json.loads(line)
    where = where or (Where(parts["place"]) if parts["place"] else None)
    what, do = _sentence(parts["what"]), _sentence(parts["do"])
    return kind(parts["code"], what, where=where, do=do, nearest=parts["nearest"])


def _plain(value: Any) -> Any:
    """Sentences as mappings, numbers and words as they are, and what is neither in its own words."""
    if isinstance(value, Text):
        return {"template": value.template, "values": {name: _plain(item) for name, item in value.values.items()}}
    return value if isinstance(value, str | int | float | None) else str(value)


def _sentence(plain: Any) -> Any:
    if isinstance(plain, dict):
        return Text(plain["template"], {name: _sentence(item) for name, item in plain["values"].items()})
    return plain
