"""From a parsed document to a typed model, with the place of every mistake."""

from __future__ import annotations

from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from cellctl.config.checking.causes import Cause, causes, explain
from cellctl.config.source.document import Document, Loc
from cellctl.config.source.nearest import likeness
from cellctl.config.source.paths import dotted
from cellctl.errors import ConfigError, ConfigErrors

__all__ = ["Checked", "Section", "check", "dotted", "validate"]

ModelType = TypeVar("ModelType", bound=BaseModel)

SURE = 0.75
"""Likeness from which a misspelt key is read as the one that is meant."""
ROUNDS = 12
"""How often what is left is looked at again: each round cuts at least one level nearer to the top."""


class Section(BaseModel):
    """Base of every part of a configuration: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)


class Checked(NamedTuple, Generic[ModelType]):
    """A part of a document as far as it is sound.

    Attributes:
        model: what is sound of it; None when nothing is left.
        document: the document, with `lost` naming what is not in the model though it was written.
        errors: every mistake, with its place.
    """

    model: ModelType | None
    document: Document
    errors: list[ConfigError]


def validate(document: Document, model: type[ModelType], at: Loc = (), drop: tuple[str, ...] = ()) -> ModelType:
    """Check `document` (or its part at `at`, without the keys `drop`) against `model`.

    Raises ConfigErrors, which lists every mistake with its place.
    """
    checked = check(document, model, at, drop)
    if checked.errors or checked.model is None:
        raise ConfigErrors(checked.errors)
    return checked.model


def check(
    document: Document,
    model: type[ModelType],
    at: Loc = (),
    drop: tuple[str, ...] = (),
    instead: dict[str, Any] | None = None,
) -> Checked[ModelType]:
    """Check as `validate` does, and keep what is sound: what is wrong is left out, and the rest looked at again.

    A value that is wrong is left out with its key, so that its default holds; a section that lacks what it must have
    is left out as a whole. `instead` says what stands in for keys at the top that the model must have. A mistake that
    only follows from what was left out is not reported.
    """
    data: Any = document.data
    for key in at:
        data = data[key]
    if isinstance(data, dict):
        data = {key: value for key, value in data.items() if key not in drop}
    return _Rounds(document, at, _copied({} if data is None else data), instead or {}).run(model)


class _Rounds:
    def __init__(self, document: Document, at: Loc, data: Any, instead: dict[str, Any]) -> None:
        self._document = document
        self._at = at
        self._data = data
        self._instead = instead
        self._errors: list[ConfigError] = []
        self._lost: set[Loc] = set(document.lost)

    def run(self, model: type[ModelType]) -> Checked[ModelType]:
        if not self._at:
            self._find_misplaced(model)
        for loc in self._document.lost:
            if loc[: len(self._at)] == self._at:
                self._leave_out(loc[len(self._at) :])
        for _ in range(ROUNDS):
            try:
                found = model.model_validate(self._data)
            except ValidationError as error:
                if not self._take(causes(self._document, self._at, error.errors()), model):
                    break
            else:
                return Checked(found, self._result(), self._errors)
        return Checked(None, self._result(), self._errors)

    def _find_misplaced(self, model: type[BaseModel]) -> None:
        """A section with blanks before its name stands in the section above, and takes its own keys along."""
        for section, inside in self._data.items() if isinstance(self._data, dict) else ():
            if not isinstance(inside, dict):
                continue
            names = list(inside)
            for index, name in enumerate(names):
                if name in model.model_fields and name not in self._data and inside[name] is None:
                    loc: Loc = (section, name)
                    self._errors.append(ConfigError(
                        "CELL-1010", "{path}: {name} is a section of its own, and stands in {section}",
                        where=self._document.where_key(loc), do="remove the blanks before it and before its keys",
                        path=dotted(loc), name=name, section=section))  # fmt: skip
                    self._lost |= {(name,), *((section, key) for key in names[index:])}
                    for key in names[index:]:
                        inside.pop(key)
                    break

    def _take(self, found: list[Cause], model: type[BaseModel]) -> bool:
        """Report one round's mistakes and leave out what is wrong; False when nothing is left to look at."""
        explained = [(cause, explain(self._document, model, self._at, cause)) for cause in found]
        meant = {cause.loc: name for cause, error in explained if (name := self._meant(cause, error.nearest))}
        for cause, error in explained:
            missing = (*cause.loc, cause.missing) if cause.kind == "missing" else None
            if missing is not None and missing in meant.values():
                continue  # it is there, misspelt
            if not self._follows(cause):
                self._errors.append(error)
            if cause.loc in meant and cause.kind == "extra_forbidden":
                self._rename(cause.loc, meant[cause.loc])  # and look at its value too
            elif not self._leave_out(cause.loc, missing):
                return False
        return True

    def _meant(self, cause: Cause, close: str) -> Loc | None:
        """The key that an unknown one is surely meant to be, when that is not there as well."""
        if cause.kind != "extra_forbidden" or likeness(str(cause.loc[-1]), close) < SURE:
            return None
        loc = (*cause.loc[:-1], close)
        return None if (*self._at, *loc) in self._document.keys else loc

    def _follows(self, cause: Cause) -> bool:
        """Whether the mistake comes from something that was left out before."""
        here = (*self._at, *cause.loc)
        if cause.kind == "missing":
            return (*here, cause.missing) in self._lost
        inside = {str(loc[-1]) for loc in self._lost if len(loc) > len(here) and loc[: len(here)] == here}
        if cause.kind == "too_short":
            return bool(inside)
        return bool(inside) and any(name in str(cause.sentence) for name in inside)

    def _leave_out(self, loc: Loc, missing: Loc | None = None) -> bool:
        """Take a value out of the data; a list goes as a whole. False when that would be all of it."""
        cut = next((index for index, part in enumerate(loc) if isinstance(part, int)), len(loc))
        loc = loc[:cut]
        if not loc:
            return self._stand_in(missing)
        self._lost.add((*self._at, *loc))
        inside: Any = self._data
        for part in loc[:-1]:
            inside = inside.get(part) if isinstance(inside, dict) else None
        if isinstance(inside, dict):
            inside.pop(loc[-1], None)
        return True

    def _stand_in(self, missing: Loc | None) -> bool:
        if missing is None or missing[0] not in self._instead or not isinstance(self._data, dict):
            return False
        self._data[str(missing[0])] = self._instead[str(missing[0])]
        self._lost.add((*self._at, missing[0]))
        return True

    def _rename(self, written: Loc, meant: Loc) -> None:
        """Read a misspelt key as the one that is missing beside it."""
        inside: Any = self._data
        for part in written[:-1]:
            inside = inside.get(part) if isinstance(inside, dict) else None
        if not isinstance(inside, dict) or written[-1] not in inside:
            return  # left out with what it is part of
        inside[meant[-1]] = inside.pop(written[-1])
        source, target = (*self._at, *written), (*self._at, *meant)
        for places in (self._document.values, self._document.keys):
            for loc, where in list(places.items()):
                if loc[: len(source)] == source:
                    places.setdefault((*target, *loc[len(source) :]), where)

    def _result(self) -> Document:
        it = self._document
        return Document(it.file, self._data if not self._at else it.data, it.values, it.keys, frozenset(self._lost))


def _copied(data: Any) -> Any:
    """Mappings and lists anew, so that taking something out leaves the document as it is."""
    if isinstance(data, dict):
        return {key: _copied(value) for key, value in data.items()}
    return [_copied(value) for value in data] if isinstance(data, list) else data
