"""What may move a set-point, written down a second time by somebody who had not read the guard.

It counts in whole counts of the wire, is told the same facts, and says of every proposal whether it may begin and of
every block on the wire whether it was allowed. Where it and the guard disagree, one of the two is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from cellctl.model.correction import Kind, Proposal
from cellctl.model.packml import CellState, PackMLState

NS_PER_S = 1_000_000_000
FAR = 1e12


class Limits(NamedTuple):
    """Of one set-point, in counts of the wire.

    Attributes:
        unit: that a proposal must name.
        resolution: value of one count, in that unit.
        recipe: value of the recipe.
        lowest: smallest value allowed.
        highest: largest value allowed.
        slew_per_s: largest change over any second, but for one count.
        per_event: largest distance of one move.
        drift: largest distance from the recipe.
        loops: who may move it.
    """

    unit: str
    resolution: float
    recipe: int
    lowest: int
    highest: int
    slew_per_s: int
    per_event: int
    drift: int
    loops: frozenset[str]

    def counts(self, value: float) -> int:
        """The nearest count of a finite value; nothing in range is as large as `FAR`."""
        return round(max(-FAR, min(FAR, value / self.resolution)))


class Ages(NamedTuple):
    """How old what may be, and how long a set-point must have been seen before it is moved; s."""

    proposal: float
    evidence: float
    shown: float
    state: float
    watched: float = 1.0


class Move(NamedTuple):
    """A move that was allowed and has not ended; in counts."""

    transaction: str
    kind: Kind
    start: int
    target: int


@dataclass
class Point:
    """What is known of one set-point.

    Attributes:
        limits: its own.
        in_force: counts in force at the plant.
        history: (time, counts) of every change in force of the last seconds, the first one older than a second.
        seen_ns: since when its value can be read without a break; None while it cannot.
        move: the one that was allowed last and has not ended.
        way_back: on the way to the safe state.
        origin: transaction of the last step, and the counts before it.
    """

    limits: Limits
    in_force: int
    history: list[tuple[int, int]] = field(default_factory=list)
    seen_ns: int | None = 0
    move: Move | None = None
    way_back: bool = False
    origin: tuple[str, int] = ("", 0)

    @property
    def is_free(self) -> bool:
        """Whether nothing moves it."""
        return self.move is None and not self.way_back

    def put(self, now_ns: int, counts: int) -> None:
        """A value is in force."""
        while len(self.history) > 1 and self.history[1][0] < now_ns - NS_PER_S:
            self.history.pop(0)
        self.history.append((now_ns, counts))
        self.in_force = counts
        if self.move is not None and self.move.target == counts:
            self.move = None
        if counts == self.limits.recipe:
            self.way_back = False

    def too_fast(self, now_ns: int, counts: int) -> bool:
        """Whether that value would be further from one of the last second than the slew allows."""
        since_ns = now_ns - NS_PER_S
        within = [value for at_ns, value in self.history if at_ns >= since_ns]
        before = [value for at_ns, value in self.history if at_ns < since_ns][-1:]
        return any(abs(counts - value) > self.limits.slew_per_s + 1 for value in before + within)


class Model:
    """Facts in, judgements out.

    Args:
        limits: set-point → its limits.
        in_force: set-point → counts in force at the start.
        ages: how old what may be.

    Attributes:
        points: set-point → what is known of it.
        refuses: why the controller takes no moves; empty while it does.
    """

    def __init__(self, limits: Mapping[str, Limits], in_force: Mapping[str, int], ages: Ages, now_ns: int) -> None:
        self.points = {tag: Point(own, in_force[tag], [(now_ns, in_force[tag])], now_ns) for tag, own in limits.items()}
        self.ages = ages
        self.refuses = ""
        self.cell: CellState | None = None
        self._is_old = False
        self._sequences: dict[str, int] = {}

    def tell(self, state: CellState) -> None:
        """The cell's state; moves end with their epoch and with Execute."""
        self.look(state.stamp.t_ns)
        newer = self.cell is None or state.epoch > self.cell.epoch
        if newer:
            self._sequences.clear()
        if newer or not _works(state):
            for point in self.points.values():
                point.move = None
        if state.safe and (newer or not (self.cell and self.cell.safe)):
            self.go_back()
        self.cell = state

    def go_back(self) -> None:
        """Every set-point is on its way to the safe state."""
        for point in self.points.values():
            point.move, point.way_back = None, point.in_force != point.limits.recipe

    def look(self, now_ns: int) -> None:
        """Time has passed: where nobody says Execute any more, the set-points go to the safe state."""
        cell, was_old = self.cell, self._is_old
        executes = cell is not None and cell.state is PackMLState.EXECUTE
        self._is_old = executes and cell is not None and not _young(cell.stamp.t_ns, now_ns, self.ages.state)
        if self._is_old and not was_old:
            self.go_back()

    def judge(self, proposal: Proposal, now_ns: int) -> str:
        """The first rule that the proposal breaks; empty when it may begin."""
        self.look(now_ns)
        point = self.points.get(proposal.tag)
        if point is None:
            return "tag"
        return next((name for name, broken in RULES if broken(self, proposal, point, now_ns)), "")

    def begin(self, proposal: Proposal) -> None:
        """It was accepted."""
        point = self.points[proposal.tag]
        target = point.limits.counts(proposal.target)
        self._sequences[proposal.source] = proposal.sequence
        if proposal.kind is Kind.STEP:
            point.origin = (proposal.transaction, point.in_force)
        point.move = Move(proposal.transaction, proposal.kind, point.in_force, target)

    def newest(self, source: str) -> int | None:
        """The newest sequence accepted of a source in this epoch; None before the first."""
        return self._sequences.get(source)

    def wrong(self, now_ns: int, block: Mapping[str, float]) -> list[str]:
        """What is not allowed of a block that goes out on the wire; empty when all is."""
        self.look(now_ns)
        found = []
        for tag, value in block.items():
            point = self.points[tag]
            counts = point.limits.counts(value)
            if counts != point.in_force and (why := self._wrong(point, counts, now_ns)):
                found.append(f"{tag}: {point.in_force} → {counts}: {why}")
        return found

    def _wrong(self, point: Point, counts: int, now_ns: int) -> str:
        limits = point.limits
        if point.is_free:
            return "nobody was allowed to move it"
        goal = limits.recipe if point.move is None else point.move.target
        if not min(point.in_force, goal) <= counts <= max(point.in_force, goal):
            return f"not on the way to {goal}"
        if point.too_fast(now_ns, counts):
            return "faster than its slew"
        if point.move is not None and not limits.lowest <= counts <= limits.highest:
            return "out of its range"
        return ""


