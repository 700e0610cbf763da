"""Faults of PLC, link and disk: the outcome is REFUSED or UNKNOWN, never CONFIRMED, and nothing old is replayed."""

from __future__ import annotations

import asyncio
import itertools
import re
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cellctl.errors import EvidenceError
from cellctl.evidence.journal import Journal
from cellctl.evidence.record import Record
from cellctl.model.message import Stamp
from cellctl.model.packml import PackMLState
from cellctl.model.quality import Quality
from cellctl.runtime.bus.handshake import Handshake
from tests.system.bus_bench import LEFT, RULES, BusBench, running
from tests.system.plc_double import RECIPE

WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("refuses", {"refuse_code": 2}, "REFUSED", "plc: 2 clamp"),
    ("refuses with an unknown code", {"refuse_code": 9}, "REFUSED", "plc: 9 unknown accept code"),
    ("never judges", {"ignore_blocks": True}, "UNKNOWN", "time-out: no echo"),
    ("judges too late", {"echo_delay_s": 0.8}, "UNKNOWN", "time-out: no echo"),
    ("answers an exception", {"exception_on_write": True}, "UNKNOWN", "exception: "),
    ("shows another value in force", {"in_force_offset": 1}, "UNKNOWN", "in-force: "),
    ("falls silent", {"silent": True}, "UNKNOWN", "link: "),
    ("cuts the connection at the write", {"cut_after_blocks": 1}, "UNKNOWN", "link: "),
]


