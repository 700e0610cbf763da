"""Every move on record, whatever it was for, kept to the envelope that the run was made with."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from cellctl.config.resolved import DriftOver, ResolvedCell, Setpoint
from cellctl.evidence.canonical import restore
from cellctl.evidence.checks.base import Check, point_of, verdict
from cellctl.evidence.kinds import RecordKind, RunOpened
from cellctl.evidence.record import Record
from cellctl.model import Kind, Outcome, WritePhase, WriteResult


class EnvelopeChecker:
    """Holds each write result that may have moved something against range, step, drift and direction."""

    def __init__(self) -> None:
        self._cell: ResolvedCell | None = None
        self._moves: dict[tuple[str, Kind, str, float, float], WriteResult] = {}

    def see(self, record: Record) -> None:
        """Take the configuration and the results."""
        try:
            if record.kind == RecordKind.RUN_OPENED:
                self._cell = restore(restore(record.body, RunOpened).config, ResolvedCell)
            elif record.kind == RecordKind.RESULT:
                result = restore(record.body, WriteResult)
                if not (result.outcome is Outcome.REFUSED and result.phase is WritePhase.DECIDED):
                    move = (result.transaction, result.kind, result.tag, result.old, result.proposed)
                    self._moves.setdefault(move, result)
        except msgspec.ValidationError:
            return  # the checks of the opening and of the corrections report it

    def conclude(self) -> Check:
        """Say whether all of them did."""
        faults = [
            f"{result.transaction}: {result.kind} {fault}"
            for result in self._moves.values()
            for fault in _faults(result, point_of(self._cell, result.product, result.tag))
        ]
        return verdict("envelope", faults, f"{len(self._moves)} moves within range, step and drift")


def _faults(result: WriteResult, point: Setpoint | None) -> Iterator[str]:
    if point is None:
        yield f"moved {result.tag}, which has no envelope"
        return
    target, old, unit = result.proposed, result.old, point.unit
    slack = point.resolution / 2 + 1e-9 * max(1.0, abs(target))
    for value in (target, *(value for value in (result.written,) if value is not None)):
        if not point.minimum - slack <= value <= point.maximum + slack:
            yield f"asked for {value:g} {unit}, outside {point.minimum:g} … {point.maximum:g}"
    if not abs(target - old) <= point.per_event + slack:
        yield f"asked for {target:g} from {old:g} {unit}, too far for one move"
    between = min(old, point.recipe) - slack <= target <= max(old, point.recipe) + slack
    counts = point.drift_over is DriftOver.RECIPE
    if counts and not (between or abs(target - point.recipe) <= point.drift + slack):
        yield f"asked for {target:g} {unit}, too far from the recipe value {point.recipe:g}"
    if result.kind is Kind.RELEASE and not between:
        yield f"went from {old:g} to {target:g} {unit}, which is not towards the recipe value {point.recipe:g}"
