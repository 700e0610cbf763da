"""`cellctl migrate`: bring a cell file of an older version up to the newest."""

from __future__ import annotations

import difflib
from pathlib import Path

from rich.console import Console

from cellctl.cli.language import say
from cellctl.config.migrate import NEWEST
from cellctl.config.migrate import migrate as migrated
from cellctl.config.source.text import read_text
from cellctl.errors import ConfigError, Where

MARK = b"\xef\xbb\xbf"
"""With which some editors begin a UTF-8 file; it stays."""


def migrate(file: Path, *, write: bool = False) -> None:
    """Show what a newer version of cellctl needs changed in a cell file, and change it with --write.

    Only what must change is touched: comments, order, quotes and layout of everything else stay as they are. With
    --write the old file is kept beside it as FILE.bak.

    Example: `cellctl migrate cell.yaml`, and `cellctl migrate cell.yaml --write`

    Args:
        file: the cell's YAML file.
        write: change the file; without it nothing is written.
    """
    console = Console(highlight=False)
    before = read_text(file)
    after, found = migrated(before, str(file))
    if found == NEWEST:
        console.print(say("{file} is of version {newest} already", file=file, newest=NEWEST), markup=False)
        return
    for line in difflib.unified_diff(before.splitlines(), after.splitlines(), f"{file}", f"{file} (version {NEWEST})",
                                     lineterm=""):  # fmt: skip
        console.print(line, markup=False, soft_wrap=True)
    if not write:
        console.print(say("nothing was written; add --write to change the file"), markup=False)
        return
    kept = _write(file, after)
    console.print(
        say("{file} is of version {newest} now; the old one is {kept}", file=file, newest=NEWEST, kept=kept),
        markup=False, soft_wrap=True,
    )  # fmt: skip


def _write(file: Path, after: str) -> Path:
    """Keep the old file, and put the new one in its place at once; returns where the old one is."""
    kept = next(path for number in range(1, 1000) if not (path := _backup(file, number)).exists())
    new = file.with_name(f".{file.name}.new")
    old = file.read_bytes()
    try:
        kept.write_bytes(old)
        new.write_bytes((MARK if old.startswith(MARK) else b"") + after.encode())
        new.chmod(file.stat().st_mode & 0o777)
        new.replace(file)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise ConfigError("CELL-1158", "cannot write the migrated file: {reason}", where=Where(str(file)),
                          do="check the folder's permissions; the file is as it was", reason=error.strerror
        ) from error  # fmt: skip
    return kept


def _backup(file: Path, number: int) -> Path:
    return file.with_name(f"{file.name}.bak{number if number > 1 else ''}")
