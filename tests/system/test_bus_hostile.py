"""Hostile and too many proposals: each is answered, none is written."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path

import msgspec

from tests.system.bus_bench import RULES, running


def test_no_hostile_proposal_reaches_the_wire(tmp_path: Path) -> None:
    """Every refusal names its rule; the legal proposal behind them passes."""
    hostile: list[tuple[str, dict[str, object]]] = [
        ("finite", {"target": math.nan}),
        ("finite", {"target": math.inf}),
        ("tag", {"tag": "plc.cmd_seq"}),
        ("unit", {"unit": "bar"}),
        ("epoch", {"epoch": 0}),
        ("authority", {"loop": "stranger"}),
        ("range", {"target": 16.5}),
        ("per-event", {"target": 21.5}),
        ("sequence", {"sequence": -1}),
    ]

    patient = msgspec.structs.replace(RULES, trip=len(hostile) + 1)  # a loop that trips is asked no further

    async def scene() -> None:
        async with running(tmp_path, rules=patient) as bench:
            for _, changes in hostile:
                bench.propose(**changes)
            await bench.until(lambda: len(bench.results) == len(hostile), "an answer to each")
            assert [result.reason.split(":")[0] for result in bench.results] == [name for name, _ in hostile]
            assert bench.plc.blocks == []
            bench.propose(target=20.04)
            await bench.until_result("target", "CONFIRMED")

    asyncio.run(scene())


def test_a_flood_is_answered_and_bounded(tmp_path: Path) -> None:
    """Sixteen wait, the rest are refused at the door; one move begins."""

    async def scene() -> None:
        async with running(tmp_path) as bench:
            for _ in range(100):
                bench.propose(target=20.04)
            await bench.until(lambda: sum(phase == "decided" for phase, _ in bench.moments) == 100, "all answers")
            decided = [result for result in bench.results if result.phase == "decided"]
            assert sum(result.outcome == "CONFIRMED" for result in decided) >= 1
            assert any(result.reason.startswith("queue: ") for result in decided)

    asyncio.run(scene())


def test_a_proposal_for_another_device_is_left_to_that_device(tmp_path: Path) -> None:
    """Neither answered nor written here."""

    async def scene() -> None:
        async with running(tmp_path) as bench:
            bench.propose(tag="oven.zone_1")
            bench.propose(target=20.04)
            await bench.until_result("target", "CONFIRMED")
            assert {result.tag for result in bench.results} == {"plc.blade_load_sp_left"}

    asyncio.run(scene())
