"""An operator takes a set-point over: its ramp ends where it stands, and nothing of the cell moves it any more."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

import pytest

from cellctl.evidence.journal import Journal
from cellctl.model.message import Stamp
from cellctl.model.people import Instruction, Order
from cellctl.runtime.bus.intents import recall
from tests.system.bus_bench import LEFT, RIGHT, BusBench, running

COLUMNS = {LEFT: 1, RIGHT: 2}
"""Place of a set-point's value in a block, and in a line of the PLC's log."""
SLEW = 40
"""What the PLC may see within any second, 0.01 kPa."""


def order(bench: BusBench, what: Order, subject: str) -> None:
    bench.ports.deliver(Instruction(stamp=Stamp(time.monotonic_ns()), order=what, subject=subject, by="Li"))


async def taken(bench: BusBench, tag: str) -> None:
    """Until the cell says who has it."""
    kind = f"{tag.removeprefix('plc.')}.taken_over"
    await bench.until(lambda: bool(bench.alarms(kind)) and bench.alarms(kind)[-1].active, "the alarm")
    assert bench.alarms(kind)[-1].text.startswith(f"Li has {tag}")


async def one_ramp(folder: Path, moments_s: dict[str, float]) -> None:
    """Two ramps on one controller, each taken over at its own moment; what was written after is what stood there."""
    folder.mkdir()
    async with running(folder) as bench:
        for tag in moments_s:
            bench.propose(tag=tag, target=20.6)
        began_s = time.monotonic()
        for tag, moment_s in sorted(moments_s.items(), key=lambda it: it[1]):
            await asyncio.sleep(max(0.0, moment_s - (time.monotonic() - began_s)))
            order(bench, Order.TAKE_OVER, tag)
            await taken(bench, tag)
            stands, blocks = bench.plc.in_force(COLUMNS[tag] + 1), len(bench.plc.blocks)
            await asyncio.sleep(0.15)
            assert {values[COLUMNS[tag]] for _, values in bench.plc.blocks[blocks:]} <= {stands}
            bench.propose(tag=tag, target=20.7)
            await bench.until(lambda: bench.results[-1].reason.startswith("taken over: "), "the refusal")
        assert_slew([(at_s, left) for at_s, left, _ in bench.plc.log])
        assert_slew([(at_s, right) for at_s, _, right in bench.plc.log])


def assert_slew(log: list[tuple[float, int]]) -> None:
    for number, (end_s, value) in enumerate(log):
        for earlier, (_, before) in enumerate(log[:number]):
            if log[earlier + 1][0] > end_s - 1.0:
                assert abs(value - before) <= SLEW, f"{before} → {value} within a second"


def test_a_ramp_ends_where_it_stands_at_twenty_moments(tmp_path: Path) -> None:
    """No jump above the slew in the plant's log, and no block moves what was taken."""
    dice = random.Random(5)

    async def scenes() -> None:
        moments = [{LEFT: dice.uniform(0.0, 1.2), RIGHT: dice.uniform(0.0, 1.2)} for _ in range(10)]
        await asyncio.gather(*(one_ramp(tmp_path / str(number), it) for number, it in enumerate(moments)))

    asyncio.run(scenes())


def test_control_a_jump_is_seen() -> None:
    """Negative control: the judge of the logs finds one."""
    with pytest.raises(AssertionError, match="within a second"):
        assert_slew([(0.0, 2000), (0.5, 2020), (0.9, 2041)])


def test_it_is_handed_back_as_it_stands_and_both_orders_are_on_record(tmp_path: Path) -> None:
    """The next move begins at the value in force; the journal says who ordered what."""

    async def scene() -> None:
        async with running(tmp_path) as bench:
            order(bench, Order.TAKE_OVER, LEFT)
            await taken(bench, LEFT)
            order(bench, Order.HAND_BACK, "edge_spur")
            await bench.until(lambda: not bench.alarms("blade_load_sp_left.taken_over")[-1].active, "the end")
            await asyncio.sleep(1.1)
            bench.propose(tag=LEFT, target=20.04)
            assert (await bench.until_result("target", "CONFIRMED")).old == 20.0

    asyncio.run(scene())
    records = [it for it in Journal.read(tmp_path / "journal.jsonl") if it.kind == "order"]
    said = [(it.body["instruction"]["order"], it.body["instruction"]["by"]) for it in records]
    assert said == [("take-over", "Li"), ("hand-back", "Li")]


def test_who_has_it_is_known_after_a_restart(tmp_path: Path) -> None:
    """The memory of a run that was cut off after the alarm."""

    async def scene() -> None:
        async with running(tmp_path) as bench:
            order(bench, Order.TAKE_OVER, LEFT)
            await taken(bench, LEFT)
            assert recall(Journal.read(tmp_path / "journal.jsonl")).taken == {LEFT: "Li"}

    asyncio.run(scene())
