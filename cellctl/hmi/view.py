"""Everything a face of the cell shows, as plain data: no behaviour, no colours, no widgets."""

from __future__ import annotations

import msgspec


class DefectRow(msgspec.Struct, frozen=True):
    """One class on one side.

    Attributes:
        defect: class name.
        side: `left`, `right` or `none`.
        recent: objects within the last `RECENT_M` of material.
        recent_per_m: their rate.
        total: objects since the run began.
        total_per_m: their rate.
        alarm_per_m: the rate at which a loop acts, None when no loop watches the class.
    """

    defect: str
    side: str
    recent: int
    recent_per_m: float
    total: int
    total_per_m: float
    alarm_per_m: float | None = None


class CorrectionRow(msgspec.Struct, frozen=True):
    """One correction: what was moved, and what the test says.

    Attributes:
        transaction: its name.
        defect: class whose rate is to fall.
        side: the coated edge.
        state: of the transaction.
        reason: what led to the state.
        tag: the set-point.
        unit: of the values.
        old: value before.
        proposed: the target.
        in_force: value in force, None before it is known.
        metres: material verified so far.
        events: objects in it.
        llr: log-likelihood ratio over the test, oldest first.
        bound: the test ends at plus or minus this; 0 when it is not known.
        is_final: whether `state` is a verdict.
        watched_m: material seen since the release, m (0 before it shows).
        watch_m: so much of it is watched for the fault to return, m (0 without a release).
    """

    transaction: str
    defect: str
    side: str
    state: str
    reason: str
    tag: str
    unit: str
    old: float
    proposed: float
    in_force: float | None
    metres: float
    events: int
    llr: tuple[float, ...]
    bound: float
    is_final: bool
    watched_m: float = 0.0
    watch_m: float = 0.0


class RegulatorRow(msgspec.Struct, frozen=True):
    """One regulator: how well its characteristic is held.

    Attributes:
        name: of the regulator.
        characteristic: what it holds.
        unit: of value, target, tolerance and mean.
        value: the gauge's value now, None before the first and while it is Bad.
        target: where it is to be.
        tolerance: allowed distance from the target.
        authority: `off`, `shadow`, `advisory`, `confirm` or `auto`.
        measurements: values in its last report; 0 before the first.
        mean: of them.
        outside: share of them outside the tolerance, 0 to 1.
        moves: confirmed in force in the last report's period.
        frozen: why it stood still at the end of that period, else empty.
    """

    name: str
    characteristic: str
    unit: str
    value: float | None
    target: float
    tolerance: float
    authority: str
    measurements: int = 0
    mean: float = 0.0
    outside: float = 0.0
    moves: int = 0
    frozen: str = ""


class SensorRow(msgspec.Struct, frozen=True):
    """What became of one sensor's windows.

    Attributes:
        name: of the device.
        judged: windows with a verdict; `ng` and `indeterminate` ones are among them.
        ng: windows with something above its limit.
        indeterminate: windows that could not be judged.
        lost: windows that never came.
        reason: why the newest window is not OK, else empty.
    """

    name: str
    judged: int
    ng: int
    indeterminate: int
    lost: int
    reason: str


class AdviceRow(msgspec.Struct, frozen=True):
    """One move that a loop advises, or asks a person to allow.

    Attributes:
        transaction: its name, as `cellctl confirm` takes it.
        defect: class whose rate is too high.
        side: the coated edge.
        tag: the set-point.
        unit: of the values.
        old: value in force.
        proposed: value that it would move to.
        gain: share of the rate that is expected to go, 0 to 1.
        left_s: so long a person may say yes; None when nobody is asked.
    """

    transaction: str
    defect: str
    side: str
    tag: str
    unit: str
    old: float
    proposed: float
    gain: float
    left_s: float | None


class QuestionRow(msgspec.Struct, frozen=True):
    """One question to an expert that nobody has answered yet.

    Attributes:
        id: its name, as `cellctl answer` takes it.
        text: what is asked.
        objects: how many objects it is about.
        settled: what it is about is over: a correction of the same class and side was found EFFECTIVE since.
    """

    id: str
    text: str
    objects: int
    settled: bool = False


class NonconformityRow(msgspec.Struct, frozen=True):
    """One nonconformity report."""

    id: str
    defect: str
    from_m: float
    to_m: float
    cause: str


class AlarmRow(msgspec.Struct, frozen=True):
    """One standing alarm."""

    id: str
    priority: str
    text: str


class StageRow(msgspec.Struct, frozen=True):
    """How long one stage takes, ms."""

    stage: str
    n: int
    p50_ms: float
    p99_ms: float
    max_ms: float


class ProcessRow(msgspec.Struct, frozen=True):
    """One process and where its life stands; `ok` is False when a person should look."""

    name: str
    state: str
    ok: bool


class CellView(msgspec.Struct, frozen=True, kw_only=True):
    """One look at the cell.

    Attributes:
        cell: its id.
        state: PackML state, in words.
        reason: what led to the state.
        changing: to what a changeover under way leads, and until when nothing moves; else empty.
        elapsed_s: since the view began.
        speed_m_s: web speed, None before the first reading.
        encoder_m: web position, None before the first reading.
        inspected_m: material judged OK or NG, by the camera that has seen most of it.
        defects: one row per class and side, most frequent first.
        corrections: newest first.
        regulators: in the order of the configuration.
        advices: moves that a person is told of or asked for, newest first.
        questions: not answered yet, newest first; settled ones last.
        nonconformities: newest first.
        alarms: standing ones, most urgent first, of these the newest first.
        stages: in the order of the flow.
        received: frames that came.
        judged: frames with a verdict; indeterminate ones are `indeterminate` of them.
        indeterminate: frames that could not be judged.
        dropped: frames that never came.
        blind: why the newest frame could not be judged, else empty.
        processes: all processes of the cell.
        sensors: those whose windows were judged, in the order in which they were first heard.
        has_web: whether the cell knows how a web moves.
        has_cameras: whether it has any camera.
    """

    cell: str
    state: str = "STOPPED"
    reason: str = ""
    changing: str = ""
    elapsed_s: float = 0.0
    speed_m_s: float | None = None
    encoder_m: float | None = None
    inspected_m: float = 0.0
    defects: tuple[DefectRow, ...] = ()
    corrections: tuple[CorrectionRow, ...] = ()
    regulators: tuple[RegulatorRow, ...] = ()
    advices: tuple[AdviceRow, ...] = ()
    questions: tuple[QuestionRow, ...] = ()
    nonconformities: tuple[NonconformityRow, ...] = ()
    alarms: tuple[AlarmRow, ...] = ()
    stages: tuple[StageRow, ...] = ()
    received: int = 0
    judged: int = 0
    indeterminate: int = 0
    dropped: int = 0
    blind: str = ""
    processes: tuple[ProcessRow, ...] = ()
    sensors: tuple[SensorRow, ...] = ()
    has_web: bool = True
    has_cameras: bool = True

    @property
    def has_frames(self) -> bool:
        """Whether there is anything to say of cameras: a cell that only listens or regulates has none."""
        return bool(self.received or self.judged or self.has_cameras)