@pytest.mark.parametrize(("fault", "outcome", "reason"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_first_increment_is_never_confirmed(tmp_path: Path, fault: dict[str, Any], outcome: str, reason: str) -> None:
    """The PLC fails while the first increment is under way."""

    async def scene() -> None:
        async with running(tmp_path) as bench:
            bench.propose(target=20.04)
            for name, value in fault.items():
                setattr(bench.plc.faults, name, value)
            result = await bench.until_result("first-increment", outcome)
            assert result.reason.startswith(reason)
            await asyncio.sleep(0.5)
            assert ("first-increment", "CONFIRMED") not in bench.moments
            assert len(bench.plc.blocks) <= 1

    asyncio.run(scene())


def test_control_without_a_fault_it_is_confirmed(tmp_path: Path) -> None:
    """Negative control: the same scene, a healthy PLC."""

    async def scene() -> None:
        async with running(tmp_path) as bench:
            bench.propose(target=20.04)
            await bench.until_result("first-increment", "CONFIRMED")

    asyncio.run(scene())


@pytest.mark.parametrize("fault", [{"refuse_code": 2}, {"in_force_offset": 1}], ids=["refuses", "wrong value"])
def test_control_a_handshake_that_trusts_the_echo_is_caught(
    tmp_path: Path, fault: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: a handshake that takes the echo for a confirmation does confirm these faults."""

    async def trusting(self: Handshake, _increments: dict[str, float], _written_ns: int) -> tuple[Any, str]:
        from cellctl.model.correction import Outcome

        while await self._look() != self._command.sequence:
            await asyncio.sleep(0.001)
        return Outcome.CONFIRMED, ""

    monkeypatch.setattr(Handshake, "_wait", trusting)

    async def scene() -> None:
        async with running(tmp_path) as bench:
            for name, value in fault.items():
                setattr(bench.plc.faults, name, value)
            bench.propose(target=20.04)
            await bench.until_result("first-increment", "CONFIRMED")

    asyncio.run(scene())


def test_connection_cut_in_the_middle_of_a_ramp(tmp_path: Path) -> None:
    """TARGET is UNKNOWN; after the reconnection nothing is written until the cell arms anew."""

    async def scene() -> None:
        async with running(tmp_path) as bench:
            bench.plc.faults.cut_after_blocks = 4
            bench.propose(target=21.0)
            await bench.until_result("target", "UNKNOWN")
            await bench.until(lambda: len(bench.alarms("link")) >= 1, "the alarm")
            await bench.until(lambda: _quality(bench) is Quality.BAD_COMMUNICATION, "Bad readings")
            await bench.plc.start(bench.plc.port)
            await bench.until(lambda: not bench.alarms("link")[-1].active, "the link")
            written = len(bench.plc.blocks)
            await bench.until_link()
            assert len(bench.plc.blocks) == written
            bench.propose(target=20.3)
            await bench.until_result("decided", "REFUSED")
            assert bench.results[-1].reason.startswith("re-arm: ")
            assert len(bench.plc.blocks) == written
            bench.arm(epoch=2)
            bench.propose(target=round(bench.plc.in_force(2) / 100 - 0.04, 2))
            await bench.until_result("target", "CONFIRMED")

    asyncio.run(scene())


def _quality(bench: BusBench) -> Quality:
    assert bench.reading is not None
    value = bench.reading.get(LEFT)
    assert value is not None
    return value.quality


def test_safe_order_during_an_outage_is_followed_when_the_link_returns(tmp_path: Path) -> None:
    """The order came after the loss, so it is not old: the recipe comes back from the value in force."""

    async def scene() -> None:
        async with running(tmp_path) as bench:
            bench.propose(target=20.3)
            await bench.until_result("target", "CONFIRMED")
            await bench.plc.cut()
            await bench.until(lambda: bool(bench.alarms("link")), "the alarm")
            bench.arm(epoch=2, safe=True, state=PackMLState.ABORTED)
            await bench.plc.start(bench.plc.port)
            await bench.until(lambda: bench.plc.in_force(2) == RECIPE, "the recipe")

    asyncio.run(scene())


def test_a_write_to_a_plc_that_stopped_scanning_is_unknown(tmp_path: Path) -> None:
    """It answers reads for ever, and takes nothing."""

    async def scene() -> None:
        async with running(tmp_path) as bench:
            bench.plc.faults.frozen = True
            bench.propose(target=20.04)
            result = await bench.until_result("first-increment", "UNKNOWN")
            assert result.reason.split(":")[0] in {"time-out", "link"}

    asyncio.run(scene())


def test_a_plc_that_stopped_scanning_is_not_taken_for_alive(tmp_path: Path) -> None:
    """Its heartbeat stands still: the link counts as lost until the PLC scans again."""

    async def scene() -> None:
        async with running(tmp_path) as bench:
            bench.plc.faults.frozen = True
            await bench.until(lambda: bool(bench.alarms("link")), "the alarm")
            assert "CELL-2014" in bench.alarms("link")[0].text
            assert _quality(bench) is Quality.BAD_COMMUNICATION
            bench.plc.faults.frozen = False
            await bench.until(lambda: not bench.alarms("link")[-1].active, "the link")

    asyncio.run(scene())


class StallingJournal:
    """A journal whose disk can be stopped."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.go.set()

    def append(self, _kind: str, _body: dict[str, Any]) -> None:
        self.go.wait(20)

    def records(self) -> list[Record]:
        return []


def test_a_stalled_disk_stops_neither_heartbeat_nor_safe_state(tmp_path: Path) -> None:
    """The proposal is REFUSED for the journal; beats keep their 100 ms; the safe state writes."""

    async def scene() -> None:
        journal = StallingJournal()
        async with running(tmp_path, journal=journal) as bench:
            bench.plc.holding[3] = 2020
            bench.plc._show()
            await asyncio.sleep(0.2)
            journal.go.clear()
            bench.propose(target=20.04)
            beats = len(bench.plc.beats)
            result = await bench.until_result("decided", "REFUSED")
            assert result.reason.startswith("journal: ")
            assert bench.plc.blocks == []
            assert bench.alarms("journal") == []
            await asyncio.sleep(1.6)
            assert len(bench.plc.beats) - beats >= 8
            assert bench.alarms("journal")[0].holds
            bench.arm(epoch=2, safe=True, state=PackMLState.ABORTED)
            await bench.until(lambda: bench.plc.in_force(3) == RECIPE, "the recipe")
            journal.go.set()
            assert bench.alarms("journal")[0].active

    asyncio.run(scene())


class BrokenJournal(StallingJournal):
    """A journal on a full disk."""

    def append(self, kind: str, _body: dict[str, Any]) -> None:
        if kind == "intent":
            raise EvidenceError("CELL-4025", "no space left on device")


def test_a_failed_journal_refuses_corrections(tmp_path: Path) -> None:
    """Nothing is written without its intent on disk."""

    async def scene() -> None:
        async with running(tmp_path, journal=BrokenJournal()) as bench:
            bench.propose(target=20.04)
            result = await bench.until_result("decided", "REFUSED")
            assert result.reason.startswith("journal: ")
            assert "CELL-4025" in result.reason
            assert bench.plc.blocks == []

    asyncio.run(scene())


class WornJournal(StallingJournal):
    """A journal whose disk fails after the intent, and works again on order."""

    def __init__(self) -> None:
        super().__init__()
        self.broken = False

    def append(self, kind: str, _body: dict[str, Any]) -> None:
        self.broken = self.broken or kind == "result"
        if self.broken and not self.repaired:
            raise EvidenceError("CELL-4025", "no space left on device")

    repaired = False


def test_a_journal_that_fails_after_the_move_holds_the_cell_until_it_works(tmp_path: Path) -> None:
    """The alarm comes from the result that could not be stored, once, and goes when a record is on disk again."""

    async def scene() -> None:
        journal = WornJournal()
        async with running(tmp_path, journal=journal) as bench:
            bench.propose(target=20.04)
            await bench.until_result("target", "CONFIRMED")
            await bench.until(lambda: bool(bench.alarms("journal")), "the alarm")
            await asyncio.sleep(0.7)
            alarms = [(alarm.active, alarm.holds) for alarm in bench.alarms("journal")]
            assert alarms == [(True, True)]
            journal.repaired = True
            await bench.until(lambda: not bench.alarms("journal")[-1].active, "the journal")

    asyncio.run(scene())


class SlowJournal(StallingJournal):
    """A journal that needs 0.3 s for an intent."""

    def append(self, kind: str, _body: dict[str, Any]) -> None:
        if kind == "intent":
            threading.Event().wait(0.3)


def test_a_proposal_too_old_because_of_the_journal_says_so(tmp_path: Path) -> None:
    """It was young enough when it came; the refusal names the journal and its time."""

    async def scene() -> None:
        rules = msgspec.structs.replace(RULES, proposal_age_s=0.4)
        async with running(tmp_path, journal=SlowJournal(), rules=rules) as bench:
            bench.propose(target=20.04, stamp=Stamp(time.monotonic_ns() - 200_000_000))
            result = await bench.until_result("decided", "REFUSED")
            assert result.reason.startswith("proposal-age: ")
            assert re.search(r"after the journal took \d{3} ms", result.reason)
            assert bench.plc.blocks == []

    asyncio.run(scene())


@pytest.mark.parametrize(
    "fault",
    [{"silent_on_write": True}, {"exception_on_write": True}, {"cut_after_blocks": 1}],
    ids=["time-out", "exception", "cut"],
)
def test_a_request_that_was_sent_is_never_reported_as_nothing_written(tmp_path: Path, fault: dict[str, Any]) -> None:
    """The report has the bytes on the wire and the value asked for; `written_ns` stays 0."""

    async def scene() -> None:
        async with running(tmp_path) as bench:
            for name, value in fault.items():
                setattr(bench.plc.faults, name, value)
            bench.propose(target=20.04)
            result = await bench.until_result("first-increment", "UNKNOWN")
            assert result.registers == "100001000306000107d407d0"
            assert (result.written, result.written_ns) == (20.04, 0)

    asyncio.run(scene())


def test_a_link_lost_while_the_echo_is_awaited_still_tells_what_was_written(tmp_path: Path) -> None:
    """The poll notices the loss before the write knows its end; the report has the answered request."""

    async def scene() -> None:
        async with running(tmp_path, confirm="2 s") as bench:
            bench.plc.faults.ignore_blocks = True
            bench.propose(target=20.04)
            await bench.until(lambda: bool(bench.plc.blocks), "the block")
            await asyncio.sleep(0.1)
            await bench.plc.cut()
            result = await bench.until_result("first-increment", "UNKNOWN")
            assert result.registers == "100001000306000107d407d0"
            assert result.written == 20.04
            assert result.written_ns > result.intent_ns
            await bench.until(lambda: bool(bench.alarms("link")), "the alarm")
            assert bench.alarms("link")[0].holds

    asyncio.run(scene())


def test_a_silent_supervisor_holds_the_cell_and_sends_the_setpoints_home(tmp_path: Path) -> None:
    """The alarm is raised once and ends with the next word; the recipe comes back without any order."""

    async def scene() -> None:
        async with running(tmp_path) as bench:
            bench.propose(target=20.2)
            await bench.until_result("target", "CONFIRMED")
            bench.supervised = False
            await bench.until(lambda: bench.plc.in_force(2) == RECIPE, "the recipe")
            assert [(alarm.active, alarm.holds) for alarm in bench.alarms("state")] == [(True, True)]
            bench.propose(target=20.04)
            await bench.until(lambda: bench.results[-1].reason.startswith("state-age: "), "the refusal")
            bench.supervised = True
            await bench.until(lambda: not bench.alarms("state")[-1].active, "the supervisor")

    asyncio.run(scene())


def test_the_safe_state_is_reached_over_a_flapping_link(tmp_path: Path) -> None:
    """Two cuts on the way home, no new order: the recipe is in force at the end."""

    async def scene() -> None:
        async with running(tmp_path) as bench:
            bench.propose(target=20.4)
            await bench.until_result("target", "CONFIRMED")
            bench.arm(epoch=2, safe=True, state=PackMLState.HELD)
            for level in (2030, 2015):
                await bench.until(partial(_at_most, bench, level), "the way home")
                await bench.plc.cut()
                await bench.until(lambda: bench.alarms("link")[-1:] != [] and bench.alarms("link")[-1].active, "a loss")
                assert bench.plc.in_force(2) > RECIPE
                await bench.plc.start(bench.plc.port)
            await bench.until(lambda: bench.plc.in_force(2) == RECIPE, "the recipe")

    asyncio.run(scene())


def test_a_late_echo_never_confirms_the_next_block(tmp_path: Path) -> None:
    """The first block is judged after its time-out, while the second is awaited: each echo counts for its own."""

    async def scene() -> None:
        async with running(tmp_path, confirm="100 ms") as bench:
            bench.plc.faults.ignore_blocks = True
            bench.propose(target=20.04)
            await bench.until_result("first-increment", "UNKNOWN")
            bench.plc.faults.ignore_blocks = False
            bench.plc.faults.refuse_code = 2
            await asyncio.sleep(0.3)
            bench.propose(target=20.04)
            result = await bench.until_result("first-increment", "REFUSED")
            assert result.reason == "plc: 2 clamp"
            first, second = (block for _, block in bench.plc.blocks)
            assert first[0] != second[0]

    asyncio.run(scene())


def test_a_restarted_bus_process_is_not_armed(tmp_path: Path) -> None:
    """The journal remembers the epoch, which counts as lost; a newer one arms."""

    async def scene() -> None:
        async with running(tmp_path) as bench:
            bench.propose(target=20.04)
            await bench.until_result("target", "CONFIRMED")
        async with running(tmp_path) as bench:
            bench.propose(target=20.04)
            result = await bench.until_result("decided", "REFUSED")
            assert result.reason.startswith("re-arm: ")
            bench.arm(epoch=2)
            bench.propose(target=20.04)
            await bench.until_result("target", "CONFIRMED")

    asyncio.run(scene())
    records = list(Journal.read(tmp_path / "journal.jsonl"))
    assert all(one.hash == two.previous for one, two in itertools.pairwise(records))


def test_increments_after_a_power_cycle_start_from_the_value_in_force(tmp_path: Path) -> None:
    """A PLC that comes back at its recipe is not driven to where the ramp once was."""

    async def scene() -> None:
        async with running(tmp_path) as bench:
            bench.propose(target=20.3)
            await bench.until_result("target", "CONFIRMED")
            await bench.plc.cut()
            await bench.until(lambda: bool(bench.alarms("link")), "the alarm")
            bench.plc.holding[1:4] = [0, RECIPE, RECIPE]
            bench.plc._judged = 0
            bench.plc.inputs[1] = 0
            bench.plc._show()
            await bench.plc.start(bench.plc.port)
            await bench.until(lambda: not bench.alarms("link")[-1].active, "the link")
            await bench.until_link()
            bench.arm(epoch=2)
            bench.propose(target=20.1)
            await bench.until(lambda: bench.moments.count(("target", "CONFIRMED")) == 2, "the second move")
            assert max(left for _, left, _ in bench.plc.log[-3:]) <= 2010

    asyncio.run(scene())


def _at_most(bench, level):
    return bench.plc.in_force(2) <= level
