"""Which metres belong to which lot and recipe, and where splices lie: a table without gaps.

A stretch ends where the lot, the recipe or the splice flag changes. The boundary of a changeover is where the web stood
when it was announced, also when readings of later places have come before the word of it.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from cellctl.model.interval import ENDED, WENT_BACK

JUMP_MM = 1000.0
"""A web that is rewound for a splice goes back less; more is a counter that was reset."""
KEPT = 1000
"""Stretches remembered; the oldest go first. At one splice an hour they are weeks."""


class Stretch(NamedTuple):
    """A stretch of material `[from_mm, to_mm)`; `reason` says what ended it."""

    from_mm: float
    to_mm: float
    lot: str
    product: str
    splice: bool
    reason: str


class Genealogy:
    """Follows the web; methods return the stretches that have ended."""

    def __init__(self, lot: str, product: str) -> None:
        self._lot, self._product, self._splice = lot, product, False
        self._from_mm: float | None = None
        self._at_mm = 0.0
        self._ended: deque[Stretch] = deque(maxlen=KEPT)

    def go_on_from(self, stretches: list[Stretch]) -> None:
        """Go on after a restart with what is on record: the table has no gap there either."""
        self._ended.extend(stretches)
        if stretches:
            self._from_mm = self._at_mm = stretches[-1].to_mm

    def follow(self, position_mm: float, *, splice: bool) -> list[Stretch]:
        """The web is at this place now."""
        if self._from_mm is None:
            self._from_mm = self._at_mm = position_mm
            self._splice = splice
            return []
        ended = []
        if position_mm < self._at_mm - JUMP_MM:
            ended += self._end(self._at_mm, WENT_BACK)
            self._from_mm = self._at_mm = position_mm
        self._at_mm = max(self._at_mm, position_mm)
        if splice != self._splice:
            ended += self._end(self._at_mm, "a splice begins" if splice else "a splice ends")
            self._splice = splice
        return ended

    def change(self, lot: str, product: str, since_mm: float | None, reason: str) -> list[Stretch]:
        """Another lot or product runs, from `since_mm` on, or from where the web is when that is not known."""
        if (lot, product) == (self._lot, self._product):
            return []
        ended = []
        if self._from_mm is not None:
            boundary_mm = self._at_mm if since_mm is None else max(since_mm, self._from_mm)
            self._at_mm = max(self._at_mm, boundary_mm)
            ended = self._end(boundary_mm, reason)
        self._lot, self._product = lot, product
        return ended

    def end(self) -> list[Stretch]:
        """The run ends here; what was announced and of which no metre ran ends without length, so that it is seen."""
        nothing_ran = bool(self._ended) and self._at_mm == self._from_mm
        return self._end(self._at_mm, ENDED, even_without_length=nothing_ran)

    def where(self, s_mm: float) -> Stretch:
        """The stretch of a place; one before the first belongs to the first, one not reached yet to the running one."""
        if self._from_mm is None or s_mm >= self._from_mm or not self._ended:
            start_mm = s_mm if self._from_mm is None else self._from_mm
            return Stretch(start_mm, self._at_mm, self._lot, self._product, self._splice, "")
        for stretch in reversed(self._ended):
            if s_mm >= stretch.from_mm:
                return stretch
        return self._ended[0]

    def _end(self, to_mm: float, reason: str, *, even_without_length: bool = False) -> list[Stretch]:
        """End the running stretch, unless it has no length: then what follows takes its place."""
        if self._from_mm is None or (to_mm <= self._from_mm and not even_without_length):
            return []
        ended = Stretch(self._from_mm, to_mm, self._lot, self._product, self._splice, reason)
        self._ended.append(ended)
        self._from_mm = to_mm
        return [ended]
