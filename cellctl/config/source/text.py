"""Reads a configuration file as text, and finds what no editor shows: foreign encodings and control characters."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from cellctl.config.source.near import near
from cellctl.errors import ConfigError, Where

MAX_BYTES = 1_000_000
"""No cell needs more; a larger file is a mistake or an attack."""

_FOREIGN = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Control characters, halves of surrogates, and the line breaks that editors do not count (NEL, LS, PS)."""
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def read_text(path: Path) -> str:
    """Text of a configuration file; ConfigError when it cannot be read, is too large or is not UTF-8."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise ConfigError(
            "CELL-1001", "cannot read the configuration: {reason}", where=Where(str(path)),
            nearest=near(path) if isinstance(error, FileNotFoundError | IsADirectoryError) else "",
            do="check the path and the file's permissions", reason=reason(error),
        ) from error  # fmt: skip
    if len(raw) > MAX_BYTES:
        raise ConfigError(
            "CELL-1005", "expected at most {limit} bytes, got more", where=Where(str(path), 1, 1),
            do="split the file, or check that it is the right one", limit=MAX_BYTES,
        )  # fmt: skip
    text = decode(raw, str(path), "CELL-1002")
    refuse_foreign(text, str(path))
    return text


def decode(raw: bytes, file: str, code: str) -> str:
    """Bytes as UTF-8, with or without its mark; ConfigError with the place of what is not."""
    found = _MARKS.get(raw[:2])
    if found is not None:
        raise ConfigError(code, "expected UTF-8 text, got {found}", where=Where(file, 1, 1),
                          do="save the file as UTF-8", found=found)  # fmt: skip
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        mark = 3 if raw.startswith(b"\xef\xbb\xbf") else 0  # the codec counts from behind it
        start = error.start + mark
        before = raw[mark:start].decode("utf-8", errors="replace")
        raise ConfigError(code, "expected UTF-8 text, got byte 0x{byte:02x}", where=place(before, len(before), file),
                          do="save the file as UTF-8", byte=raw[start]) from error  # fmt: skip


def refuse_foreign(text: str, file: str) -> None:
    """ConfigError CELL-1037 at the first character that would shift the line count or is no text at all."""
    found = _FOREIGN.search(text)
    if found is not None:
        point = ord(found[0])
        name = unicodedata.name(found[0], "control character")
        raise ConfigError(
            "CELL-1037", "expected text, got the character U+{point:04X} ({name})",
            where=place(text, found.start(), file), do="delete it, or write an ordinary line break or blank",
            point=point, name=name.lower(),
        )  # fmt: skip


def foreign(text: str) -> str:
    """The first character of `text` that is no text, empty if all are."""
    found = _FOREIGN.search(text)
    return found[0] if found is not None else ""


def place(text: str, offset: int, file: str) -> Where:
    """Line and column of an offset, as an editor counts them."""
    line, start = 1, 0
    for found in _LINE_BREAK.finditer(text, 0, offset):
        line, start = line + 1, found.end()
    return Where(file, line, offset - start + 1)


def reason(error: Exception) -> str:
    """Why the system could not open a file, without the path that stands beside it already."""
    return getattr(error, "strerror", None) or str(error)
