"""Moments at which nothing may be moved: what is legal otherwise is hostile there."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.fieldbus.shift import Line
from cellctl.model.packml import PackMLState
from cellctl.model.people import Order

POLLED_S = 0.2
"""By then the bus has read what the controller shows."""
LOST_S = 0.6
"""By then a value that is not read any more is not Good any more."""
WATCHED_S = 1.5
LONGEST_S = 20.0
"""No way back takes longer."""
Moment = Callable[[Line, random.Random], Iterator[list[str]]]
"""Yields the set-points that nobody may move now."""


def _still(line: Line) -> None:
    """Wait until nothing moves."""
    for _ in range(round(LONGEST_S / POLLED_S)):
        line.go_on(POLLED_S)
        if all(point.is_free for point in line.model.points.values()):
            return


def held(line: Line, _chance: random.Random) -> Iterator[list[str]]:
    """The cell is held in the middle of whatever moves."""
    line.set_state(PackMLState.HELD)
    yield list(line.model.points)
    line.set_state(PackMLState.EXECUTE)


def safe(line: Line, _chance: random.Random) -> Iterator[list[str]]:
    """The cell is stopped, and the set-points go back to the recipe."""
    line.set_state(PackMLState.ABORTED, safe=True)
    yield list(line.model.points)
    _still(line)
    line.set_state(PackMLState.EXECUTE)


def changeover(line: Line, _chance: random.Random) -> Iterator[list[str]]:
    """The line changes over: in Execute, and nothing may be moved."""
    line.set_state(PackMLState.EXECUTE, changing=True)
    yield list(line.model.points)
    line.set_state(PackMLState.EXECUTE)


def unsupervised(line: Line, _chance: random.Random) -> Iterator[list[str]]:
    """Nobody says any more that the cell is in Execute."""
    line.silent = True
    line.go_on(line.model.ages.state + POLLED_S)
    yield list(line.model.points)
    _still(line)
    line.silent = False
    line.go_on(POLLED_S * 2)


def controller_held(line: Line, _chance: random.Random) -> Iterator[list[str]]:
    """The controller itself is not in Execute."""
    _still(line)
    line.shown["state"] = float(PackMLState.HELD)
    line.go_on(POLLED_S)
    line.model.refuses = "held"
    yield list(line.model.points)
    line.shown["state"] = float(PackMLState.EXECUTE)
    line.go_on(POLLED_S)
    line.model.refuses = ""


def blind(line: Line, chance: random.Random) -> Iterator[list[str]]:
    """What is in force of one set-point cannot be read any more."""
    _still(line)
    tag = chance.choice(list(line.model.points))
    name = tag.removeprefix("plc.")
    value = line.shown.pop(name)
    line.go_on(LOST_S)
    line.model.points[tag].seen_ns = None
    yield [tag]
    line.shown[name] = value
    line.go_on(WATCHED_S)
    line.model.points[tag].seen_ns = 0


def taken_over(line: Line, chance: random.Random) -> Iterator[list[str]]:
    """The operator has a set-point, perhaps in the middle of its ramp."""
    tag = chance.choice(list(line.model.points))
    line.order(Order.TAKE_OVER, tag)
    line.model.take(tag)
    yield [tag]
    _hand_back(line, tag)


def turned(line: Line, chance: random.Random) -> Iterator[list[str]]:
    """Somebody turns a set-point at the machine, away from the recipe, while nothing of ours moves it."""
    _still(line)
    line.go_on(WATCHED_S)
    tag = chance.choice(list(line.model.points))
    limits, here = line.model.points[tag].limits, line.model.points[tag].in_force
    values = (limits.lowest, limits.recipe - 7, limits.recipe + 7, limits.highest)
    counts = chance.choice([it for it in values if abs(it - here) > 1])
    line.shown[tag.removeprefix("plc.")] = counts * limits.resolution
    line.model.put(tag, line.now_ns, counts)
    line.go_on(POLLED_S)
    line.model.take(tag)
    yield [tag]
    _hand_back(line, tag)


def _hand_back(line: Line, tag: str) -> None:
    line.go_on(WATCHED_S)
    line.order(Order.HAND_BACK, tag)
    line.go_on(WATCHED_S)
    line.model.hand_back(tag, 0)


MOMENTS: dict[str, Callable[[Line, random.Random], Iterator[list[str]]]] = {
    "cell held": held,
    "safe state": safe,
    "changeover": changeover,
    "unsupervised": unsupervised,
    "controller held": controller_held,
    "value in force not Good": blind,
    "taken over by order": taken_over,
    "taken over at the machine": turned,
}


@contextmanager
def at(name: str, line: Line, chance: random.Random) -> Iterator[list[str]]:
    """Lead the line into such a moment and out of it; the set-points that nobody may move in between."""
    yield from MOMENTS[name](line, chance)
