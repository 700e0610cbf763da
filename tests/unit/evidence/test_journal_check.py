"""The journals' check: whole, as the closing record says, and an intent before each move."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from cellctl.evidence import LEDGER_FILE, Entry, MemoryStore, RecordKind, verify_run
from cellctl.evidence.canonical import plain
from cellctl.evidence.checks import Check, JournalChecker
from cellctl.evidence.kinds import RunClosed
from cellctl.model import Kind, Outcome, WritePhase
from tests.unit.evidence.builders import (
    JOURNAL,
    MS,
    make_proposal,
    make_result,
    make_run,
    reseal,
    write_journal,
)


def only_fault(run: Path) -> str:
    """What the journals' check finds; every other check holds."""
    wrong = [check for check in verify_run(run).checks if not check.ok]
    assert [check.name for check in wrong] == ["journals"]
    return wrong[0].detail


def test_good_journal_passes(run: Path) -> None:
    """One journal, its intent before the move, its end as the closing record says."""
    found = next(check for check in verify_run(run).checks if check.name == "journals")
    assert found.ok
    assert "1 with 2 records" in found.detail


def test_missing_journal_shows(run: Path) -> None:
    """A run does not hold without the journal that it was closed with."""
    (run / JOURNAL).unlink()
    assert f"{JOURNAL} is missing" in only_fault(run)


def test_missing_journal_shows_even_when_the_closing_record_is_forged(run: Path) -> None:
    """A move needs an intent, whatever the closing record says about journals."""
    (run / JOURNAL).unlink()
    reseal(run / LEDGER_FILE, lambda old: {**old.body, "journals": {}} if old.kind == "run_closed" else old.body)
    assert "no journal holds an intent" in only_fault(run)


def test_journal_cut_at_a_record_shows(run: Path) -> None:
    """A shorter chain is a whole chain; the closing record says how long it was."""
    lines = (run / JOURNAL).read_bytes().splitlines(keepends=True)
    (run / JOURNAL).write_bytes(lines[0])
    assert "ends at record 1, the closing record says 2" in only_fault(run)


def test_torn_journal_shows(run: Path) -> None:
    """Half a line at the end shows."""
    with (run / JOURNAL).open("ab") as file:
        file.write(b'{"body"')
    assert "breaks off" in only_fault(run)


def test_every_altered_byte_of_a_journal_shows(run: Path) -> None:
    """No byte of a journal can change unseen."""
    good = (run / JOURNAL).read_bytes()
    for index in range(0, len(good), 7):
        bad = bytearray(good)
        bad[index] ^= 1
        (run / JOURNAL).write_bytes(bad)
        assert JOURNAL in only_fault(run), index


def test_journal_written_anew_shows(run: Path) -> None:
    """A journal that was sealed again does not end with the head in the closing record."""
    reseal(run / JOURNAL, lambda old: {**old.body, "old": 19.0})
    assert "the closing record says" in only_fault(run)


def test_journal_that_the_run_does_not_know_shows(run: Path) -> None:
    """A journal that was put there later is reported."""
    (run / JOURNAL).rename(run / "journal-other.jsonl")
    assert "does not know journal-other.jsonl" in only_fault(run)


@pytest.mark.parametrize(
    "changes",
    [{"transaction": "edge_spur-left-2"}, {"kind": Kind.ROLLBACK}, {"target": 20.5}, {"tag": "plc.other"}],
)
def test_move_without_its_own_intent_shows(tmp_path: Path, changes: dict[str, Any]) -> None:
    """An intent of another transaction, kind, target or set-point does not cover a move."""
    run = make_run(tmp_path, lambda folder: write_journal(folder, proposal=make_proposal(**changes)))
    assert "no journal holds an intent before its step (target)" in only_fault(run)


@pytest.mark.parametrize(("t_ns", "ok"), [(14 * MS, True), (15 * MS, True), (16 * MS, False), (500 * MS, False)])
def test_intent_comes_before_the_move(tmp_path: Path, t_ns: int, ok: bool) -> None:
    """An intent that was stored after the decision it stands for is none; here that came at 15 ms."""
    run = make_run(tmp_path, lambda folder: write_journal(folder, t_ns=t_ns))
    assert verify_run(run).ok is ok


def test_move_that_the_ledger_does_not_know_shows(tmp_path: Path) -> None:
    """A journal with the intent of a transaction that is not in the ledger shows a hidden move."""

    def journal(folder: Path) -> None:
        write_journal(folder)
        write_journal(folder, proposal=make_proposal(transaction="edge_spur-left-9"))

    assert "edge_spur-left-9: the journal intends a move" in only_fault(make_run(tmp_path, journal))


def test_a_step_cannot_hide_behind_a_regulators_move(tmp_path: Path) -> None:
    """The results of regulating moves make known what they tell of, and no correction of the same name."""
    move = msgspec.structs.replace(make_result(), transaction="film-3", kind=Kind.REGULATE)
    store = MemoryStore()
    store.append(
        [
            Entry(RecordKind.RESULT.value, 0, "", plain(move)),
            Entry(RecordKind.RUN_CLOSED.value, 0, "", plain(RunClosed(counts={}, frames={}))),
        ]
    )
    write_journal(tmp_path, proposal=make_proposal(transaction="film-3", kind=Kind.REGULATE), result=move)
    write_journal(tmp_path, proposal=make_proposal(transaction="film-3"), result=move)
    checker = JournalChecker(tmp_path)
    for record in store.history():
        checker.see(record)
    assert "film-3: the journal intends a move that the ledger does not know" in checker.conclude().detail


def test_ledger_and_journal_that_differ_show(tmp_path: Path) -> None:
    """Both have what the guard reported; they may not tell different values."""
    other = msgspec.structs.replace(make_result(), encoder_mm=12_000.0)
    run = make_run(tmp_path, lambda folder: write_journal(folder, result=other))
    assert "ledger and journal differ about its step (target)" in only_fault(run)


def test_a_result_that_the_guard_never_reported_shows(tmp_path: Path) -> None:
    """The journal has the intent and a first increment, the ledger says that the target is in force."""
    first = make_result(WritePhase.FIRST_INCREMENT)
    run = make_run(tmp_path, lambda folder: write_journal(folder, result=first))
    assert "no journal knows that its step was in force (target)" in only_fault(run)


def found(run: Path, phase: WritePhase, outcome: Outcome) -> Check:
    """The check over one write result and the journals in `run`."""
    store = MemoryStore()
    store.append([Entry(RecordKind.RESULT.value, 0, "", plain(make_result(phase, outcome)))])
    checker = JournalChecker(run)
    for record in store.history():
        checker.see(record)
    return checker.conclude()


def test_refusal_needs_no_intent(tmp_path: Path) -> None:
    """What was refused before it began moved nothing; a move that ended in a refusal did."""
    assert found(tmp_path, WritePhase.DECIDED, Outcome.REFUSED).ok
    assert not found(tmp_path, WritePhase.TARGET, Outcome.REFUSED).ok
    assert not found(tmp_path, WritePhase.DECIDED, Outcome.CONFIRMED).ok
