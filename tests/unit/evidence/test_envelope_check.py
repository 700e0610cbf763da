"""The envelope's check: what the guard must have refused cannot be on record as a move."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cellctl.evidence import Entry, MemoryStore, RecordKind
from cellctl.evidence.canonical import plain
from cellctl.evidence.checks import Check, EnvelopeChecker
from cellctl.evidence.kinds import RunOpened
from cellctl.model import Kind, Outcome, WritePhase, WriteResult
from tests.unit.evidence.builders import make_cell, make_result


def check(*, drift: float = 3.0, **changes: Any) -> Check:
    """Run the check over one result of a move from 20 to 21 kPa, changed; recipe 20 in 17…23, 1 a move."""
    cell = make_cell()
    points = tuple(msgspec.structs.replace(point, drift=drift) for point in cell.guard.setpoints)
    cell = msgspec.structs.replace(cell, guard=msgspec.structs.replace(cell.guard, setpoints=points))
    opened = RunOpened(
        cell=cell.id, config=plain(cell), config_hash=cell.hash, model_hash="", seed=cell.seed, versions={}
    )
    result: WriteResult = msgspec.structs.replace(make_result(), **changes)
    store = MemoryStore()
    store.append(
        [
            Entry(RecordKind.RUN_OPENED.value, 0, "", plain(opened)),
            Entry(RecordKind.RESULT.value, 0, "", plain(result)),
        ]
    )
    checker = EnvelopeChecker()
    for record in store.history():
        checker.see(record)
    return checker.conclude()


def test_a_move_within_its_envelope_passes() -> None:
    """The negative control of the faults below."""
    assert check().ok


@pytest.mark.parametrize("kind", [Kind.STEP, Kind.ROLLBACK, Kind.RETURN, Kind.REGULATE])
@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"old": 22.6, "proposed": 23.1}, "asked for 23.1 kPa, outside 17 … 23"),
        ({"written": 25.0}, "asked for 25 kPa, outside 17 … 23"),
        ({"old": 19.5, "proposed": 21.0}, "asked for 21 from 19.5 kPa, too far for one move"),
        ({"tag": "plc.stranger"}, "moved plc.stranger, which has no envelope"),
    ],
)
def test_a_move_outside_of_it_shows_whatever_it_was_for(kind: Kind, changes: dict[str, Any], fault: str) -> None:
    """No kind of move is excused from range and step."""
    assert fault in check(kind=kind, **changes).detail


def test_a_move_beyond_the_drift_budget_shows() -> None:
    """The budget counts from the recipe; on the way back to it nothing is too far."""
    assert "asked for 21 kPa, too far from the recipe value 20" in check(drift=0.5).detail
    assert check(drift=0.5, kind=Kind.ROLLBACK, old=22.0, proposed=21.0).ok


def test_a_release_away_from_the_recipe_shows() -> None:
    """It gives authority back, or it is none."""
    assert "not towards the recipe value 20" in check(kind=Kind.RELEASE).detail
    assert check(kind=Kind.RELEASE, old=21.0, proposed=20.0, written=20.0).ok


@pytest.mark.parametrize(("outcome", "ok"), [(Outcome.REFUSED, True), (Outcome.UNKNOWN, False)])
def test_what_was_refused_at_once_moved_nothing(outcome: Outcome, ok: bool) -> None:
    """A refusal is what the guard is for; of a write whose outcome is not known it is not known."""
    assert check(phase=WritePhase.DECIDED, outcome=outcome, proposed=30.0, written=None).ok is ok
