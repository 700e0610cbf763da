"""One correction is one transaction: its proposal, what the guard did with it, its states and its verdict."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

import msgspec

from cellctl.model.inspection import DefectObject
from cellctl.model.message import Egress, Message
from cellctl.model.quality import Quality
from cellctl.model.web import Side


class Kind(StrEnum):
    """Why a set-point is to be moved."""

    STEP = "step"
    """A correction that is to be verified."""
    ROLLBACK = "rollback"
    """Back to the value before an unverified correction."""
    RETURN = "return"
    """Second half of a momentary request: back to the value before it, as part of the move."""
    RELEASE = "release"
    """An effective correction goes back towards the recipe, to see whether it is still needed."""
    REGULATE = "regulate"
    """A regulator's move; its success is seen in the characteristic that it holds, not tested one by one."""


class Proposal(Message, frozen=True, kw_only=True):
    """A set-point move that a loop asks the guard for; `stamp` is the time of the decision.

    Attributes:
        transaction: unique within the run, `<loop>-<side>-<number>`.
        loop: name of the loop in the configuration.
        kind: why the set-point is to be moved.
        tag: `<device>.<name>` of the set-point.
        target: value asked for, in `unit`.
        unit: must be the tag's unit.
        epoch: the cell's epoch when it was decided; an older epoch is refused.
        exposure_ns: exposure of the last line of the block in which the deciding object closed.
        first_line_ns: exposure of that block's first line.
        confidence: of the weakest object that the decision rests on.
        quality: worst quality of what the decision rests on.
    """

    transaction: str
    loop: str
    kind: Kind
    tag: str
    target: float
    unit: str
    epoch: int
    exposure_ns: int
    first_line_ns: int
    confidence: float
    quality: Quality


class Outcome(StrEnum):
    """What the guard can say of a proposal; nothing else is ever assumed."""

    CONFIRMED = "CONFIRMED"
    REFUSED = "REFUSED"
    UNKNOWN = "UNKNOWN"


TAKEN_OVER = "taken over:"
"""How the guard begins its reason when somebody else moved the set-point during a ramp."""


class WritePhase(StrEnum):
    """Which moment of the move a result reports."""

    DECIDED = "decided"
    """The guard accepted (or refused) and the intent is on disk."""
    FIRST_INCREMENT = "first-increment"
    """The first increment of the ramp is in force."""
    TARGET = "target"
    """The target is in force."""


class WriteResult(Message, frozen=True, kw_only=True):
    """What became of a proposal at one of its moments; `stamp` is that moment.

    Attributes:
        transaction: of the proposal.
        kind: of the proposal.
        phase: the moment reported.
        outcome: CONFIRMED only when the sequence was echoed and the in-force value is within tolerance.
        reason: why it was refused or is unknown, else empty.
        tag: the set-point.
        old: in-force value when the proposal was decided.
        proposed: the proposal's target.
        written: last value that a write request asked for, answered or not, None when none went out.
        in_force: last in-force value read back, None when none was.
        unit: of all four values.
        registers: the bytes of the last write request as it went out, answered or not, hex.
        encoder_mm: encoder position at `stamp`.
        intent_ns: when the intent was safely on disk (0 before).
        written_ns: when the PLC acknowledged the last write request (0 before, and when it never did: a request that
            went out unanswered, or was answered with an exception, has `registers` and `written` but no time).
        exposure_ns: of the proposal.
        first_line_ns: of the proposal.
        product: whose recipe the guard judged it by; empty: the one that the cell started with.
    """

    transaction: str
    kind: Kind
    phase: WritePhase
    outcome: Outcome
    reason: str
    tag: str
    old: float
    proposed: float
    written: float | None
    in_force: float | None
    unit: str
    registers: str
    encoder_mm: float
    intent_ns: int
    written_ns: int
    exposure_ns: int
    first_line_ns: int
    product: str = ""

    @property
    def was_taken_over(self) -> bool:
        """Whether the guard ended a ramp because somebody else moved the set-point, or has it now."""
        return self.outcome is not Outcome.CONFIRMED and self.reason.startswith(TAKEN_OVER)


class TransactionState(StrEnum):
    """The life of a correction: under way, its verdict, and for an effective one what its release showed."""

    PROPOSED = "PROPOSED"
    GUARDED = "GUARDED"
    WRITTEN = "WRITTEN"
    IN_FORCE = "IN_FORCE"
    WAITING = "WAITING"
    VERIFYING = "VERIFYING"
    ROLLING_BACK = "ROLLING_BACK"
    REFUSED = "REFUSED"
    EFFECTIVE = "EFFECTIVE"
    INEFFECTIVE_ROLLED_BACK = "INEFFECTIVE_ROLLED_BACK"
    UNDECIDED = "UNDECIDED"
    CONFOUNDED = "CONFOUNDED"
    RELEASING = "RELEASING"
    RESTORED = "RESTORED"
    STILL_NEEDED = "STILL_NEEDED"
    PROVEN = "PROVEN"

    @property
    def is_verdict(self) -> bool:
        """Whether the correction has been judged: this is a verdict, or a state that follows EFFECTIVE."""
        return self in VERDICT_STATES

    @property
    def was_effective(self) -> bool:
        """Whether the verdict was EFFECTIVE, whatever its release has shown since."""
        return self in EFFECTIVE_STATES


