"""Names in messages: which known one is meant, and how much of a long value is shown."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from cellctl.errors import Text, text

SHOWN = 60
"""Characters of a value in a message: enough to find it, and a hostile file cannot fill the screen."""
LISTED = 12
"""Names that a remedy lists before it says how many more there are."""
COMPARED = 2000
"""Names that are compared in full; of more, those with the same first letter, so that large tables stay quick."""


def nearest(name: object, known: Iterable[str]) -> str:
    """The known name that is most like `name`; empty when none is."""
    wanted, names = str(name)[:200], list(known)
    if len(names) > COMPARED:
        names = [it for it in names if it[:1] == wanted[:1] and abs(len(it) - len(wanted)) <= 2][:COMPARED]
    lowered = {it.lower() for it in names}
    close = difflib.get_close_matches(wanted.lower(), lowered, n=LISTED)
    alike = {it: likeness(wanted, it) for it in close}
    best = [it for it in names if alike.get(it.lower(), 0.0) == max(alike.values(), default=1.0)]
    return best[0] if best else ""


def likeness(one: str, other: str) -> float:
    """How much of two names is the same, 0 to 1, upper and lower case alike."""
    return difflib.SequenceMatcher(None, other.lower(), one.lower()).ratio()


def shown(value: object) -> str | Text:
    """A value as it is written in a message, cut when it is long."""
    if value is None:
        return text("nothing")
    if isinstance(value, dict | list) and len(repr(value)) > SHOWN:
        if isinstance(value, list):
            return text("a list of {count}", count=len(value))
        return text("a mapping of {count} keys", count=len(value))
    written = repr(value[: 2 * SHOWN] if isinstance(value, str) else value)
    return written if len(written) <= SHOWN else f"{written[: SHOWN - 1]}…"


def listed(names: Iterable[str]) -> str | Text:
    """`a, b, c`, cut when there are many; `none` for no names."""
    every = sorted(set(names))
    rest = len(every) - LISTED
    if not every:
        return text("none")
    first = ", ".join(every[:LISTED])
    return text("{names}, … ({rest} more)", names=first, rest=rest) if rest > 0 else first