def _is_told(model: Model, now_ns: int) -> bool:
    """Whether somebody has said the cell's state lately."""
    return model.cell is not None and _young(model.cell.stamp.t_ns, now_ns, model.ages.state)


def _is_again(model: Model, proposal: Proposal) -> bool:
    """Not newer than what was accepted of this source in this epoch."""
    newest = model.newest(proposal.source)
    return newest is not None and proposal.sequence <= newest


def _works(state: CellState | None) -> bool:
    return state is not None and state.state is PackMLState.EXECUTE and not state.changing


def _young(then_ns: int, now_ns: int, limit_s: float) -> bool:
    return 0 <= now_ns - then_ns <= limit_s * NS_PER_S


def _is_back(proposal: Proposal) -> bool:
    """Whether it takes back what was done."""
    return proposal.kind in {Kind.ROLLBACK, Kind.RETURN, Kind.RELEASE}


def _counts(proposal: Proposal, point: Point) -> int:
    return point.limits.counts(proposal.target)


def _wrong_way(proposal: Proposal, point: Point) -> bool:
    """A roll-back leads to where its own correction began or towards the recipe, a release towards the recipe."""
    target, recipe = _counts(proposal, point), point.limits.recipe
    if proposal.kind not in {Kind.ROLLBACK, Kind.RETURN, Kind.RELEASE}:
        return False
    towards = min(point.in_force, recipe) <= target <= max(point.in_force, recipe)
    own = proposal.kind is not Kind.RELEASE and (proposal.transaction, target) == point.origin
    return not (towards or own)


def _drifts(proposal: Proposal, point: Point) -> bool:
    """Further from the recipe than the drift allows, and further than it is already."""
    limits, target = point.limits, _counts(proposal, point)
    away = abs(target - limits.recipe)
    return away > limits.drift and away > abs(point.in_force - limits.recipe)


def _is_busy(proposal: Proposal, point: Point) -> bool:
    """One move at a time, but for the roll-back of the correction that is under way."""
    if point.way_back or point.move is None:
        return point.way_back
    replaces = proposal.kind is Kind.ROLLBACK and point.move.kind is not Kind.ROLLBACK
    return not (replaces and proposal.transaction == point.move.transaction)


Rule = Callable[[Model, Proposal, Point, int], bool]
RULES: tuple[tuple[str, Rule], ...] = (
    ("number", lambda _, it, __, ___: not math.isfinite(it.target)),
    ("unit", lambda _, it, point, __: it.unit != point.limits.unit),
    ("loop", lambda _, it, point, __: it.loop not in point.limits.loops),
    ("execute", lambda model, _, __, ___: not _works(model.cell)),
    ("state's age", lambda model, _, __, now: not _is_told(model, now)),
    ("epoch", lambda model, it, _, __: not (model.cell and it.epoch == model.cell.epoch)),
    ("controller", lambda model, _, __, ___: bool(model.refuses)),
    ("proposal's age", lambda model, it, _, now: not _young(it.stamp.t_ns, now, model.ages.proposal)),
    ("evidence's age", lambda model, it, _, now: not (
        _is_back(it) or _young(it.exposure_ns, now, model.ages.evidence)
    )),
    ("sequence", lambda model, it, _, __: _is_again(model, it)),
    ("seen", lambda model, _, point, now: point.seen_ns is None or now - point.seen_ns < model.ages.watched * NS_PER_S),
    ("busy", lambda _, it, point, __: _is_busy(it, point)),
    ("range", lambda _, it, point, __: not point.limits.lowest <= _counts(it, point) <= point.limits.highest),
    ("per event", lambda _, it, point, __: abs(_counts(it, point) - point.in_force) > point.limits.per_event),
    ("drift", lambda _, it, point, __: _drifts(it, point)),
    ("way", lambda _, it, point, __: _wrong_way(it, point)),
)  # fmt: skip
"""Asked from the top: what comes later may rely on what came before."""