EFFECTIVE_STATES = frozenset(
    {
        TransactionState.EFFECTIVE,
        TransactionState.RELEASING,
        TransactionState.RESTORED,
        TransactionState.STILL_NEEDED,
        TransactionState.PROVEN,
    }
)

VERDICT_STATES = EFFECTIVE_STATES | {
    TransactionState.REFUSED,
    TransactionState.INEFFECTIVE_ROLLED_BACK,
    TransactionState.UNDECIDED,
    TransactionState.CONFOUNDED,
}


class CurvePoint(msgspec.Struct, frozen=True):
    """One point of the sequential test: inspected metres, events, log-likelihood ratio."""

    metres: float
    events: int
    llr: float


class Evidence(msgspec.Struct, frozen=True):
    """One object that a decision rests on, as the correction's record keeps it."""

    object_id: str
    defect: str
    confidence: float
    s_mm: float
    roi: str
    features: tuple[float, ...]


def evidence_of(found: DefectObject) -> Evidence:
    """The part of an object that a record keeps."""
    return Evidence(
        object_id=found.id,
        defect=found.defect,
        confidence=found.confidence,
        s_mm=found.web.s_mm,
        roi=found.roi,
        features=found.features,
    )


class Released(msgspec.Struct, frozen=True):
    """How an effective correction was taken back, and what was seen after it.

    Attributes:
        target: value that the set-point went back to, in the correction's unit.
        in_force_ns: when that value was confirmed in force (0 before).
        from_mm: material from here on was made after it (0 before it is known).
        metres: inspected material seen since, m.
        judged: False once something spoilt the watch; then it says nothing about the fault.
        objects: of the class in that material, which raised the alarm again.
    """

    target: float
    in_force_ns: int = 0
    from_mm: float = 0.0
    metres: float = 0.0
    judged: bool = True
    objects: tuple[Evidence, ...] = ()


class Sample(msgspec.Struct, frozen=True):
    """Readings of one characteristic over a stretch of material.

    Attributes:
        count: readings.
        mean: their mean, in the characteristic's unit.
        sd: their standard deviation (n - 1).
        lag1: their autocorrelation at one reading.
    """

    count: int
    mean: float
    sd: float
    lag1: float


class ValueShift(msgspec.Struct, frozen=True):
    """A protected characteristic before and after a move, over the same length of material.

    Attributes:
        before: material made before the move.
        after: material made after it.
        length_m: length of either stretch, m.
        change: largest shift of the mean allowed, in the characteristic's unit.
        margin: half-width of the one-sided interval of the shift, in the same unit.
    """

    before: Sample
    after: Sample
    length_m: float
    change: float
    margin: float


class Correction(Message, frozen=True, kw_only=True):
    """The whole record of one correction, sent at every change of its state; `stamp` is that change.

    Attributes:
        transaction: unique within the run.
        loop: name of the loop.
        defect: the class whose rate is to fall.
        side: the coated edge.
        state: where the transaction stands.
        reason: what led to this state, in words.
        rule: the law, the test and the influence entry that led to the move, in words.
        model: SHA-256 of the classifier, hex.
        config: SHA-256 of the resolved configuration, hex.
        lot: the running lot.
        evidence: the objects that raised the alarm.
        tag: the set-point.
        unit: of the values.
        old: in-force value before.
        proposed: the target.
        written: last value written.
        in_force: last value confirmed in force.
        registers: bytes of the first and of the last write request, hex.
        alarm_s_mm: material position of the deciding object.
        verify_from_mm: material from here on counts for the verdict (0 before it is known).
        baseline_per_m: the honest baseline rate of the test (§ loop/estimate/baseline.py).
        curve: the test's curve so far.
        protected: class → (events, metres) before and after, as measured.
        times_ns: state → monotonic time of entering it.
        exposure_ns: exposure of the deciding block's last line.
        first_line_ns: exposure of its first line.
        first_in_force_ns: first increment confirmed in force (0 before).
        target_in_force_ns: the whole move confirmed in force (0 before).
        confirms: transaction that this one repeats after its release brought the fault back, else empty.
        confirmed_by: transaction that repeated this one with success (PROVEN), else empty.
        released: the way back, once one was asked for.
        protected_values: characteristic → its readings before and after, as measured.
        product: whose recipe held; empty: the one that the cell started with.
    """

    egress: ClassVar[Egress] = Egress.FEATURES

    transaction: str
    loop: str
    defect: str
    side: Side
    state: TransactionState
    reason: str
    rule: str
    model: str
    config: str
    lot: str
    evidence: tuple[Evidence, ...]
    tag: str
    unit: str
    old: float
    proposed: float
    written: float | None
    in_force: float | None
    registers: tuple[str, ...]
    alarm_s_mm: float
    verify_from_mm: float
    baseline_per_m: float
    curve: tuple[CurvePoint, ...]
    protected: dict[str, tuple[int, float, int, float]]
    times_ns: dict[str, int]
    exposure_ns: int
    first_line_ns: int
    first_in_force_ns: int
    target_in_force_ns: int
    confirms: str = ""
    confirmed_by: str = ""
    released: Released | None = None
    protected_values: dict[str, ValueShift] = {}
    product: str = ""
