"""An operator takes a set-point over in the middle of its ramp, by order or by turning it at the machine.

Whether it jumped is judged by the controller's log alone: over any second no block may move it by more than the slew
and one count, from wherever the operator left it.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.fieldbus import plc, rig
from benchmarks.fieldbus.plans import LIMITS, Plan
from benchmarks.fieldbus.plc import FIRST_SETPOINT, Options
from benchmarks.fieldbus.process import PlcProcess
from benchmarks.fieldbus.row import Row
from cellctl.model.correction import Outcome
from cellctl.model.message import Stamp
from cellctl.model.people import Instruction, Order

LINES = 10
"""Bus processes side by side, each with a controller of its own."""
TAG = rig.LEFT
LIMIT = LIMITS[TAG]
FAR = LIMIT.per_event
"""Counts of the ramp that is interrupted: 2.5 s of it."""
RAMP_S = (0.15, 2.2)
"""When it is interrupted."""
HELD_S = (0.2, 0.6)
TURN = (5, 80)
"""Counts that the operator turns at the machine."""
IN_FLIGHT_NS = 100_000_000
"""A block that was under way when the order came may still arrive."""
SEED = 2026


class Taken(NamedTuple):
    """One take-over.

    Attributes:
        at_ns: when the operator took it.
        back_ns: when it was handed back.
        ended: whether the ramp ended, and nobody reported its target in force.
    """

    at_ns: int
    back_ns: int
    ended: bool


def rows(quick: bool) -> Iterator[Row]:
    """One row for either way."""
    times = 2 if quick else 10
    for by_order in (True, False):
        logs, taken = asyncio.run(_measure(by_order, times))
        yield _judged(by_order, logs, taken)


def _judged(by_order: bool, logs: list[dict[str, Any]], taken: list[list[Taken]]) -> Row:
    way = "by order" if by_order else f"at the machine, turned by {TURN[0]} to {TURN[1]} counts"
    largest = max(jump(log["changes"], log["turns"]) for log in logs)
    went_on = sum(moves_on(log["changes"], it) for log, them in zip(logs, taken, strict=True) for it in them)
    return Row(
        f"operator takes over in the middle of a ramp, {way}, seed {SEED}", sum(map(len, taken)),
        largest <= LIMIT.slew_per_s + 1 and not (by_order and went_on),
        f"largest change over any second {largest} counts of {LIMIT.slew_per_s} + 1; {went_on} ramps went on"
        + ("" if by_order else ": their next block was under way when somebody turned"),
        asked="no jump greater than the slew limit in the plant's log",
    )  # fmt: skip


def jump(changes: list[list[Any]], turns: list[list[Any]]) -> int:
    """Largest change of the first set-point over any second that blocks have made, counts.

    Args:
        changes: (time, values in force) after each block that changed one.
        turns: the same after each turn at the machine, from where counting begins anew.
    """
    largest, window = 0, [(0, plc.RECIPE)]
    for at_ns, values, is_turn in sorted([(*it, False) for it in changes] + [(*it, True) for it in turns]):
        if is_turn:
            window = []
        else:
            while len(window) > 1 and window[1][0] <= at_ns - 1_000_000_000:
                window.pop(0)
            largest = max([largest, *(abs(values[0] - value) for _, value in window)])
        window.append((at_ns, values[0]))
    return largest


def moves_on(changes: list[list[Any]], taken: Taken) -> bool:
    """Whether blocks went on to move the set-point while the operator had it."""
    return not taken.ended or any(taken.at_ns + IN_FLIGHT_NS < at_ns < taken.back_ns for at_ns, _ in changes)


async def _measure(by_order: bool, times: int) -> tuple[list[dict[str, Any]], list[list[Taken]]]:
    """The controllers' logs, and what the operators did, line by line."""
    with tempfile.TemporaryDirectory() as folder, PlcProcess(Options(LINES, slew=LIMIT.slew_per_s)) as controllers:
        table = plc.table(Path(folder) / "tags.csv", 0)
        operators = [Operator(controllers, number, by_order) for number in range(LINES)]
        taken = await asyncio.gather(*(it.work(table, times) for it in operators))
        return controllers.stop(), taken


class Operator:
    """Lets one line ramp, and takes its set-point over.

    Args:
        controllers: where the lines are.
        number: of the line's controller.
        by_order: take it over by order; else turn it at the machine.
    """

    def __init__(self, controllers: PlcProcess, number: int, by_order: bool) -> None:
        self._controllers, self._number, self._by_order = controllers, number, by_order
        self._chance = random.Random(SEED + number)
        self._here = plc.RECIPE
        self._line: rig.Rig

    async def work(self, table: Path, times: int) -> list[Taken]:
        """Take it over so many times."""
        rules = Plan("one set-point", {TAG: LIMIT}).rules()
        bus = rig.device(self._controllers.ports[self._number], table)
        async with rig.running(bus, rig.MemoryJournal(), rules) as self._line:
            return [await self._take_over() for _ in range(times)]

    async def _take_over(self) -> Taken:
        """One ramp towards the far side of the recipe, and its end."""
        line, chance = self._line, self._chance
        target = self._here + (FAR if self._here <= plc.RECIPE else -FAR)
        ramp = asyncio.create_task(line.move(line.proposal(TAG, target * rig.RESOLUTION)))
        await asyncio.sleep(chance.uniform(*RAMP_S))
        at_ns = time.monotonic_ns()
        if self._by_order:
            self._order(Order.TAKE_OVER)
        else:
            value = plc.RECIPE + chance.choice((-1, 1)) * chance.randint(*TURN)
            self._controllers.turn(self._number, FIRST_SETPOINT, value)
        result = await ramp
        await asyncio.sleep(chance.uniform(*HELD_S))
        back_ns = time.monotonic_ns()
        self._order(Order.HAND_BACK)
        await asyncio.sleep(rig.WATCHED_S)
        self._here = line.in_force(TAG)
        return Taken(at_ns, back_ns, result.outcome is not Outcome.CONFIRMED)

    def _order(self, order: Order) -> None:
        stamp = Stamp(time.monotonic_ns())
        self._line.ports.deliver(Instruction(stamp=stamp, order=order, subject=TAG, by="the operator"))
