"""Faults of PLC, link and disk: the outcome is REFUSED or UNKNOWN, never CONFIRMED, and nothing old is replayed."""

from __future__ import annotations

import asyncio
import itertools
import threading
from pathlib import Path
from typing import Any

import pytest

from cellctl.errors import EvidenceError
from cellctl.evidence.journal import Journal
from cellctl.evidence.record import Record
from cellctl.model.packml import PackMLState
from cellctl.model.quality import Quality
from cellctl.runtime.bus.handshake import Handshake
from tests.system.bus_bench import LEFT, BusBench, running
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

        while await self._look() != self._sequence:
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
            await asyncio.sleep(1.2)
            assert len(bench.plc.beats) - beats >= 8
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
