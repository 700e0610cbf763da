"""Moves over a real Modbus TCP connection: what is in force is CONFIRMED, and only that."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from cellctl.evidence.journal import Journal
from cellctl.model.correction import Kind
from cellctl.model.packml import PackMLState
from tests.system.bus_bench import LEFT, running
from tests.system.plc_double import RECIPE, PlcDouble


def test_a_step_is_decided_begun_and_finished(tmp_path: Path) -> None:
    """DECIDED, FIRST_INCREMENT and TARGET, each CONFIRMED, and the PLC has the target in force."""

    async def scene() -> None:
        async with running(tmp_path) as bench:
            bench.propose(target=20.1)
            last = await bench.until_result("target", "CONFIRMED")
            assert bench.moments == [
                ("decided", "CONFIRMED"), ("first-increment", "CONFIRMED"), ("target", "CONFIRMED"),
            ]  # fmt: skip
            assert bench.plc.in_force(2) == 2010
            assert (last.old, last.written, last.in_force) == (20.0, 20.1, 20.1)
            first = bench.results[1]
            assert first.written == 20.04
            assert first.intent_ns < first.written_ns < first.stamp.t_ns
            assert first.encoder_mm >= 123_000

    asyncio.run(scene())


def test_registers_are_the_bytes_of_the_request(tmp_path: Path) -> None:
    """FC16 to HR1, three registers: sequence, left in counts, right as it is in force."""

    async def scene() -> None:
        async with running(tmp_path) as bench:
            bench.propose(target=20.04)
            result = await bench.until_result("target", "CONFIRMED")
            assert result.registers == "100001000306000107d407d0"

    asyncio.run(scene())


def test_intent_and_results_are_in_the_journal(tmp_path: Path) -> None:
    """The intent stands before the results, in one chain."""

    async def scene() -> None:
        async with running(tmp_path) as bench:
            bench.propose(target=20.04)
            await bench.until_result("target", "CONFIRMED")

    asyncio.run(scene())
    kinds = [record.kind for record in Journal.read(tmp_path / "journal.jsonl")]
    assert kinds == ["armed", "intent", "result", "result"]


def test_rollback_takes_a_finished_step_back(tmp_path: Path) -> None:
    """The recipe value is in force again."""

    async def scene() -> None:
        async with running(tmp_path) as bench:
            bench.propose(target=20.04)
            await bench.until_result("target", "CONFIRMED")
            bench.propose(kind=Kind.ROLLBACK, target=20.0)
            await bench.until(lambda: bench.moments.count(("target", "CONFIRMED")) == 2, "the roll-back")
            assert bench.plc.in_force(2) == RECIPE

    asyncio.run(scene())


def test_a_refused_proposal_writes_nothing(tmp_path: Path) -> None:
    """The refusal names its rule; no block goes out."""

    async def scene() -> None:
        async with running(tmp_path) as bench:
            bench.propose(target=24.0)
            result = await bench.until_result("decided", "REFUSED")
            assert result.reason.startswith("range: ")
            assert (result.written, result.registers, result.intent_ns) == (None, "", 0)
            assert bench.plc.blocks == []

    asyncio.run(scene())


def test_safe_state_brings_the_recipe_back(tmp_path: Path) -> None:
    """The running move ends, the set-points ramp to the recipe, and never faster than the slew."""

    async def scene() -> None:
        async with running(tmp_path) as bench:
            bench.propose(target=21.0)
            await bench.until(lambda: bench.plc.in_force(2) >= 2012, "the ramp")
            bench.arm(epoch=2, safe=True, state=PackMLState.ABORTED)
            await bench.until(lambda: any(phase == "target" for phase, _ in bench.moments), "the end of the move")
            assert bench.moments[-1] in {("target", "REFUSED"), ("target", "UNKNOWN")}  # UNKNOWN: a block was out
            await bench.until(lambda: bench.plc.in_force(2) == RECIPE, "the recipe")
            _assert_slew(bench.plc.log)

    asyncio.run(scene())


def test_a_ramp_keeps_the_slew_as_the_plc_sees_it(tmp_path: Path) -> None:
    """Over any second of the PLC's own log the change is at most 0.40 kPa."""

    async def scene() -> None:
        async with running(tmp_path) as bench:
            bench.propose(target=20.7)
            await bench.until_result("target", "CONFIRMED")
            assert bench.plc.in_force(2) == 2070
            _assert_slew(bench.plc.log)

    asyncio.run(scene())


