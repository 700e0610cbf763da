"""What may move a set-point, written down a second time by somebody who had not read the guard.

It counts in whole counts of the wire, is told the same facts, and says of every proposal whether it may begin and of
every block on the wire whether it was allowed. Where it and the guard disagree, one of the two is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from benchmarks.fieldbus.point import NS_PER_S, Limits, Move, Point
from cellctl.model.correction import Kind, Proposal
from cellctl.model.packml import CellState, PackMLState

SLOTS = 1.15
"""A window of running time that is counted in sixteenths reaches so many times as far back at most."""
EDGE_S = 0.2
"""The bus counts running time poll by poll, and learns a scan later that a move has ended."""
TRIP_S = 60.0
STEPS = frozenset({Kind.STEP, Kind.REGULATE})


class Ages(NamedTuple):
    """How old what may be, and how long a set-point must have been seen before it is moved; s."""

    proposal: float
    evidence: float
    shown: float
    state: float
    watched: float = 1.0


class Model:
    """Facts in, judgements out.

    Args:
        limits: set-point → its limits.
        in_force: set-point → counts in force at the start.
        ages: how old what may be.
        now_ns: the start.

    Attributes:
        points: set-point → what is known of it.
        refuses: why the controller takes no moves; empty while it does.
        tripped: loops that nothing is taken from.
        wider_s: every window of running time reaches back so much further.
        running_s: how long the cell has been in Execute by what it was told, when somebody last looked.
    """

    def __init__(self, limits: Mapping[str, Limits], in_force: Mapping[str, int], ages: Ages, now_ns: int) -> None:
        self.points = {
            tag: Point(own, it := in_force[tag], [(now_ns, it)], [(0.0, it)], it, now_ns, lot_began=it)
            for tag, own in limits.items()
        }
        self.ages = ages
        self.refuses = ""
        self.tripped: set[str] = set()
        self.wider_s = 0.0
        self._breaches: dict[str, list[int]] = {}
        self.cell: CellState | None = None
        self.running_s, self._looked_ns = 0.0, now_ns
        self._is_old = False
        self._sequences: dict[str, int] = {}

    def tell(self, state: CellState) -> None:
        """The cell's state; moves end with their epoch and with Execute."""
        self.look(state.stamp.t_ns)
        newer = self.cell is None or state.epoch > self.cell.epoch
        if newer:
            self._sequences.clear()
        if self.cell is not None and state.lot != self.cell.lot:
            for point in self.points.values():
                point.lot_began = point.in_force
        if newer or not _works(state):
            for point in self.points.values():
                point.end_move(self.running_s)
        if state.safe and (newer or not (self.cell and self.cell.safe)):
            self.go_back(self.points)
        self.cell = state

    def look(self, now_ns: int) -> None:
        """Time has passed: where nobody says Execute any more, the set-points go to the safe state."""
        executes = self.cell is not None and self.cell.state is PackMLState.EXECUTE
        if self.cell is not None and _works(self.cell):
            until_ns = min(now_ns, self.cell.stamp.t_ns + round(self.ages.state * NS_PER_S))
            self.running_s += max(0, until_ns - self._looked_ns) / NS_PER_S
        self._looked_ns, was_old = now_ns, self._is_old
        self._is_old = executes and not _is_told(self, now_ns)
        if self._is_old and not was_old:
            self.go_back(self.points)

    def go_back(self, tags: Iterable[str]) -> None:
        """These set-points are on their way to the safe state, where nobody has them."""
        for point in (self.points[tag] for tag in tags):
            point.end_move(self.running_s)
            point.ended_s = self.running_s
            point.way_back = not point.taken  # over when a block says so, even where nothing has to move

    def put(self, tag: str, now_ns: int, counts: int) -> None:
        """A value is in force."""
        self.look(now_ns)
        self.points[tag].put(now_ns, counts, self.running_s)

    def judge(self, proposal: Proposal, now_ns: int) -> str:
        """The first rule that the proposal breaks; empty when it may begin."""
        self.look(now_ns)
        point = self.points.get(proposal.tag)
        if point is None:
            return "tag"
        return next((name for name, broken in RULES if broken(self, proposal, point, now_ns)), "")

    def is_open(self, proposal: Proposal, now_ns: int) -> bool:
        """Whether the edge of a window of running time decides, where a guard that counts in slots may say either."""
        found = set()
        for self.wider_s in (-EDGE_S, EDGE_S):
            found.add(bool(self.judge(proposal, now_ns)))
        self.wider_s = 0.0
        return len(found) > 1

    def broken(self, proposal: Proposal, now_ns: int) -> list[str]:
        """Every rule that the proposal breaks, as far as its target can be counted with."""
        self.look(now_ns)
        point = self.points.get(proposal.tag)
        if point is None or not math.isfinite(proposal.target):
            return ["tag" if point is None else "number"]
        return [name for name, broken in RULES if broken(self, proposal, point, now_ns)]

    def breach(self, loop: str, now_ns: int, times: int) -> None:
        """A loop has broken the envelope; so often within `TRIP_S` trips it, and what it may move goes safe."""
        lately = self._breaches.setdefault(loop, [])
        lately[:] = [*lately, now_ns][-times:]
        if loop not in self.tripped and len(lately) == times and _young(lately[0], now_ns, TRIP_S):
            self.tripped.add(loop)
            self.go_back(tag for tag, point in self.points.items() if loop in point.limits.loops)

    def reset(self, loop: str) -> None:
        """A person lets it act again."""
        self.tripped.discard(loop)
        self._breaches.pop(loop, None)

    def take(self, tag: str) -> None:
        """Somebody has it: it stays where it is."""
        point = self.points[tag]
        point.end_move(self.running_s)
        point.way_back, point.taken = False, True

    def hand_back(self, tag: str, now_ns: int) -> None:
        """It is the cell's again, once it was watched."""
        self.points[tag].taken, self.points[tag].seen_ns = False, now_ns

    def begin(self, proposal: Proposal) -> None:
        """It was accepted."""
        point = self.points[proposal.tag]
        self._sequences[proposal.source] = proposal.sequence
        if proposal.kind is Kind.STEP:
            point.origin = (proposal.transaction, point.in_force)
            point.begun_s.append(self.running_s)
        point.move = Move(proposal.transaction, proposal.kind, point.limits.counts(proposal.target))

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
            if counts != point.in_force and (why := _wrong(point, counts, now_ns)):
                found.append(f"{tag}: {point.in_force} → {counts}: {why}")
            point.asked = counts
        return found


