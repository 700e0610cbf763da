"""The deciding plugin started again in the folder of its run: it reads what it owes from the ledger."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cellctl.builtin.quality_loop import QualityLoop
from cellctl.errors import EvidenceError
from cellctl.evidence import LEDGER_FILE, Entry, FileStore, RecordKind
from cellctl.evidence.canonical import plain
from cellctl.model import Kind, TransactionState
from cellctl.sdk import Keeping
from tests.unit.loop.bench import Bench
from tests.unit.loop.builders import make_cell, make_state

S = TransactionState


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench(make_cell())
    yield made
    made.harness.close()


def store(bench: Bench) -> None:
    """Put what was sent so far on record, as the recorder does."""
    ledger = FileStore(bench.harness.run_dir)
    ledger.append([Entry(RecordKind.CORRECTION.value, 0, "", plain(record)) for record in bench.corrections])
    ledger.close()


def start_again(bench: Bench) -> None:
    """A new instance in the same run takes the place of the old one."""
    harness = bench.harness
    harness.plugin.stop()
    harness.plugin = QualityLoop(QualityLoop.Settings(), harness)
    harness._handlers = harness.plugin.handlers()
    harness.plugin.start()
    harness.feed("state", make_state(epoch=2))
    bench.read()


def test_an_unproven_move_goes_back(bench: Bench) -> None:
    """What is on record as WAITING is taken back as soon as the cell executes again, and has its verdict."""
    bench.move(bench.alarm())
    assert bench.states[-1] is S.WAITING
    store(bench)
    start_again(bench)
    rollback = bench.proposals[-1]
    assert (rollback.kind, rollback.target, rollback.epoch) == (Kind.ROLLBACK, 20.0, 2)
    bench.move(rollback)
    assert bench.states[-2:] == [S.ROLLING_BACK, S.CONFOUNDED]


def test_nothing_on_record_is_nothing_owed(bench: Bench) -> None:
    """Negative control: without the ledger the new instance knows of nothing and asks for nothing."""
    bench.move(bench.alarm())
    start_again(bench)
    assert [proposal.kind for proposal in bench.proposals] == [Kind.STEP]


def test_a_verdict_is_not_touched(bench: Bench) -> None:
    """A correction with its verdict, and no release owed, stays as it is."""
    bench.move(bench.alarm())
    bench.clean(25.0)
    assert bench.states[-1] is S.EFFECTIVE
    store(bench)
    before = len(bench.corrections)
    start_again(bench)
    assert len(bench.corrections) == before
    assert [proposal.kind for proposal in bench.proposals] == [Kind.STEP]


def test_a_line_that_breaks_off_was_not_acknowledged(bench: Bench) -> None:
    """The half-written last line of a ledger in use does not keep the loop from starting."""
    bench.move(bench.alarm())
    store(bench)
    with (bench.harness.run_dir / LEDGER_FILE).open("ab") as file:
        file.write(b'{"half')
    start_again(bench)
    assert bench.proposals[-1].kind is Kind.ROLLBACK


def test_a_damaged_ledger_keeps_the_loop_from_starting(bench: Bench) -> None:
    """What is owed cannot be known from a ledger that is damaged: the loop does not start on a guess."""
    bench.move(bench.alarm())
    store(bench)
    path = bench.harness.run_dir / LEDGER_FILE
    path.write_bytes(path.read_bytes().replace(b'"WAITING"', b'"WEITING"', 1))
    with pytest.raises(EvidenceError):
        start_again(bench)


def test_a_run_in_memory_has_no_folder_to_read(bench: Bench) -> None:
    """A host that keeps nothing on disk has nothing to go on with."""
    bench.move(bench.alarm())
    store(bench)
    bench.harness.keeping = Keeping.MEMORY
    start_again(bench)
    assert [proposal.kind for proposal in bench.proposals] == [Kind.STEP]
