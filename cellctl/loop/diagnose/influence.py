"""From a defect class to the set-point that can cure it: the influence matrix, or "not fixable here".

The matrix is the configuration's `defects`: one row per class, and in it the expected change of ln(rate)
per +1 step of each set-point. A class without a row, or whose row is empty or zero for the tags asked
about, is not fixable here; no move is ever made for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cellctl.config.resolved import Defect


class Remedy(NamedTuple):
    """The set-point to move, the sign of the step, and the influence it rests on (ln rate per +1 step)."""

    tag: str
    sign: int
    influence: float


WORDS = Remedy("", 1, 0.0)
"""Of a loop that moves nothing: what a person will do, and what it will change, is not known."""


def diagnose(row: Defect | None, tags: Iterable[str]) -> Remedy | None:
    """The strongest remedy among `tags` for the class of `row`; None when it is not fixable here."""
    if row is None:
        return None
    known = [(tag, row.influence[tag].per_step) for tag in tags if tag in row.influence]
    tag, influence = max(known, key=lambda entry: abs(entry[1]), default=("", 0.0))
    return Remedy(tag, -1 if influence > 0.0 else 1, influence) if influence else None
