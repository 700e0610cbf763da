"""Every regulating move was one that the configuration allows, and the reports count no more moves than there were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from cellctl.config.resolved import ResolvedCell, Setpoint
from cellctl.evidence.canonical import restore
from cellctl.evidence.checks.base import Check, point_of, verdict
from cellctl.evidence.kinds import RecordKind, RunOpened
from cellctl.evidence.record import Record
from cellctl.model import Kind, Outcome, Regulation, WritePhase, WriteResult


class RegulationChecker:
    """Holds the results of regulating moves against the configuration, and the regulators' reports against them."""

    def __init__(self) -> None:
        self._cell: ResolvedCell | None = None
        self._results: list[WriteResult] = []
        self._reported: Counter[str] = Counter()
        self._names: set[str] = set()
        self._faults: list[str] = []

    def see(self, record: Record) -> None:
        """Take the configuration, the results of regulating moves and the reports."""
        try:
            if record.kind == RecordKind.RUN_OPENED:
                self._cell = restore(restore(record.body, RunOpened).config, ResolvedCell)
            elif record.kind == RecordKind.RESULT:
                result = restore(record.body, WriteResult)
                if result.kind is Kind.REGULATE:
                    self._results.append(result)
            elif record.kind == RecordKind.REGULATION:
                self._report(restore(record.body, Regulation))
        except msgspec.ValidationError as error:
            if record.kind == RecordKind.REGULATION:
                self._faults.append(f"record {record.sequence} cannot be read: {error}")

    def conclude(self) -> Check:
        """Say whether moves and reports agree with the configuration and with each other."""
        regulators = {it.name: it for it in self._cell.regulators} if self._cell else {}
        owners = {put.tag: it.name for it in regulators.values() for put in it.inputs if it.authority == "auto"}
        for result in self._results:
            faults = _move(result, owners, point_of(self._cell, result.product, result.tag))
            self._faults += [f"{result.transaction}: {fault}" for fault in faults]
        confirmed = Counter(owners.get(it.tag, "") for it in self._results if _in_force(it))
        for name in sorted(self._names - regulators.keys()):
            self._faults.append(f"{name}: reports of a regulator that the configuration does not have")
        for name, moves in sorted(self._reported.items()):
            if moves > confirmed[name]:
                self._faults.append(f"{name}: reports {moves} moves, {confirmed[name]} were confirmed")
        moves = sum(confirmed.values())
        return verdict("regulation", self._faults, f"{moves} moves of {len(regulators)} regulators confirmed in force")

    def _report(self, report: Regulation) -> None:
        self._names.add(report.regulator)
        self._reported[report.regulator] += report.moves
        if not (0.0 <= report.outside <= 1.0 and 0.0 <= report.frozen <= 1.0 and report.moves >= 0):
            self._faults.append(f"{report.regulator}: a report with shares outside 0 … 1")


def _in_force(result: WriteResult) -> bool:
    return result.phase is WritePhase.TARGET and result.outcome is Outcome.CONFIRMED


def _move(result: WriteResult, owners: dict[str, str], point: Setpoint | None) -> Iterator[str]:
    """What is wrong with one result of a regulating move."""
    if result.outcome is Outcome.REFUSED and result.phase is WritePhase.DECIDED:
        return
    owner = owners.get(result.tag)
    if owner is None or point is None:
        yield f"moved {result.tag}, which no regulator with authority may move"
        return
    if result.transaction.rpartition("-")[0] != owner:
        yield f"moved {result.tag}, which belongs to {owner}"
    slack = point.resolution / 2 + 1e-9 * max(1.0, abs(result.proposed))
    if not point.minimum - slack <= result.proposed <= point.maximum + slack:
        yield f"asked for {result.proposed:g} {point.unit}, outside its envelope"
    if not abs(result.proposed - result.old) <= point.per_event + slack:
        yield f"asked for {result.proposed:g} from {result.old:g} {point.unit}, too far for one move"
    if _in_force(result) and not (result.in_force is not None and abs(result.in_force - result.proposed) <= slack):
        yield f"confirmed, but {result.in_force} is in force instead of {result.proposed:g}"
