"""Writes new files, and never over one that is there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cellctl.errors import ConfigError


def write_tree(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """Write texts by their path inside `folder`; returns the paths.

    Raises ConfigError CELL-1220 before the first byte is written when one of them is there already, or when the folder
    cannot be made.
    """
    paths = {folder / name: text for name, text in files.items()}
    for path in paths:
        if path.exists() or path.is_symlink():
            raise ConfigError("CELL-1220", "{path} is there already, and nothing was written",
                              do="choose another folder, or move the file away", path=path)  # fmt: skip
    try:
        for path, text in paths.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
    except OSError as error:
        raise ConfigError("CELL-1223", "{path} cannot be written: {reason}", do="choose a folder that you may write to",
                          path=error.filename or folder, reason=error.strerror or error) from error  # fmt: skip
    return list(paths)
