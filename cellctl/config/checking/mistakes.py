"""Every mistake of one reading, and what must not be relied on because of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel

from cellctl.config.checking.validation import check
from cellctl.config.source.document import Document, Loc
from cellctl.config.source.paths import dotted
from cellctl.errors import ConfigError, ConfigErrors, Text, text

ModelType = TypeVar("ModelType", bound=BaseModel)


class Mistakes:
    """Collects over all stages; a later stage asks what an earlier one has lost, and stays silent about it.

    Args:
        document: the file; `document.lost` grows with every mistake that leaves something out.
        errors: what is known already.
    """

    def __init__(self, document: Document, errors: Iterable[ConfigError] = ()) -> None:
        self.document = document
        self._errors = list(errors)
        self._form = {error.where for error in self._errors}  # a place whose form is wrong has no meaning

    def __bool__(self) -> bool:
        return bool(self._errors)

    def add(
        self, code: str, loc: Loc, what: str, do: str, *, key: bool = False, near: str = "", **values: Any
    ) -> None:  # fmt: skip
        """Report a mistake at a place of the file; `what` and `do` are templates."""
        where = self.document.where_key(loc) if key else self.document.where(loc)
        said = text("{path}: {problem}", path=dotted(loc), problem=text(what, **values))
        self._errors.append(ConfigError(code, said, where=where, do=text(do, **values), nearest=near))

    def place(self, error: ConfigError, loc: Loc) -> None:
        """Take an error, placed at `loc` unless it has a line already; the file that it is about stays named.

        An error that begins with one of the keys at `loc`, as in `limits.rms: …`, is placed at the value of that key.
        """
        if error.where is None or error.where.line is None:
            what: Text = error.what_text
            if error.where is not None and error.where.file and str(error.where.file) not in str(what):
                what = text("{problem} ({file})", problem=what, file=error.where.file)
            if not str(what).startswith(dotted(loc)):
                what = text("{path}: {problem}", path=dotted(loc), problem=what)
            inner: Loc = (*loc, *str(error.what_text).partition(":")[0].split("."))
            at = inner if inner in self.document.values else loc
            error = ConfigError(error.code, what, where=self.document.where(at), do=error.do_text,
                                nearest=error.nearest)  # fmt: skip
        self._errors.append(error)

    def take(self, errors: Iterable[ConfigError] | ConfigErrors) -> None:
        """Take errors that have their places."""
        self._errors += errors.errors if isinstance(errors, ConfigErrors) else errors

    def part(self, model: type[ModelType], at: Loc, drop: tuple[str, ...] = ()) -> ModelType | None:
        """A part of the document, as far as it is sound; None when nothing of it is."""
        checked = check(self.document, model, at, drop)
        self.document = replace(self.document, lost=checked.document.lost)
        self.take(checked.errors)
        return checked.model

    def lose(self, loc: Loc) -> None:
        """Remember that what stands at `loc` is there, but not sound."""
        self.document = replace(self.document, lost=self.document.lost | {loc})

    def is_lost(self, loc: Loc) -> bool:
        """Whether what stands at `loc` was left out."""
        return self.document.is_lost(loc)

    def lost_names(self, section: str) -> frozenset[str]:
        """Names of the parts of a section that were left out as a whole."""
        return frozenset(str(loc[1]) for loc in self.document.lost if len(loc) == 2 and loc[0] == section)

    def all(self) -> list[ConfigError]:
        """Each mistake once, in the order of the files; of one place whose form is wrong only the form."""
        seen: dict[str, ConfigError] = {}
        for error in self._errors:
            seen.setdefault(str(error), error)
        form = [it for it in seen.values() if it.where in self._form]
        first = {it.where: it.code for it in reversed(form)}
        kept = [it for it in seen.values() if it.where not in first or it.code == first[it.where]]
        return sorted(kept, key=_order)

    def raise_any(self) -> None:
        """ConfigErrors with all mistakes, when there are some."""
        if self._errors:
            raise ConfigErrors(self.all())


def _order(error: ConfigError) -> tuple[str, int, int]:
    where = error.where
    return (where.file, where.line or 0, where.column or 0) if where is not None else ("", 0, 0)
