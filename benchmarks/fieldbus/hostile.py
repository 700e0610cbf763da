"""A million hostile proposals among a hundred thousand legal ones, judged by a second author's model of the rules.

Guard, image, command block and reports are those of the live bus, in virtual time. What the model refuses must be
refused, what it allows must be accepted, and every block on the wire must be one that it allows.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import msgspec

from benchmarks.fieldbus.attacks import ATTACKS, BREACHES, legal, rollback, spoilt
from benchmarks.fieldbus.live import attacked
from benchmarks.fieldbus.moments import MOMENTS, at
from benchmarks.fieldbus.plans import NEVER, PLANS, ROGUE, Plan
from benchmarks.fieldbus.row import Row
from benchmarks.fieldbus.shift import Line
from benchmarks.fieldbus.tally import Tally, judged
from cellctl.model.correction import Proposal
from cellctl.model.packml import PackMLState
from cellctl.model.people import Order

HOSTILE_PER_LEGAL = 10
IN_A_MOMENT = 400
"""Hostile proposals in a row that only the moment makes hostile."""
MOMENTS_PER_LEGAL = 0.005
LEGAL_PER_SHIFT = 2000
PAUSE_S = (0.001, 0.03)
SETTLED_S = 1.5
MOVE_NS = 20_000_000_000
"""No move takes longer."""
RESETS = 0.01
"""Chance at every attack that somebody resets a loop that has tripped."""
SEED = 20260


class Shift:
    """One line from its start to its end, and whoever attacks it.

    Args:
        seed: of everything random.
        folder: for its tag table.
        plan: its set-points.
    """

    def __init__(self, seed: int, folder: Path, plan: Plan) -> None:
        self._chance = random.Random(seed)
        self._line, self._plan = Line(folder, plan), plan
        self._tags = list(self._line.model.points)
        self.tally = Tally()

    def run(self, moves: int) -> Tally:
        """So many legal moves, each among its hostile ones; ends early once guard and model part ways."""
        line, trips = self._line, self._plan.trip != NEVER
        attacks, attack = (sorted(BREACHES), self._break) if trips else (list(ATTACKS), self._spoil)
        line.go_on(0.1)
        line.set_state(PackMLState.EXECUTE)
        self._all("not watched for a second yet", self._tags, 20)
        line.go_on(SETTLED_S)
        while self.tally.legal < moves and not self._parted:
            while self.tally.hostile < HOSTILE_PER_LEGAL * self.tally.legal and not self._parted:
                attack(self._chance.choice(attacks))
            if self._chance.random() < MOMENTS_PER_LEGAL:
                self._moment(self._chance.choice(list(MOMENTS)))
            self._move()
        line.go_on(SETTLED_S)
        self.tally.blocks, self.tally.wrong = line.blocks, line.wrong
        return self.tally

    @property
    def _parted(self) -> bool:
        """What follows the first disagreement says nothing any more."""
        return bool(self.tally.disagreed or self._line.wrong)

    def _move(self) -> None:
        """A legal one, at a set-point that nothing moves."""
        self._line.go_on(self._chance.uniform(*PAUSE_S))
        late_ns = self._line.now_ns + MOVE_NS
        while not (free := [tag for tag in self._tags if self._line.model.points[tag].is_free]):
            self._line.go_on(PAUSE_S[1])
            if self._line.now_ns > late_ns:
                self._line.wrong.append("moves do not come to their end")
            if self._parted:
                return
        tag = self._chance.choice(free)
        back = rollback(self._line, tag) if self._chance.random() < 0.1 else None
        self._try("legal", back or legal(self._line, tag, self._chance))

    def _break(self, name: str) -> None:
        """The rogue breaks a rule and nothing else; from time to time somebody resets it."""
        line, model = self._line, self._line.model
        line.go_on(self._chance.uniform(*PAUSE_S))
        if model.tripped and self._chance.random() < RESETS:
            line.order(Order.RESET, ROGUE)
            model.reset(ROGUE)
        proposal = legal(line, self._chance.choice(self._tags), self._chance)
        proposal = msgspec.structs.replace(spoilt(name, line, proposal, self._chance), loop=ROGUE)
        if len(model.broken(proposal, line.now_ns)) == 1 or model.tripped:
            if not model.tripped:
                model.breach(ROGUE, line.now_ns, self._plan.trip)  # its set-points may go safe at once
            self._try(name, proposal)

    def _spoil(self, name: str) -> None:
        self._line.go_on(self._chance.uniform(*PAUSE_S))
        proposal = legal(self._line, self._chance.choice(self._tags), self._chance)
        self._try(name, spoilt(name, self._line, proposal, self._chance))

    def _moment(self, name: str) -> None:
        with at(name, self._line, self._chance) as tags:
            self._all(name, tags, IN_A_MOMENT)

    def _all(self, name: str, tags: list[str], times: int) -> None:
        """What would be legal at another moment."""
        for _ in range(times):
            self._line.go_on(self._chance.uniform(*PAUSE_S))
            if self._parted:
                return
            self._try(name, legal(self._line, self._chance.choice(tags), self._chance))

    def _try(self, name: str, proposal: Proposal) -> None:
        if self._line.model.is_open(proposal, self._line.now_ns):
            return
        self.tally.note(name, *self._line.propose(proposal))


def rows(quick: bool) -> Iterator[Row]:
    """One row of virtual time, and one of a real bus process."""
    shifts, moves = (4, 100) if quick else (50, 1000)
    tally = Tally()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(_shift, range(SEED, SEED + shifts)):
            tally.add(found)
    yield judged(tally, f"in lockstep, seeds {SEED}…{SEED + shifts - 1}")
    yield judged(attacked(moves, SEED), f"live, seed {SEED}")


def _shift(seed: int) -> Tally:
    with tempfile.TemporaryDirectory() as folder:
        return Shift(seed, Path(folder), PLANS[seed % len(PLANS)]).run(LEGAL_PER_SHIFT)