def _wrong(point: Point, counts: int, now_ns: int) -> str:
    """What is not allowed of one value on the wire that is not in force yet."""
    limits = point.limits
    if point.is_free or point.taken:
        return "nobody was allowed to move it"
    goal = limits.recipe if point.move is None else point.move.target
    if not min(point.in_force, goal) <= counts <= max(point.in_force, goal):
        return f"not on the way to {goal}"
    if point.too_fast(now_ns, counts):
        return "faster than its slew"
    if point.move is not None and not limits.lowest <= counts <= limits.highest:
        return "out of its range"
    return ""


def _young(then_ns: int, now_ns: int, limit_s: float) -> bool:
    return 0 <= now_ns - then_ns <= limit_s * NS_PER_S


def _is_told(model: Model, now_ns: int) -> bool:
    """Whether somebody has said the cell's state lately."""
    return model.cell is not None and _young(model.cell.stamp.t_ns, now_ns, model.ages.state)


def _works(state: CellState | None) -> bool:
    return state is not None and state.state is PackMLState.EXECUTE and not state.changing


def _is_again(model: Model, proposal: Proposal) -> bool:
    """Not newer than what was accepted of this source in this epoch."""
    newest = model.newest(proposal.source)
    return newest is not None and proposal.sequence <= newest


def _is_blind(model: Model, point: Point, now_ns: int) -> bool:
    """Not seen for a second without a break."""
    return point.seen_ns is None or now_ns - point.seen_ns < model.ages.watched * NS_PER_S


def _counts(proposal: Proposal, point: Point) -> int:
    return point.limits.counts(proposal.target)


def _is_out(proposal: Proposal, point: Point) -> bool:
    return not point.limits.lowest <= _counts(proposal, point) <= point.limits.highest


def _is_wrong_way(proposal: Proposal, point: Point) -> bool:
    """A roll-back leads to where its own correction began or towards the recipe, a release towards the recipe."""
    target = _counts(proposal, point)
    own = proposal.kind is not Kind.RELEASE and (proposal.transaction, target) == point.origin
    return proposal.kind not in STEPS and not (own or point.is_towards(target))


def _drifts(model: Model, proposal: Proposal, point: Point) -> bool:
    """Further than the drift allows, and not towards the recipe."""
    target, window_s = _counts(proposal, point), point.limits.window_s
    low, high = point.span(model.running_s, SLOTS * window_s if model.wider_s > 0 else window_s + model.wider_s)
    return not (low <= target <= high or point.is_towards(target))


def _is_warm(model: Model, proposal: Proposal, point: Point) -> bool:
    """A step too soon after the last move."""
    wait_s = point.limits.cool_down_s
    return wait_s > 0 and proposal.kind in STEPS and model.running_s - point.ended_s < wait_s + model.wider_s


def _has_tried(model: Model, proposal: Proposal, point: Point) -> bool:
    """A step too many."""
    limits = point.limits
    lately = sum(model.running_s - begun_s < limits.tries_s + model.wider_s for begun_s in point.begun_s)
    return limits.tries > 0 and proposal.kind is Kind.STEP and lately >= limits.tries


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
    ("tripped", lambda model, it, _, __: it.loop in model.tripped),
    ("execute", lambda model, _, __, ___: not _works(model.cell)),
    ("state's age", lambda model, _, __, now_ns: not _is_told(model, now_ns)),
    ("epoch", lambda model, it, _, __: not (model.cell and it.epoch == model.cell.epoch)),
    ("controller", lambda model, _, __, ___: bool(model.refuses)),
    ("taken", lambda _, __, point, ___: point.taken),
    ("proposal's age", lambda model, it, _, now_ns: not _young(it.stamp.t_ns, now_ns, model.ages.proposal)),
    ("evidence's age", lambda model, it, _, now_ns: (
        it.kind in STEPS and not _young(it.exposure_ns, now_ns, model.ages.evidence)
    )),
    ("evidence", lambda _, it, __, ___: it.kind in STEPS and not it.quality.is_good),
    ("sequence", lambda model, it, _, __: _is_again(model, it)),
    ("seen", lambda model, _, point, now_ns: _is_blind(model, point, now_ns)),
    ("busy", lambda _, it, point, __: _is_busy(it, point)),
    ("range", lambda _, it, point, __: _is_out(it, point)),
    ("per event", lambda _, it, point, __: abs(_counts(it, point) - point.in_force) > point.limits.per_event),
    ("drift", lambda model, it, point, _: _drifts(model, it, point)),
    ("cool-down", lambda model, it, point, _: _is_warm(model, it, point)),
    ("tries", lambda model, it, point, _: _has_tried(model, it, point)),
    ("way", lambda _, it, point, __: _is_wrong_way(it, point)),
)  # fmt: skip
"""Asked from the top: what comes later may rely on what came before."""
