"""The growing record of one correction: facts at the decision, and what became of them."""

from __future__ import annotations

from typing import NamedTuple

from cellctl.config.resolved import Loop
from cellctl.model.correction import (
    Correction,
    CurvePoint,
    Evidence,
    Kind,
    Released,
    TransactionState,
    ValueShift,
    WritePhase,
    WriteResult,
)
from cellctl.model.message import Stamp
from cellctl.model.quality import Quality

NO_EPOCH = -1
"""The epoch of a restored correction: its own has gone with the process that knew it."""

MEASURED = ("curve", "protected", "protected_values", "released", "confirmed_by")


class Facts(NamedTuple):
    """What was known when the correction was decided; none of it changes later.

    Attributes:
        transaction: unique within the run.
        evidence: the objects of the run that raised the alarm, the deciding one last.
        rule: the law, the test and the influence entry, in words.
        model: SHA-256 of the classifier.
        config: SHA-256 of the resolved configuration.
        lot: the running lot.
        old: in-force value as last read.
        target: value asked for.
        baseline_per_m: honest baseline rate of the test.
        alarm_s_mm: material position of the deciding object.
        epoch: of the cell.
        trace: of the deciding frame.
        exposure_ns: exposure of the deciding block's last line.
        first_line_ns: exposure of its first line.
        received_ns: when the camera driver had it.
        judged_ns: when it was judged.
        decided_ns: when the correction was decided.
        confirms: transaction that this one repeats, after its release brought the fault back.
        product: whose recipe holds; empty: the one that the cell started with.
        quality: of the inspection in which the deciding object closed.
    """

    transaction: str
    evidence: tuple[Evidence, ...]
    rule: str
    model: str
    config: str
    lot: str
    old: float
    target: float
    baseline_per_m: float
    alarm_s_mm: float
    epoch: int
    trace: int
    exposure_ns: int
    first_line_ns: int
    received_ns: int
    judged_ns: int
    decided_ns: int
    quality: Quality
    confirms: str = ""
    product: str = ""


class Record:
    """One correction as it is written down."""

    def __init__(self, facts: Facts, loop: Loop) -> None:
        self.facts = facts
        self.loop = loop
        self.state = TransactionState.PROPOSED
        self.reason = ""
        self.old = facts.old
        self.written: float | None = None
        self.in_force: float | None = None
        self.verify_from_mm = 0.0
        self.first_in_force_ns = 0
        self.target_in_force_ns = 0
        self.curve: tuple[CurvePoint, ...] = ()
        self.protected: dict[str, tuple[int, float, int, float]] = {}
        self.protected_values: dict[str, ValueShift] = {}
        self.released: Released | None = None
        self.confirmed_by = ""
        self._registers: list[str] = []
        self._times_ns: dict[str, int] = {}

    @staticmethod
    def restored(correction: Correction, loop: Loop) -> Record:
        """The record as it was last sent; what only the decision needed (its epoch, its stages) is not in it."""
        facts = Facts(
            transaction=correction.transaction,
            evidence=correction.evidence,
            rule=correction.rule,
            model=correction.model,
            config=correction.config,
            lot=correction.lot,
            product=correction.product,
            old=correction.old,
            target=correction.proposed,
            baseline_per_m=correction.baseline_per_m,
            alarm_s_mm=correction.alarm_s_mm,
            epoch=NO_EPOCH,
            trace=correction.trace,
            exposure_ns=correction.exposure_ns,
            first_line_ns=correction.first_line_ns,
            received_ns=0,
            judged_ns=0,
            decided_ns=correction.stamp.t_ns,
            confirms=correction.confirms,
            quality=Quality.UNCERTAIN_LAST_USABLE,
        )
        record = Record(facts, loop)
        record.state, record.reason = correction.state, correction.reason
        for name in ("written", "in_force", "verify_from_mm", "first_in_force_ns", "target_in_force_ns", *MEASURED):
            setattr(record, name, getattr(correction, name))
        record._registers = list(correction.registers)
        record._times_ns = dict(correction.times_ns)
        return record

    def enter(self, state: TransactionState, reason: str, now_ns: int) -> None:
        """A new state begins."""
        self.state = state
        self.reason = reason
        self._times_ns[state.value] = now_ns

    def take(self, result: WriteResult) -> None:
        """Keep what the guard reports, whatever it means for the state."""
        if result.registers:
            self._registers[1:] = [result.registers]
        self.written = result.written if result.written is not None else self.written
        self.in_force = result.in_force if result.in_force is not None else self.in_force
        if result.kind is Kind.STEP and result.phase is WritePhase.DECIDED:
            self.old = result.old

    def message(self, now_ns: int) -> Correction:
        """The record as it stands."""
        facts, loop = self.facts, self.loop
        return Correction(
            stamp=Stamp(now_ns),
            trace=facts.trace,
            transaction=facts.transaction,
            loop=loop.name,
            defect=loop.watch.defect,
            side=loop.side,
            state=self.state,
            reason=self.reason,
            rule=facts.rule,
            model=facts.model,
            config=facts.config,
            lot=facts.lot,
            product=facts.product,
            evidence=facts.evidence,
            tag=loop.tag,
            unit=loop.unit,
            old=self.old,
            proposed=facts.target,
            written=self.written,
            in_force=self.in_force,
            registers=tuple(self._registers),
            alarm_s_mm=facts.alarm_s_mm,
            verify_from_mm=self.verify_from_mm,
            baseline_per_m=facts.baseline_per_m,
            curve=self.curve,
            protected=self.protected,
            times_ns=dict(self._times_ns),
            exposure_ns=facts.exposure_ns,
            first_line_ns=facts.first_line_ns,
            first_in_force_ns=self.first_in_force_ns,
            target_in_force_ns=self.target_in_force_ns,
            confirms=facts.confirms,
            confirmed_by=self.confirmed_by,
            released=self.released,
            protected_values=self.protected_values,
        )
