"""What `cellctl run` says at the end: each kind of report by its own name."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from cellctl.cli.lockstep import Tally
from cellctl.cli.summary import print_summary, reports
from cellctl.evidence import RunSummary
from cellctl.evidence.alarms import AlarmCount
from cellctl.evidence.kinds import RecordKind
from cellctl.evidence.record import GENESIS, Record
from cellctl.model import Alarm, Priority, Stamp
from tests.unit.loop.test_authority import make_advice


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((2, 41, 1), "2 nonconformities, 41 questions, 1 alarm"),
        ((1, 1, 0), "1 nonconformity, 1 question, 0 alarms"),
    ],
)
def test_reports_are_named_by_their_kind(counts: tuple[int, int, int], words: str) -> None:
    """No word stands for two things, and one is one."""
    assert reports(*counts) == words


def test_an_alarm_that_stands_is_raised_once() -> None:
    """A new text is no new alarm; after its return to normal the next one is."""
    count = AlarmCount()
    for name, active in (("a", True), ("a", True), ("b", True), ("a", False), ("a", True)):
        count.see(name, active=active)
    assert count.raised == 3


def test_a_run_in_virtual_time_counts_its_advices_and_alarms() -> None:
    """An advice counts once, with its latest state."""
    tally = Tally()
    for state in ("OPEN", "PERSISTED"):
        tally.take(make_advice(state=state, level="shadow"))
    tally.take(Alarm(stamp=Stamp(0), id="x", active=True, priority=Priority.LOW, text="x"))
    assert [advice.state.value for advice in tally.advices.values()] == ["PERSISTED"]
    assert tally.alarms.raised == 1


def test_a_ledger_is_counted_as_a_run_in_virtual_time_is() -> None:
    """Messages of an alarm that stands already, or that returns to normal, are no further alarms."""
    summary = RunSummary()
    bodies = [(RecordKind.ALARM, {"id": "x", "active": active}) for active in (True, True, False)]
    for number, (kind, body) in enumerate([*bodies, (RecordKind.ESCALATION, {}), (RecordKind.ESCALATION, {})]):
        summary.see(Record(sequence=number, previous=GENESIS, kind=kind, t_ns=0, wall="", body=body, hash=""))
    said = io.StringIO()
    print_summary(Console(file=said, width=100), summary)
    assert "0 nonconformities, 2 questions, 1 alarm" in said.getvalue()


def test_the_lines_of_a_bearing_are_counted() -> None:
    """Which part of the bearing was named, in how many windows; windows that name nothing do not count."""
    summary = RunSummary()
    for number, line in enumerate(["BPFO", "", "BPFO", "BPFI"]):
        body = {"device": "pump", "bearing": line}
        kind = RecordKind.FEATURES
        summary.see(Record(sequence=number, previous=GENESIS, kind=kind, t_ns=0, wall="", body=body, hash=""))
    said = io.StringIO()
    print_summary(Console(file=said, width=100), summary)
    assert "lines of the bearing: 2 BPFO, 1 BPFI" in said.getvalue()
