"""Paths in a device's settings: relative to the cell's file, or, written `data:NAME`, below the data folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, WithJsonSchema

from cellctl.errors import ConfigError

DATA = "data:"
"""`path: data:x_sdd` is `x_sdd` below the folder of `--data` or of the variable `CELLCTL_DATA`."""
DATA_VARIABLE = "CELLCTL_DATA"


class InputPathMark:
    """Stands in the annotation of a setting that names a file or a folder to read from."""


InputPath = Annotated[
    str, InputPathMark(), WithJsonSchema({"type": "string", "examples": ["data:x_sdd", "recordings/motor.npy"]})
]
"""A file or a folder to read from; an absolute path once the cell is resolved."""


def input_paths(settings: BaseModel) -> Iterator[tuple[str, str]]:
    """Key and value of every setting that is an input path."""
    for key, field in type(settings).model_fields.items():
        if any(isinstance(mark, InputPathMark) for mark in field.metadata):
            yield key, getattr(settings, key)


def resolve_input(written: str, folder: Path, data: Path | None) -> Path:
    """The absolute path that is meant.

    Args:
        written: as in the file.
        folder: of the file.
        data: the data folder, if one was given.

    Raises ConfigError CELL-1170 when the data folder is needed and missing, CELL-1171 when nothing is there.
    """
    if not written.startswith(DATA):
        return _existing((folder / written).absolute(), written)
    if data is None:
        raise ConfigError("CELL-1170", "{written!r} is below the data folder, and none is given",
                          do="add --data DIR, or set {variable}", written=written,
                          variable=DATA_VARIABLE)  # fmt: skip
    if not data.is_dir():
        raise ConfigError("CELL-1170", "the data folder {data} does not exist", do="correct --data or {variable}",
                          data=data, variable=DATA_VARIABLE)  # fmt: skip
    return _existing((data / written.removeprefix(DATA)).absolute(), written)


def _existing(path: Path, written: str) -> Path:
    try:
        str(path).encode()  # it goes into every record
        path.stat()
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte, or one that is no UTF-8
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ConfigError("CELL-1171", "cannot read {path}: {reason}",
                          do="correct {written!r}: it is relative to the file, or below the data folder as {data}NAME",
                          path=path, reason=reason, written=written, data=DATA) from error  # fmt: skip
    return path