def _assert_slew(log: list[tuple[float, int, int]], limit: int = 40) -> None:
    for index, (end_s, left, _) in enumerate(log):
        for earlier in range(index):
            until_s = log[earlier + 1][0]
            if end_s - until_s < 1.0:
                assert abs(left - log[earlier][1]) <= limit


def test_what_a_person_sets_on_the_other_edge_during_a_ramp_stays(tmp_path: Path) -> None:
    """The block carries the neighbour as it is in force now, not as the last poll saw it."""

    async def scene() -> None:
        async with running(tmp_path, poll={"fast": "200 ms"}) as bench:
            bench.propose(target=20.3)
            for value in (2005, 2010, 2015, 2020):
                blocks = len(bench.plc.blocks)
                await bench.until(partial(_more_blocks_than, bench, blocks), "an increment")
                await asyncio.sleep(0.05)
                bench.plc.holding[3] = value
                bench.plc._show()
            await bench.until_result("target", "CONFIRMED")
            assert bench.plc.in_force(3) == 2020
            assert [block[2] for _, block in bench.plc.blocks][:5] == [2000, 2005, 2010, 2015, 2020]

    asyncio.run(scene())


def test_a_person_who_takes_the_moving_edge_over_wins(tmp_path: Path) -> None:
    """Also within one poll period: the ramp ends REFUSED and the value stays."""

    async def scene() -> None:
        async with running(tmp_path, poll={"fast": "200 ms"}) as bench:
            bench.propose(target=20.3)
            await bench.until_result("first-increment", "CONFIRMED")
            await asyncio.sleep(0.03)
            bench.plc.holding[2] = 1990
            bench.plc._show()
            result = await bench.until_result("target", "REFUSED")
            assert result.reason.startswith("taken over: ")
            assert bench.plc.in_force(2) == 1990

    asyncio.run(scene())


def test_a_setpoint_off_its_recipe_at_the_start_is_an_alarm(tmp_path: Path) -> None:
    """MEDIUM, not holding, with its value; it ends when the value is the recipe's; the other edge raises none."""

    async def scene() -> None:
        plc = PlcDouble()
        plc.holding[2] = 2050
        async with running(tmp_path, plc=plc) as bench:
            (alarm,) = bench.alarms("blade_load_sp_left.off_recipe")
            assert (alarm.active, alarm.holds, alarm.priority) == (True, False, "medium")
            assert "20.5 kPa" in alarm.text
            assert bench.alarms("blade_load_sp_right.off_recipe") == []
            bench.plc.holding[2] = RECIPE
            bench.plc._show()
            await bench.until(lambda: not bench.alarms("blade_load_sp_left.off_recipe")[-1].active, "its end")

    asyncio.run(scene())


def test_readings_carry_values_in_force_and_units(tmp_path: Path) -> None:
    """Every polled tag is there, Good."""

    async def scene() -> None:
        async with running(tmp_path) as bench:
            assert bench.reading is not None
            load = bench.reading.get(LEFT)
            speed = bench.reading.get("plc.web_speed")
            assert load is not None
            assert (load.value, load.unit, load.quality.is_good) == (20.0, "kPa", True)
            assert speed is not None
            assert speed.value == 1_000_000

    asyncio.run(scene())


def _more_blocks_than(bench, count):
    return len(bench.plc.blocks) > count
