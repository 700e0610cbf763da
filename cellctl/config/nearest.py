"""Names in messages: which known one is meant, and how much of a long value is shown."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

SHOWN = 60
"""Characters of a value in a message: enough to find it, and a hostile file cannot fill the screen."""
LISTED = 12
"""Names that a remedy lists before it says how many more there are."""
COMPARED = 2000
"""Names that are compared in full; of more, those with the same first letter, so that large tables stay quick."""


def nearest(name: object, known: Iterable[str]) -> str:
    """The known name that is most like `name`; empty when none is."""
    text, names = str(name)[:200], list(known)
    if len(names) > COMPARED:
        names = [it for it in names if it[:1] == text[:1] and abs(len(it) - len(text)) <= 2][:COMPARED]
    lowered = {it.lower() for it in names}
    close = difflib.get_close_matches(text.lower(), lowered, n=LISTED)
    alike = {it: likeness(text, it) for it in close}
    best = [it for it in names if alike.get(it.lower(), 0.0) == max(alike.values(), default=1.0)]
    return best[0] if best else ""


def likeness(one: str, other: str) -> float:
    """How much of two names is the same, 0 to 1, upper and lower case alike."""
    return difflib.SequenceMatcher(None, other.lower(), one.lower()).ratio()


def shown(value: object) -> str:
    """A value as it is written in a message, cut when it is long."""
    if value is None:
        return "nothing"
    text = repr(value[: 2 * SHOWN] if isinstance(value, str) else value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def listed(names: Iterable[str]) -> str:
    """`a, b, c`, cut when there are many; `none` for no names."""
    every = sorted(set(names))
    rest = len(every) - LISTED
    return ", ".join(every[:LISTED]) + (f", … ({rest} more)" if rest > 0 else "") if every else "none"
