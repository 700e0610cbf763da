"""Which files a device reads, and in which order: by name, the same at every run and on every machine."""

from __future__ import annotations

import os
import stat
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from cellctl.errors import ConfigError, PlantError


class FoundFile(NamedTuple):
    """One file to be read.

    Attributes:
        path: where it is.
        origin: its name in messages: the path below the folder, with forward slashes, and with an escape for what
            cannot be printed or is no text: a file may have any bytes in its name.
    """

    path: Path
    origin: str


class FileChoice(NamedTuple):
    """Which files of a folder count.

    Attributes:
        suffixes: endings, in lower case; what has another is not looked at.
        pattern: of the name, such as `*_top.png`; empty for every name.
        recursive: whether folders below count too. Links to folders are not followed.
    """

    suffixes: tuple[str, ...]
    pattern: str
    recursive: bool

    def takes(self, name: str) -> bool:
        """Whether a name counts."""
        if self.pattern and not fnmatchcase(name, self.pattern):
            return False
        return name.lower().endswith(self.suffixes)


def find_files(root: Path, choice: FileChoice) -> list[FoundFile]:
    """The file itself, or every file of a folder by name. What cannot be read is in the list too: it is reported.

    Raises PlantError CELL-2020 when the folder cannot be listed.
    """
    if not root.is_dir():
        return [FoundFile(root, printable(root.name))]
    return [FoundFile(root / inside, printable(inside)) for inside in sorted(_below(root, "", choice))]


def printable(name: str) -> str:
    """A file's name that can be stored as text and shown on a terminal, whatever bytes it is made of."""
    if name.isprintable():
        return name
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in name)


def _below(root: Path, inside: str, choice: FileChoice) -> list[str]:
    """Names below the root, as the file system has them."""
    found = []
    try:
        entries = list(os.scandir(root / inside))
    except OSError as error:
        raise PlantError("CELL-2020", "cannot list the folder {path}: {reason}", do="correct its permissions",
                         path=root / inside, reason=error.strerror or str(error)) from error  # fmt: skip
    for entry in entries:
        origin = f"{inside}{entry.name}"
        if choice.takes(entry.name):
            found.append(origin)
        elif choice.recursive and entry.is_dir(follow_symlinks=False):
            found += _below(root, f"{origin}/", choice)
    return found


def check_files(root: Path, choice: FileChoice) -> None:
    """ConfigError CELL-1172 when there is nothing to read at all."""
    try:
        found = find_files(root, choice)
    except PlantError as error:
        raise ConfigError("CELL-1171", error.what_text, do=error.do_text) from error
    if not found:
        raise ConfigError("CELL-1172", "no file to read in {path}: expected names that end in {suffixes}",
                          do="correct the path, or `pattern` and `recursive`", path=root,
                          suffixes=", ".join(choice.suffixes))  # fmt: skip


def why_unreadable(path: Path, most_bytes: int) -> str:
    """Why a file cannot be read at all, or nothing. Pipes and devices are refused: reading them may never end."""
    try:
        found = path.stat()
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    if stat.S_ISDIR(found.st_mode):
        return "a folder, not a file"
    if not stat.S_ISREG(found.st_mode):
        return "not a regular file"
    if found.st_size == 0:
        return "an empty file"
    if found.st_size > most_bytes:
        return f"{found.st_size} bytes, more than the {most_bytes} that are read"
    return "" if os.access(path, os.R_OK) else "cannot be read: Permission denied"
