"""The same attack on a real bus process; what reached the controller is judged by the controller's own log."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.fieldbus import plc, rig
from benchmarks.fieldbus.attacks import ATTACKS, legal, spoilt
from benchmarks.fieldbus.model import Model
from benchmarks.fieldbus.plans import AGES, LIMITS, Plan
from benchmarks.fieldbus.plc import FIRST_SETPOINT, Options
from benchmarks.fieldbus.process import PlcProcess
from benchmarks.fieldbus.tally import Tally
from cellctl.model.correction import Kind, Outcome, Proposal, WriteResult
from cellctl.model.message import Stamp
from cellctl.model.packml import CellState, PackMLState

HOSTILE_PER_LEGAL = 10
PAUSE_S = 0.003
TAGS = (rig.LEFT, rig.RIGHT)
OWN = {tag: LIMITS[tag] for tag in TAGS}
IN_FORCE = dict.fromkeys(TAGS, plc.RECIPE)
Accepted = list[tuple[int, Proposal]]


class LiveLine:
    """A bus process and the model of it.

    Attributes:
        model: told of what is accepted and confirmed.
        tally: what was tried.
        accepted: (time, proposal) of what the guard let begin.
    """

    edge_s = 0.5

    def __init__(self, line: rig.Rig, chance: random.Random) -> None:
        self._line, self._chance = line, chance
        self.model = Model(OWN, IN_FORCE, AGES, 0)
        self.tally = Tally()
        self.accepted: Accepted = []
        line.on_end = self._end

    def _end(self, result: WriteResult) -> None:
        """A move has come to its end, or its proposal was refused."""
        point = self.model.points.get(result.tag)
        if point is not None and result.outcome is Outcome.CONFIRMED:
            self.model.put(result.tag, time.monotonic_ns(), point.limits.counts(result.proposed))

    def proposal(self, tag: str, target: float, kind: Kind = Kind.STEP, transaction: str = "") -> Proposal:
        """One that is legal but perhaps for what it asks, decided now."""
        return self._line.proposal(tag, target, kind, transaction)

    async def attack(self, moves: int) -> None:
        """So many legal moves of either set-point one after the other, and hostile ones all the while."""
        async with asyncio.TaskGroup() as group:
            for tag in TAGS:
                group.create_task(self._move(tag, moves // len(TAGS)))
            group.create_task(self._spoil(moves * HOSTILE_PER_LEGAL))

    async def _move(self, tag: str, times: int) -> None:
        for _ in range(times):
            await asyncio.sleep(self._chance.uniform(0, PAUSE_S))
            await self._try("legal", legal(self, tag, self._chance))

    async def _spoil(self, times: int) -> None:
        for _ in range(times):
            await asyncio.sleep(self._chance.uniform(0, 2 * PAUSE_S))
            name = self._chance.choice(list(ATTACKS))
            await self._try(
                name, spoilt(name, self, legal(self, self._chance.choice(TAGS), self._chance), self._chance)
            )

    async def _try(self, name: str, proposal: Proposal) -> None:
        now_ns = time.monotonic_ns()
        executes = PackMLState.EXECUTE  # all the while: the rig says so again and again
        self.model.cell = CellState(
            stamp=Stamp(now_ns), state=executes, epoch=self._line.epoch, safe=False, reason=""
        )  # fmt: skip
        expected = self.model.judge(proposal, now_ns)
        if expected == "busy":
            return  # by the time it is judged the move may be over
        if not proposal.tag.startswith("plc."):  # nobody answers for another device
            self._line.ports.deliver(proposal)
            self.tally.note(name, expected, "not ours to answer")
            return
        if not expected:
            self.model.begin(proposal)
            self.accepted.append((now_ns, proposal))
        result = await self._line.move(proposal)
        found = "" if result.outcome is Outcome.CONFIRMED else f"{result.outcome} {result.reason}"
        self.tally.note(name, expected, found)


def attacked(moves: int, seed: int) -> Tally:
    """A bus process under attack, and what its controller saw of it."""
    return asyncio.run(_attacked(moves, random.Random(seed)))


async def _attacked(moves: int, chance: random.Random) -> Tally:
    with tempfile.TemporaryDirectory() as folder, PlcProcess(Options()) as controller:
        bus = rig.device(controller.ports[0], plc.table(Path(folder) / "tags.csv", 0))
        async with rig.running(bus, rig.MemoryJournal(), Plan("live", OWN).rules()) as line:
            live = LiveLine(line, chance)
            await live.attack(moves)
        log = controller.stop()[0]
    live.tally.blocks = len(log["blocks"])
    live.tally.wrong = wrong(log, live.accepted)
    return live.tally


def wrong(log: dict[str, Any], accepted: Accepted) -> list[str]:
    """What the controller's log shows that nobody was allowed to do."""
    model, found = Model(OWN, IN_FORCE, AGES, 0), list[str]()
    events: list[tuple[int, int, Any]] = [(at_ns, 0, proposal) for at_ns, proposal in accepted]
    events += [(at_ns, 1, words) for at_ns, words in log["changes"]]
    events += [(at_ns, 2, words) for at_ns, words in log["blocks"]]
    for at_ns, what, it in sorted(events, key=lambda event: event[:2]):
        if what == 0:
            model.begin(it)
        elif what == 1:
            for place, tag in enumerate(TAGS):
                if it[place] != model.points[tag].in_force:
                    model.put(tag, at_ns, it[place])
        else:
            words = it[FIRST_SETPOINT - plc.SEQUENCE + 1 :]
            asked = {tag: word * OWN[tag].resolution for tag, word in zip(TAGS, words, strict=True)}
            found += model.wrong(at_ns, asked)
    return found
