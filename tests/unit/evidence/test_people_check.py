"""The people's check: a move needs its loop's authority or a person's yes, a label needs its question."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cellctl.evidence import Entry, MemoryStore, RecordKind
from cellctl.evidence.canonical import plain
from cellctl.evidence.checks import Check, PeopleChecker
from cellctl.evidence.kinds import RunOpened
from cellctl.model import Advice, AdviceState, Correction, Escalation, Label, Message, Side, Stamp
from tests.unit.evidence.builders import MS, make_cell, make_correction, make_loop

MOVE = make_correction("EFFECTIVE")
KINDS = {
    Correction: RecordKind.CORRECTION,
    Advice: RecordKind.ADVICE,
    Escalation: RecordKind.ESCALATION,
    Label: RecordKind.LABEL,
}
QUESTION = Escalation(
    stamp=Stamp(1), id="ESC-coat_edge_spur-left-1", defect="coat_edge_spur", side=Side.LEFT, reason="", question="",
    objects=("a", "b"),
)  # fmt: skip
ANSWER = Label(stamp=Stamp(2), escalation=QUESTION.id, object_id="a", label="streak", by="Li", note="")


def yes(**changes: Any) -> Advice:
    """What a person allowed, before it was proposed."""
    advice = Advice(
        stamp=Stamp(min(MOVE.times_ns.values()) - MS), transaction=MOVE.transaction, loop=MOVE.loop,
        defect=MOVE.defect, side=MOVE.side, level="confirm", limited_by="", state=AdviceState.CONFIRMED, reason="",
        rule="", evidence=(), tag=MOVE.tag, unit=MOVE.unit, old=MOVE.old, proposed=MOVE.proposed, rate_per_m=0.4,
        gain=0.9, side_effects={}, drift_share=0.3, due_ns=0, curve=(),
    )  # fmt: skip
    return msgspec.structs.replace(advice, **changes)


def check(authority: str, *messages: Message) -> Check:
    """Run the check over a run of a loop with this authority."""
    cell = make_cell(msgspec.structs.replace(make_loop(), authority=authority))
    opened = RunOpened(
        cell=cell.id, config=plain(cell), config_hash=cell.hash, model_hash="", seed=cell.seed, versions={}
    )
    entries = [Entry(RecordKind.RUN_OPENED.value, 0, "", plain(opened))]
    entries += [Entry(KINDS[type(message)].value, 0, "", plain(message)) for message in messages]
    store = MemoryStore()
    store.append(entries)
    checker = PeopleChecker()
    for record in store.history():
        checker.see(record)
    return checker.conclude()


def test_a_loop_that_may_act_needs_nobody() -> None:
    """With `auto` a correction stands for itself."""
    assert check("auto", MOVE).ok


def test_a_move_that_a_person_allowed_passes() -> None:
    """With `confirm` the yes is on record."""
    assert check("confirm", yes(), MOVE).ok


@pytest.mark.parametrize("authority", ["off", "shadow", "advisory"])
def test_a_correction_of_a_loop_without_authority_shows(authority: str) -> None:
    """Such a loop may only say what it would do."""
    assert f"whose authority is {authority}" in check(authority, yes(), MOVE).detail


@pytest.mark.parametrize(
    ("advice", "fault"),
    [
        (yes(state=AdviceState.LAPSED), "without a person's yes"),
        (yes(transaction="edge_spur-left-9"), "without a person's yes"),
        (yes(proposed=20.5), "allowed plc.blade_load_sp_left to go to 20.5, not 21"),
        (yes(stamp=Stamp(1 << 40)), "before a person allowed it"),
    ],
)
def test_a_move_without_its_own_yes_shows(advice: Advice, fault: str) -> None:
    """A yes that lapsed, was for another move or value, or came later allows nothing."""
    assert fault in check("confirm", advice, MOVE).detail


def test_a_label_answers_its_question() -> None:
    """Question and object are on record."""
    assert check("auto", QUESTION, ANSWER).ok


@pytest.mark.parametrize(
    ("changes", "fault"),
    [({"escalation": "ESC-x-left-1"}, "nobody asked ESC-x-left-1"), ({"object_id": "c"}, "did not ask about it")],
)
def test_a_label_that_nobody_asked_for_shows(changes: dict[str, Any], fault: str) -> None:
    """A label cannot be slipped in."""
    assert fault in check("auto", QUESTION, msgspec.structs.replace(ANSWER, **changes)).detail
