"""What the loop really sends passes the checks that were written without it, and a real story told wrongly does not."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from cellctl.config.resolved import Characteristic, Defect, Influence, ProtectedValue, Release, ResolvedCell
from cellctl.evidence import Entry, MemoryStore, RecordKind
from cellctl.evidence.canonical import plain
from cellctl.evidence.checks import Check, CorrectionChecker, ReleaseChecker, VerdictChecker
from cellctl.evidence.kinds import RunOpened
from cellctl.model import Correction, PackMLState, TransactionState
from tests.unit.loop.builders import LEFT, SPUR, make_cell, make_loop
from tests.unit.loop.line import Line
from tests.unit.loop.test_gauges import FILM, Film

S = TransactionState
RELEASE = Release(enabled=True, after_m=60.0, watch_m=80.0, longest_m=240.0)
STEP = make_cell(make_loop(release=RELEASE))
PULSE = make_cell(make_loop(law="pulse"))


def told(line: Line, *, retell: Callable[[Correction], Correction] = lambda it: it) -> dict[str, Check]:
    """The checks of a ledger that holds what the line saw and sent."""
    cell = line.situation.cell
    opened = RunOpened(
        cell=cell.id, config=plain(cell), config_hash=cell.hash, model_hash="", seed=cell.seed, versions={}
    )
    entries = [Entry(RecordKind.RUN_OPENED.value, 0, "", plain(opened))]
    for found in line.objects:
        body = {**plain(found), "camera": "wet_camera", "frame_id": 0}
        entries.append(Entry(RecordKind.OBJECT.value, 0, "", body))
    entries += [Entry(RecordKind.RESULT.value, 0, "", plain(result)) for result in line.results]
    entries += [Entry(RecordKind.CORRECTION.value, 0, "", plain(retell(record))) for record in line.records]
    store = MemoryStore()
    store.append(entries)
    checkers = (CorrectionChecker(), VerdictChecker(), ReleaseChecker())
    for record in store.history():
        for checker in checkers:
            checker.see(record)
    return {check.name: check for check in (checker.conclude() for checker in checkers)}


def faults(checks: dict[str, Check]) -> list[str]:
    """What does not hold."""
    return [f"{check.name}: {check.detail}" for check in checks.values() if not check.ok]


def fault_ends(line: Line) -> None:
    """The fault goes by itself as soon as the test counts."""
    if line.records and line.records[-1].state is S.VERIFYING:
        line.deficit = 0.0


@pytest.mark.parametrize("seed", range(4))
def test_a_proof_holds(seed):
    """Several times effective, released, returned and repeated: every record of it holds."""
    line = Line(seed, cell=STEP, deficit=1.5)
    line.run(900.0)
    checks = told(line)
    assert not faults(checks)
    assert "PROVEN" in checks["releases"].detail


@pytest.mark.parametrize("seed", range(4))
def test_a_release_without_return_holds(seed):
    """A fault that ended by itself, and a sham: the records hold, and none is a proof."""
    line = Line(seed, cell=STEP, deficit=1.5, connected=False, disturb=fault_ends)
    line.run(400.0)
    checks = told(line)
    assert not faults(checks)
    assert "RESTORED" in checks["releases"].detail
    assert "PROVEN" not in checks["releases"].detail


def test_a_restart_holds():
    """A story that was interrupted and went on is one story."""
    line = Line(1, cell=STEP, deficit=1.5)
    while not (line.records and line.records[-1].state is S.VERIFYING):
        line.step()
    line.restart()
    line.enter(PackMLState.EXECUTE, epoch=2)
    line.run(500.0)
    assert not faults(told(line))


@pytest.mark.parametrize("works", [True, False])
def test_a_pulse_holds(works):
    """A momentary request holds with its old value in force, whatever came of it."""

    def purge(line: Line) -> None:
        if works and line.in_force >= 20.9:
            line.deficit = 0.0

    line = Line(3, cell=PULSE, deficit=1.5, connected=False, disturb=purge)
    line.verdict()
    assert not faults(told(line))


def _slow() -> ResolvedCell:
    row = Defect(SPUR, "oven", {LEFT: Influence(-1.4, 20.0, 1.0)}, None)
    return msgspec.structs.replace(STEP, defects=(row,))


def test_a_slow_actuator_holds():
    """Material that counts later than the confirmation holds, because the delay is configured."""
    line = Line(1, cell=_slow(), deficit=1.5)
    line.run(300.0)
    assert not faults(told(line))


def _gauged(film: Characteristic = FILM) -> ResolvedCell:
    loop = make_loop(protect_values=(ProtectedValue("film_weight", 3.0),))
    return msgspec.structs.replace(make_cell(loop), characteristics=(film,))


@pytest.mark.parametrize("gain", [-1.7, -5.0])
def test_a_gauge_holds(gain):
    """The comparison of a protected characteristic can be computed again, for it and against it."""
    line = Line(1, cell=_gauged(), deficit=0.0, gauges=Film(gain))
    line.run(100.0)
    line.deficit = 1.5
    record = line.verdict()
    assert record.protected_values
    assert not faults(told(line))


def _with_shift(record: Correction, **changes: object) -> Correction:
    values = {name: msgspec.structs.replace(it, **changes) for name, it in record.protected_values.items()}
    return msgspec.structs.replace(record, protected_values=values)


@pytest.mark.parametrize(
    ("retell", "fault"),
    [
        (lambda it: _with_shift(it, margin=9.0), "the margin of film_weight is"),
        (lambda it: _with_shift(it, change=9.0), "allowed another change"),
        (lambda it: _with_shift(it, length_m=9.0), "showed too little of film_weight"),
        (lambda it: msgspec.structs.replace(it, protected_values={}), "never showed film_weight"),
    ],
)
def test_a_gauge_told_wrongly_is_found(retell, fault):
    """An EFFECTIVE correction whose characteristic was not shown to hold does not pass."""
    line = Line(1, cell=_gauged(), deficit=0.0, gauges=Film(-1.7))
    line.run(100.0)
    line.deficit = 1.5
    assert line.verdict().state is S.EFFECTIVE
    assert fault in told(line, retell=retell)["verdicts"].detail


def test_a_move_that_cost_product_cannot_be_called_effective():
    """The samples of a move that went back, told as EFFECTIVE, are found."""
    line = Line(1, cell=_gauged(), deficit=0.0, gauges=Film(-5.0))
    line.run(100.0)
    line.deficit = 1.5
    assert line.verdict().state is S.INEFFECTIVE_ROLLED_BACK

    def retell(record: Correction) -> Correction:
        back = record.state is S.INEFFECTIVE_ROLLED_BACK
        return msgspec.structs.replace(record, state=S.EFFECTIVE) if back else record

    assert "although film_weight moved from" in told(line, retell=retell)["verdicts"].detail


def test_a_sham_cannot_be_told_as_a_proof():
    """A fault that ended by itself, told as one that came back and went again, is found."""
    line = Line(1, cell=STEP, deficit=1.5, connected=False, disturb=fault_ends)
    line.run(400.0)

    def retell(record: Correction) -> Correction:
        if record.state is not S.RESTORED:
            return record
        times_ns = {**record.times_ns, "STILL_NEEDED": record.stamp.t_ns, "PROVEN": record.stamp.t_ns}
        return msgspec.structs.replace(record, state=S.PROVEN, confirmed_by="edge_spur-left-2", times_ns=times_ns)

    detail = told(line, retell=retell)["releases"].detail
    assert "no correction repeats it" in detail
    assert "raise no alarm" in detail
