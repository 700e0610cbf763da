"""Regulating moves are held against the configuration, the journal and the regulators' own reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from cellctl.config.resolved.regulator import Regulator, RegulatorInput
from cellctl.evidence import Entry, MemoryStore, RecordKind
from cellctl.evidence.canonical import plain
from cellctl.evidence.checks import Check, JournalChecker, RegulationChecker
from cellctl.evidence.kinds import RunOpened
from cellctl.model import Kind, Outcome, Regulation, Stamp, WritePhase
from tests.unit.evidence.builders import TAG, make_cell, make_proposal, make_result, write_journal

REGULATOR = Regulator("film", "auto", "film_weight", "ewma", (RegulatorInput(TAG, "kPa", -1.7),), 5.0, 0.5, 0.2, 600.0,
                      64.5, 0.1)  # fmt: skip


def make_move(phase: WritePhase = WritePhase.TARGET, outcome: Outcome = Outcome.CONFIRMED, **changes: Any) -> Any:
    """A confirmed move of the regulator from 20 to 20.5 kPa."""
    same = {"transaction": "film-1", "kind": Kind.REGULATE, "proposed": 20.5, "written": 20.5, "in_force": 20.5}
    return msgspec.structs.replace(make_result(phase, outcome), **{**same, **changes})


def make_report(**changes: Any) -> Regulation:
    """One minute with one move."""
    same: dict[str, Any] = {
        "stamp": Stamp(60), "regulator": "film", "characteristic": "film_weight", "unit": "g/m2", "target": 200.0,
        "since_ns": 0, "measurements": 60, "outside": 0.0, "mean": 200.1, "deviation": 0.4, "authority": "auto",
        "moves": 1, "setpoints": {TAG: 20.5}, "wanted": {TAG: 20.5}, "frozen": 0.0, "reason": "",
    }  # fmt: skip
    return Regulation(**{**same, **changes})


def checked(*messages: Any, regulator: Regulator = REGULATOR, checker: Any = None) -> Check:
    """The verdict over a ledger with these messages."""
    cell = msgspec.structs.replace(make_cell(), regulators=(regulator,))
    opened = RunOpened(cell="c", config=msgspec.json.decode(cell.to_json()), config_hash=cell.hash, model_hash="m",
                       seed=0, versions={})  # fmt: skip
    store = MemoryStore()
    store.append([Entry(RecordKind.RUN_OPENED.value, 0, "", plain(opened))])
    for message in messages:
        kind = RecordKind.REGULATION if isinstance(message, Regulation) else RecordKind.RESULT
        store.append([Entry(kind.value, 0, "", plain(message))])
    checker = checker or RegulationChecker()
    for record in store.history():
        checker.see(record)
    result: Check = checker.conclude()
    return result


def test_moves_and_reports_that_agree_pass():
    """One confirmed move and one report of it are sound."""
    check = checked(make_move(), make_report())
    assert check.ok, check
    assert "1 moves of 1 regulators" in check.detail


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"tag": "plc.other"}, "no regulator with authority"),
        ({"transaction": "oven-1"}, "belongs to film"),
        ({"proposed": 23.5, "in_force": 23.5, "old": 22.9}, "outside its envelope"),
        ({"proposed": 21.2, "in_force": 21.2}, "too far for one move"),
        ({"in_force": 20.4}, "in force instead of 20.5"),
        ({"in_force": None}, "in force instead of 20.5"),
    ],
)
def test_a_forged_move_shows(changes, fault):
    """A move of another tag or owner, outside the envelope, or not really in force is reported."""
    check = checked(make_move(**changes))
    assert not check.ok
    assert fault in check.detail


def test_a_regulator_without_authority_moved_nothing():
    """A result of a regulator in shadow is a fault; its refusal before anything moved is none."""
    shadow = msgspec.structs.replace(REGULATOR, authority="shadow")
    assert not checked(make_move(), regulator=shadow).ok
    assert checked(make_move(WritePhase.DECIDED, Outcome.REFUSED), regulator=shadow).ok


def test_reports_of_moves_that_never_were_show():
    """A report may not count more moves than the guard confirmed, nor come from nobody."""
    assert "reports 2 moves, 1 were confirmed" in checked(make_move(), make_report(moves=2)).detail
    assert "does not have" in checked(make_report(regulator="ghost", moves=0)).detail


def test_journal_and_regulating_moves(tmp_path: Path):
    """An intent in the journal covers a regulating move, which needs no correction; without it the move shows."""
    assert not checked(make_move(), checker=JournalChecker(tmp_path)).ok
    asked = make_proposal(transaction="film-1", loop="film", kind=Kind.REGULATE, target=20.5)
    write_journal(tmp_path, proposal=asked, result=make_move())
    assert checked(make_move(), checker=JournalChecker(tmp_path)).ok
