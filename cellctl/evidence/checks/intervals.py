"""The table of metres → lot and recipe has no gap, and what names a lot or a recipe names that of its metres."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import msgspec

from cellctl.config.resolved import ResolvedCell
from cellctl.evidence.canonical import restore
from cellctl.evidence.checks.base import Check, verdict
from cellctl.evidence.kinds import RecordKind, RunOpened
from cellctl.evidence.record import Record
from cellctl.model import Correction, Interval, Nonconformity, Outcome, WriteResult
from cellctl.model.interval import ENDED, WENT_BACK

NEAR_MM = 5000.0
"""Around a boundary either recipe will do: guard, loop and supervisor hear of a changeover one after the other."""
FORMAT_WITH_INTERVALS = 2
"""Of the ledger; older runs have no such table."""


class _Claim(NamedTuple):
    """Who says that material at `s_mm` is of a lot."""

    name: str
    s_mm: float
    lot: str


class _Move(NamedTuple):
    """A confirmed move, where the web was, and by whose recipe it was judged."""

    name: str
    s_mm: float
    product: str


class IntervalChecker:
    """Holds the intervals against each other, and corrections and nonconformities against the intervals."""

    def __init__(self) -> None:
        self._intervals: list[Interval] = []
        self._claims: dict[str, _Claim] = {}
        self._moves: list[_Move] = []
        self._cell: ResolvedCell | None = None
        self._format = 1
        self._is_closed = False
        self._faults: list[str] = []

    def see(self, record: Record) -> None:
        """Take the intervals, and what names a lot."""
        try:
            self._take(record)
        except msgspec.ValidationError as error:
            if record.kind == RecordKind.INTERVAL:
                self._faults.append(f"record {record.sequence} cannot be read: {error}")

    def _take(self, record: Record) -> None:
        if record.kind == RecordKind.RUN_OPENED:
            opened = restore(record.body, RunOpened)
            self._format = opened.format
            self._cell = restore(opened.config, ResolvedCell)
        elif record.kind == RecordKind.INTERVAL:
            self._intervals.append(restore(record.body, Interval))
        elif record.kind == RecordKind.CORRECTION:
            correction = restore(record.body, Correction)
            self._claims[correction.transaction] = _Claim(correction.transaction, correction.alarm_s_mm, correction.lot)
        elif record.kind == RecordKind.NONCONFORMITY:
            report = restore(record.body, Nonconformity)
            self._claims[report.id] = _Claim(report.id, report.span.from_mm, report.lot)
        elif record.kind == RecordKind.RESULT:
            self._move(restore(record.body, WriteResult))
        self._is_closed = self._is_closed or record.kind == RecordKind.RUN_CLOSED

    def _move(self, result: WriteResult) -> None:
        if result.outcome is Outcome.CONFIRMED and result.product:
            self._moves.append(_Move(f"{result.transaction}: {result.kind}", result.encoder_mm, result.product))

    def conclude(self) -> Check:
        """Say whether the table is whole and everything agrees with it."""
        if self._format < FORMAT_WITH_INTERVALS:
            return Check("intervals", True, "none: the run is of an older format")
        if not self._intervals:
            return self._without()
        self._faults += _order(self._intervals)
        if self._is_closed and self._intervals[-1].reason != ENDED:
            self._faults.append("the last interval does not end with the run")
        for claim in self._claims.values():
            lots = _lots(self._intervals, claim.s_mm)
            if claim.lot not in lots and (self._is_closed or lots):  # else the table ends before it, as the run did
                place, known = claim.s_mm / 1000.0, " or ".join(sorted(lots)) or "no lot"
                self._faults.append(f"{claim.name} names the lot {claim.lot}, its metre {place:.3f} is of {known}")
        self._faults += self._products()
        lots = {it.lot for it in self._intervals}
        found = f"{len(self._intervals)} without a gap, {len(lots)} lots; {len(self._claims)} records name their lot"
        return verdict("intervals", self._faults, found)

    def _products(self) -> Iterator[str]:
        """Recipes that the cell does not have, and moves that were judged by the limits of another one."""
        known = {"", *self._cell.product_names} if self._cell is not None else {it.product for it in self._intervals}
        for number, it in enumerate(self._intervals, 1):
            if it.product not in known:
                yield f"interval {number} is of the recipe {it.product}, which the cell does not have"
        for move in self._moves:
            made = {it.product for it in self._intervals if it.from_mm - NEAR_MM <= move.s_mm < it.to_mm + NEAR_MM}
            if made and move.product not in made:
                yield f"{move.name} was judged by the recipe {move.product}, while {' or '.join(sorted(made))} was made"

    def _without(self) -> Check:
        """A web that nobody saw has no table; then nothing but the lot of the start can be named."""
        lots = {self._cell.lot} if self._cell is not None else set()
        strangers = [it for it in self._claims.values() if it.lot not in lots]
        if self._cell is not None and not self._cell.web.encoder:
            strangers = []  # metres mean nothing there
        faults = [*self._faults, *(f"{it.name} names the lot {it.lot}, and no interval does" for it in strangers)]
        return verdict("intervals", faults, "none: the encoder was never read")


def _order(intervals: list[Interval]) -> Iterator[str]:
    for number, it in enumerate(intervals, 1):
        nothing_ran = 1 < number == len(intervals) and it.reason == ENDED and it.from_mm == it.to_mm
        if not (it.from_mm < it.to_mm or nothing_ran):
            yield f"interval {number} ends at {it.to_mm:g} mm, where it begins or before"
    for number, (before, after) in enumerate(pairwise(intervals), 1):
        if before.to_mm != after.from_mm and before.reason != WENT_BACK:
            yield f"after interval {number} the table goes on at {after.from_mm:g} mm instead of {before.to_mm:g} mm"


def _lots(intervals: list[Interval], s_mm: float) -> set[str]:
    """The lots that material at this place may be of; before the first one it is of the first."""
    found = {it.lot for it in intervals if it.from_mm <= s_mm < it.to_mm}
    if s_mm < intervals[0].from_mm:
        found.add(intervals[0].lot)
    return found
