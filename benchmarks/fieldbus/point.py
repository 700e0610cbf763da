"""What the model knows of one set-point, in whole counts of the wire."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from cellctl.config.resolved.guard import DriftOver
from cellctl.model.correction import Kind

NS_PER_S = 1_000_000_000
FAR = 1e12


class Limits(NamedTuple):
    """Of one set-point, in counts of the wire.

    Attributes:
        unit: that a proposal must name.
        resolution: value of one count, in that unit.
        recipe: value of the recipe, which is the safe state too.
        lowest: smallest value allowed.
        highest: largest value allowed.
        slew_per_s: largest change over any second, but for one count.
        per_event: largest distance of one move.
        drift: largest net change that `over` counts.
        loops: who may move it.
        over: the distance from the recipe, the change within `window_s` of running, or that since the lot began.
        window_s: of running time.
        cool_down_s: running time from the end of a move to the next step.
        tries: steps that may begin within `tries_s` of running; 0: any number.
        tries_s: running time.
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
    over: DriftOver = DriftOver.RECIPE
    window_s: float = 0.0
    cool_down_s: float = 0.0
    tries: int = 0
    tries_s: float = 0.0

    def counts(self, value: float) -> int:
        """The nearest count of a finite value; nothing in range is as large as `FAR`."""
        return round(max(-FAR, min(FAR, value / self.resolution)))


class Move(NamedTuple):
    """A move that was allowed and has not ended."""

    transaction: str
    kind: Kind
    target: int


@dataclass
class Point:
    """What is known of one set-point.

    Attributes:
        limits: its own.
        in_force: counts in force at the plant.
        asked: counts that the last block on the wire asks for.
        history: (time, counts) of what was in force during the last second, oldest first.
        held: (running time from which on, counts) of what was in force, as far back as a window reaches.
        seen_ns: since when its value can be read without a break; None while it cannot.
        move: the one that was allowed last and has not ended.
        way_back: on the way to the safe state.
        taken: somebody has it.
        origin: transaction of the last step, and the counts before it.
        lot_began: counts in force when the lot began.
        ended_s: running time at the end of the last move.
        begun_s: running time of every step that began.
    """

    limits: Limits
    in_force: int
    history: list[tuple[int, int]]
    held: list[tuple[float, int]]
    asked: int
    seen_ns: int | None = 0
    move: Move | None = None
    way_back: bool = False
    taken: bool = False
    origin: tuple[str, int] = ("", 0)
    lot_began: int = 0
    ended_s: float = -math.inf
    begun_s: list[float] = field(default_factory=list)

    @property
    def is_free(self) -> bool:
        """Whether nothing moves it."""
        return self.move is None and not self.way_back

    def put(self, now_ns: int, counts: int, running_s: float) -> None:
        """A value is in force."""
        while len(self.history) > 1 and self.history[1][0] < now_ns - NS_PER_S:
            self.history.pop(0)
        while len(self.held) > 1 and self.held[1][0] < running_s - 2 * self.limits.window_s:
            self.held.pop(0)
        self.history.append((now_ns, counts))
        self.held.append((running_s, counts))
        self.in_force = counts
        if self.move is not None and self.move.target == counts:
            self.end_move(running_s)
        if self.way_back and self.limits.recipe == counts == self.asked:
            self.way_back, self.ended_s = False, running_s

    def end_move(self, running_s: float) -> None:
        """A move has come to its end, wherever that is."""
        if self.move is not None:
            self.move, self.ended_s = None, running_s

    def span(self, running_s: float, window_s: float) -> tuple[int, int]:
        """Lowest and highest value that the drift lets a move away from the recipe go to."""
        limits = self.limits
        if limits.over is DriftOver.RUNNING:
            until_s = [*(from_s for from_s, _ in self.held[1:]), running_s]
            values = [
                value for end_s, (_, value) in zip(until_s, self.held, strict=True) if end_s >= running_s - window_s
            ]
            return max(values) - limits.drift, min(values) + limits.drift
        middle = limits.recipe if limits.over is DriftOver.RECIPE else self.lot_began
        return middle - limits.drift, middle + limits.drift

    def is_towards(self, target: int) -> bool:
        """Whether that lies between the value in force and the recipe."""
        recipe = self.limits.recipe
        return min(self.in_force, recipe) <= target <= max(self.in_force, recipe)

    def too_fast(self, now_ns: int, counts: int) -> bool:
        """Whether that value would be further from one of the last second than the slew allows."""
        since_ns = now_ns - NS_PER_S
        within = [value for at_ns, value in self.history if at_ns >= since_ns]
        before = [value for at_ns, value in self.history if at_ns < since_ns][-1:]
        return any(abs(counts - value) > self.limits.slew_per_s + 1 for value in before + within)
