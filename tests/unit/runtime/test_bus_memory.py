"""What the guard remembers after a restart is never in the cell's favour."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from cellctl.evidence.record import GENESIS, Entry, Record, seal
from cellctl.model.correction import Kind, Outcome, Proposal, WritePhase, WriteResult
from cellctl.model.guarding import Memory
from cellctl.model.message import Stamp
from cellctl.model.quality import Quality
from cellctl.runtime.bus.intents import ARMED, INTENT, RESULT, recall

TAG = "plc.blade_load_sp_left"


def _record(kind: str, memory: Memory, **body: Any) -> Record:
    entry = Entry(kind, 0, "", {"memory": msgspec.to_builtins(memory), **body})
    return seal(entry, sequence=0, previous=GENESIS)


def _intent(memory: Memory, transaction: str = "t-1") -> Record:
    proposal = Proposal(
        source="loop", sequence=1, stamp=Stamp(0), transaction=transaction, loop="l", kind=Kind.STEP, tag=TAG,
        target=1.0, unit="kPa", epoch=1, exposure_ns=0, first_line_ns=0, confidence=1.0, quality=Quality.GOOD,
    )  # fmt: skip
    return _record(INTENT, memory, proposal=msgspec.to_builtins(proposal), old=1.0)


def _result(memory: Memory, phase: WritePhase, outcome: Outcome, old: float = 1.0) -> Record:
    result = WriteResult(
        stamp=Stamp(0), transaction="t-1", kind=Kind.STEP, phase=phase, outcome=outcome, reason="", tag=TAG, old=old,
        proposed=1.0, written=None, in_force=None, unit="kPa", registers="", encoder_mm=0.0, intent_ns=0, written_ns=0,
        exposure_ns=0, first_line_ns=0,
    )  # fmt: skip
    return _record(RESULT, memory, result=msgspec.to_builtins(result))


def test_an_empty_journal_is_a_first_start() -> None:
    """Nothing to remember, nothing lost."""
    assert recall([]) == Memory()


def test_the_last_epoch_is_lost() -> None:
    """Only a newer one arms again."""
    memory = recall([_record(ARMED, Memory(epoch=7))])
    assert (memory.epoch, memory.lost_epoch) == (7, 7)


def test_an_intent_without_an_end_counts_as_a_failed_move() -> None:
    """The power went while the move was under way."""
    memory = Memory(epoch=1, failures={TAG: 1})
    assert recall([_intent(memory)]).failures == {TAG: 2}
    begun = _result(memory, WritePhase.FIRST_INCREMENT, Outcome.CONFIRMED)
    assert recall([_intent(memory), begun]).failures == {TAG: 2}


def test_where_a_correction_began_is_known_from_its_intent() -> None:
    """The way back of a move that the power interrupted is still known."""
    assert recall([_intent(Memory(epoch=1)), _record(ARMED, Memory(epoch=2))]).origins == {TAG: ("t-1", 1.0)}


def test_an_intent_with_its_end_counts_as_the_guard_counted() -> None:
    """TARGET confirmed, or a refusal at any moment."""
    memory = Memory(epoch=1, failures={TAG: 0})
    for end in (
        _result(memory, WritePhase.TARGET, Outcome.CONFIRMED),
        _result(memory, WritePhase.FIRST_INCREMENT, Outcome.REFUSED),
        _result(memory, WritePhase.DECIDED, Outcome.REFUSED),
    ):
        assert recall([_intent(memory), end]).failures == {TAG: 0}


def test_results_without_a_value_read_back() -> None:
    """A refusal before anything was known of the plant holds NaN."""
    memory = Memory(epoch=1)
    refused = _result(memory, WritePhase.DECIDED, Outcome.REFUSED, old=math.nan)
    assert recall([refused]).epoch == 1


def test_sequences_survive() -> None:
    """A proposal from before the restart is still a replay."""
    memory = Memory(epoch=1, sequences={"loop": 41})
    assert recall([_record(ARMED, memory)]).sequences == {"loop": 41}


def test_a_move_that_was_cut_counts_as_begun_and_as_ended_now() -> None:
    """The try is used, and the set-point cools down from the last moment that is known."""
    meant = Memory(epoch=1, running_ns=5, begun={TAG: (3, 5)})
    later = Memory(epoch=1, running_ns=9, begun={TAG: (3,)}, ended={TAG: 4})
    memory = recall([_intent(meant), _record(ARMED, later)])
    assert (memory.begun, memory.ended) == ({TAG: (3, 5)}, {TAG: 9})


def test_a_move_of_which_no_end_is_known_has_just_ended() -> None:
    """The cool-down after it begins at the last moment that is on record."""
    memory = Memory(epoch=1, running_ns=900, ended={TAG: 5})
    assert recall([_intent(memory)]).ended == {TAG: 900}
    assert recall([_intent(memory), _result(memory, WritePhase.TARGET, Outcome.CONFIRMED)]).ended == {TAG: 5}


def test_a_record_that_crossed_with_an_intent_takes_no_try_back() -> None:
    """The epoch's record was meant before the step began, and came to the disk after its intent."""
    began, before = Memory(epoch=1, begun={TAG: (3, 8)}), Memory(epoch=1, begun={TAG: (3,)})
    assert recall([_intent(began), _record(ARMED, before)]).begun == {TAG: (3, 8)}
    refused = _result(before, WritePhase.DECIDED, Outcome.REFUSED)
    assert recall([_intent(began), refused]).begun == {TAG: (3,)}


def test_what_a_run_begins_with_is_kept_where_its_journal_says_nothing() -> None:
    """The memory of the runs before."""
    known = Memory(epoch=4, lost_epoch=4, taken={TAG: "Li"})
    assert recall([], known) == known
