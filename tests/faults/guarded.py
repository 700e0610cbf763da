"""A guard at work on its files: the program whose power is cut.

    python -m tests.faults.guarded FOLDER SEED RUNS MOVES [--no-sync]

It is the live guard with its journal, its orders and its memory over runs, in virtual time and with a plant in memory.
Every line that it prints was in effect outside before whatever follows: `acted` before a value goes to the plant, with
the ends of the moves that somebody asked for (a way to the safe state is not on record, and neither is its end);
`told` when people are told who has what; `gives-back` before something is given back. Every second run ends in good
order, the others just end. With `--no-sync` nothing is ever synced: the control.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from cellctl.clock import NS_PER_MS
from cellctl.config.resolved import DriftOver, GuardRules, Setpoint
from cellctl.evidence.files import make_folder
from cellctl.guard import Guard
from cellctl.model.correction import Kind, Outcome, Proposal, WritePhase, WriteResult
from cellctl.model.events import Priority
from cellctl.model.guarding import Memory, Plant, Report
from cellctl.model.message import Stamp
from cellctl.model.packml import CellState, PackMLState
from cellctl.model.people import Instruction, Order
from cellctl.model.quality import Ne107, Quality
from cellctl.model.tags import TagValue
from cellctl.runtime.bus.intents import Intents, recall
from cellctl.runtime.bus.orders import Orders
from cellctl.runtime.bus.state import GuardState

LEFT, RIGHT = "plc.left", "plc.right"
TAGS = (LEFT, RIGHT)
LOOPS: dict[str, tuple[str, ...]] = {"edge": (LEFT,), "film": (RIGHT,)}
TICK_NS = 100 * NS_PER_MS
LIMIT_S = 30.0
"""For a disk under test, an intent may take so long."""


def setpoint(tag: str) -> Setpoint:
    """Budgets that fill and empty within a minute."""
    return Setpoint(
        tag, "kPa", 20.0, 17.0, 23.0, 0.4, 1.0, 3.0, 0.01, drift_over=DriftOver.RUNNING, drift_window_s=60.0,
        cool_down_s=0.2, tries=6, tries_window_s=15.0, safe=20.0,
    )  # fmt: skip


RULES = GuardRules(tuple(setpoint(tag) for tag in TAGS), 2.0, 2.5, 0.3, LOOPS)


def say(what: str, **values: object) -> None:
    """One line to the world outside, in one call."""
    os.write(1, msgspec.json.encode({"what": what, **values}) + b"\n")


class Shift:
    """One run of the guard.

    Args:
        folder: of this run.
        state: the guard's memory over runs.
        dice: decides what happens.
        plant: set-point → value in force; outlives runs.
        now_ns: virtual time.
        number: of the last move.
    """

    def __init__(  # all that goes on from one run to the next
        self, folder: Path, state: GuardState, dice: Random, plant: dict[str, float], now_ns: int, number: int
    ) -> None:
        make_folder(folder)
        self._journal = state.begin(folder / "journal-plc.jsonl")
        self._dice, self._plant, self.now_ns = dice, plant, now_ns
        self._guard = Guard(RULES, recall(self._journal.records()))
        self._intents = Intents(self._journal, lambda fault: say("fault", fault=fault))
        self._orders = Orders("plc", self._guard, self, self._told)
        self._untold = 0
        self._asked: set[str] = set()
        self._ended = dict(self._guard.memory.ended)
        self.number = number
        self._epoch = self._guard.memory.epoch

    async def work(self, moves: int) -> None:
        """Arm, watch the plant for a second, and let things happen."""
        await self._arm()
        for _ in range(moves):
            happens = self._dice.choices(
                (self._step, self._break_the_envelope, self._take_over, self._give_back, self._arm, self._wait),
                (12, 1, 1, 3, 1, 2),
            )[0]
            await happens()
            self._orders.show()
            await asyncio.sleep(0)
        await self._intents.close(LIMIT_S)
        self._journal.close()

    async def _arm(self) -> None:
        self._epoch += 1
        self._hear_the_cell()
        self._intents.armed(self._guard.memory)
        await self._wait()

    async def _wait(self) -> None:
        for _ in range(12):
            await self._tick()

    async def _step(self) -> None:
        tag = self._dice.choice(TAGS)
        target = round(self._plant[tag] + self._dice.choice((-0.04, 0.04, -0.08, 0.08)), 2)
        kind = self._dice.choice((Kind.STEP, Kind.STEP, Kind.STEP, Kind.REGULATE))
        await self._propose(tag, target, kind)

    async def _break_the_envelope(self) -> None:
        for _ in range(RULES.trip):
            await self._propose(LEFT, 30.0, Kind.STEP)

    async def _take_over(self) -> None:
        self._order(Order.TAKE_OVER, self._dice.choice(TAGS))

    async def _give_back(self) -> None:
        loop = self._dice.choice(tuple(LOOPS))
        while self._untold:
            await asyncio.sleep(0)
        say("gives-back", loop=loop, tags=LOOPS[loop])
        self._order(Order.HAND_BACK, loop)
        self._order(Order.RESET, loop)

    def order(self, instruction: Instruction, memory: Memory) -> None:
        """To the journal."""
        self._intents.order(instruction, memory)

    def standing(self, memory: Memory, then: Callable[[], None]) -> None:
        """To the journal, counting what was not told yet."""
        self._untold += 1

        def told() -> None:
            self._untold -= 1
            then()

        self._intents.standing(memory, told)

    def _order(self, order: Order, subject: str) -> None:
        self._orders.obey(Instruction(stamp=Stamp(self.now_ns), order=order, subject=subject, by="Li"))

    async def _propose(self, tag: str, target: float, kind: Kind) -> None:
        """As the bus process does it: judge, intent on disk, begin, ramp."""
        self._hear_the_cell()
        self.number += 1
        loop = next(name for name, tags in LOOPS.items() if tag in tags)
        proposal = Proposal(
            source=loop, sequence=self.number, stamp=Stamp(self.now_ns), transaction=f"t-{self.number}", loop=loop,
            kind=kind, tag=tag, target=target, unit="kPa", epoch=self._epoch, exposure_ns=self.now_ns,
            first_line_ns=self.now_ns, confidence=1.0, quality=Quality.GOOD,
        )  # fmt: skip
        old, reason = self._plant[tag], self._guard.judge(proposal, self.now_ns, self._seen())
        if reason:
            self._guard.refused(proposal, reason, self.now_ns)
            return
        stored = asyncio.ensure_future(self._intents.intend(proposal, old, self._guard.meant(proposal, old), LIMIT_S))
        await asyncio.sleep(0)
        if self._dice.random() < 0.3:
            self._intents.armed(self._guard.memory)  # another record crosses with it
        if await stored or self._guard.begin(proposal, self.now_ns, self._seen()):
            return
        self._asked.add(tag)
        for _ in range(self._dice.choice((1, 3, 15))):
            await self._tick()

    async def _tick(self) -> None:
        """A tick of the bus: a block goes out, and the plant confirms it or nobody knows."""
        self.now_ns += TICK_NS
        self._hear_the_cell()
        self._orders.show()
        increments = dict(self._guard.due(self.now_ns, self._seen()))
        if self._asked & increments.keys():  # the way to the safe state needs no memory
            say("acted", memory=self._guard.memory, in_force=self._plant | increments, ended=self._ended)
        if increments:
            if self._dice.random() < 0.9:
                self._plant.update(increments)
                self._guard.confirmed(self.now_ns)
            else:
                self._guard.failed(self.now_ns, Outcome.UNKNOWN, "time-out")
        reports, self._guard.reports = self._guard.reports, []
        for report in reports:
            self._intents.result(self._result(report), self._guard.memory)
            if report.outcome is not Outcome.CONFIRMED or report.phase is WritePhase.TARGET:
                self._asked.discard(report.proposal.tag)
                self._ended[report.proposal.tag] = self._guard.memory.ended[report.proposal.tag]
        await asyncio.sleep(0)

    def _hear_the_cell(self) -> None:
        self._guard.on_cell(
            CellState(
                stamp=Stamp(self.now_ns),
                state=PackMLState.EXECUTE,
                epoch=self._epoch,
                safe=False,
                reason="in operation",
            )
        )

    def _seen(self) -> Plant:
        return Plant(True, {
            tag: TagValue(tag, value, "kPa", Quality.GOOD, Ne107.OK, self.now_ns) for tag, value in self._plant.items()
        })  # fmt: skip

    def _told(self, kind: str, text: str, _priority: Priority) -> None:
        if text:
            say("told", kind=kind)

    def _result(self, report: Report) -> WriteResult:
        asked = report.proposal
        return WriteResult(
            stamp=Stamp(self.now_ns), transaction=asked.transaction, kind=asked.kind, phase=report.phase,
            outcome=report.outcome, reason=report.reason, tag=asked.tag, old=report.old, proposed=asked.target,
            written=asked.target, in_force=self._plant[asked.tag], unit="kPa", registers="", encoder_mm=0.0,
            intent_ns=0, written_ns=self.now_ns, exposure_ns=0, first_line_ns=0,
        )  # fmt: skip


def main(folder: Path, seed: int, runs: int, moves: int) -> None:
    """All runs, one after the other."""
    dice, plant, now_ns, moved = Random(seed), dict.fromkeys(TAGS, 20.0), 0, 0  # no secret depends on it
    make_folder(folder / "state")
    state = GuardState(folder / "state", "plc")
    for number in range(runs):
        shift = Shift(folder / "runs" / str(number), state, dice, plant, now_ns, moved)
        asyncio.run(shift.work(moves))
        now_ns, moved = shift.now_ns, shift.number
        if number % 2:
            state.settle()


def never_sync() -> None:
    """Let every sync return at once, as a program without any would."""
    module: Any = os
    module.fsync = module.fdatasync = lambda _descriptor: None


if __name__ == "__main__":
    if "--no-sync" in sys.argv:
        sys.argv.remove("--no-sync")
        never_sync()
    main(Path(sys.argv[1]), *map(int, sys.argv[2:5]))
