"""A source's settings before the cell runs: paths made absolute, and the driver's own look at them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel

from cellctl.config import Document
from cellctl.config.checking.validation import dotted
from cellctl.config.source.document import Loc
from cellctl.config.source.input_path import input_paths, resolve_input
from cellctl.errors import ConfigError, ConfigErrors, text


def settle(document: Document, loc: Loc, kind: type[Any], settings: BaseModel, data: Path | None) -> dict[str, Any]:
    """The settings as the source's process will read them.

    Args:
        document: the cell's file; relative paths are relative to it.
        loc: of the device.
        kind: the driver's class; one with a class method `check(settings)` is asked what it says to them.
        settings: as the file has them.
        data: folder that `data:NAME` is below.

    Raises ConfigErrors with every mistake, each at its key.
    """
    folder = Path(document.file).parent
    errors, paths = [], {}
    for key, written in input_paths(settings):
        try:
            paths[key] = str(resolve_input(written, folder, data))
        except ConfigError as error:
            errors.append(_placed(document, (*loc, key), error))
    if errors:
        raise ConfigErrors(errors)
    settled = settings.model_copy(update=paths)
    check = getattr(kind, "check", None)
    if check is not None:
        try:
            check(settled)
        except ConfigError as error:
            raise _placed(document, (*loc, next(iter(paths), "driver")), error) from error
    return settled.model_dump(mode="json")


def _placed(document: Document, loc: Loc, error: ConfigError) -> ConfigError:
    """The error with the key that it is about, and its place in the file."""
    what = text("{path}: {problem}", path=dotted(loc), problem=error.what_text)
    return ConfigError(error.code, what, where=document.where(loc), do=error.do_text, nearest=error.nearest)
