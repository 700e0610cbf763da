"""Defect rates over metres: objects and inspected material in stretches of equal length."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable

import msgspec

from cellctl.config.resolved import Loop
from cellctl.model import Correction, Side
from cellctl.report.numbers import drawable
from cellctl.report.run_record import RunRecord, Seen

STRETCHES = 300
"""Of a whole run at most; a panel is some 700 points wide."""

PER_STRETCH = 2.0
"""Objects expected in one stretch at the alarm rate: with fewer every chart is noise."""


class Move(msgspec.Struct, frozen=True):
    """One correction on the web's metres; None for what never happened.

    Attributes:
        number: of the correction in the report.
        state: of it.
        helped: whether its verdict was EFFECTIVE.
        at_m: encoder position when the value came into force.
        tested_m: material that the test counted, from and to.
        released_m: encoder position of the release.
        watched_m: material watched after it, from and to.
    """

    number: int
    state: str
    helped: bool
    at_m: float | None
    tested_m: tuple[float, float] | None
    released_m: float | None
    watched_m: tuple[float, float] | None


class RatePanel(msgspec.Struct, frozen=True):
    """One class on one edge over the whole run.

    Attributes:
        defect: class.
        side: coated edge, or none.
        edges_m: borders of the stretches.
        rates: objects that count per inspected metre in each, NaN where nothing was inspected.
        counted_m: places of the objects that count.
        unsure_m: places of those that do not, because their confidence is too low.
        normal: rate in control that the loop was told, NaN without a loop.
        alarm: rate at which it acts, NaN without one.
        inspected_m: material behind the rates.
        moves: corrections of this class and edge.
    """

    defect: str
    side: str
    edges_m: tuple[float, ...]
    rates: tuple[float, ...]
    counted_m: tuple[float, ...]
    unsure_m: tuple[float, ...]
    normal: float
    alarm: float
    inspected_m: float
    moves: tuple[Move, ...]


def panels(run: RunRecord, moves: dict[tuple[str, str], list[Move]]) -> list[RatePanel]:
    """One panel for each class and edge that a loop watches, in the order of the configuration."""
    if run.cell is None or not run.covered:
        return []
    found: dict[tuple[str, str], RatePanel] = {}
    for loop in (*run.cell.loops, *run.cell.advising):
        key = (loop.watch.defect, loop.side.value)
        if loop.authority != "off" and key not in found:
            found[key] = _panel(run, loop, moves.get(key, []))
    return list(found.values())


def _panel(run: RunRecord, loop: Loop, moves: list[Move]) -> RatePanel:
    seen = [it for it in run.seen.values() if watches(loop, it) and drawable(it.object.web.s_mm)]
    counted = sorted(it.object.web.s_mm / 1000.0 for it in seen if it.object.confidence >= loop.escalate.confidence)
    unsure = sorted(it.object.web.s_mm / 1000.0 for it in seen if it.object.confidence < loop.escalate.confidence)
    spans = _inspected(run, loop.watch.camera)
    rated = not loop.watch.persists_m
    edges = _edges(spans, loop.watch.alarm if rated else 0.0)
    inspected = _spread(spans, edges)
    per_stretch = _count(counted, edges)
    return RatePanel(
        defect=loop.watch.defect,
        side=loop.side.value,
        edges_m=edges,
        rates=tuple(n / m if m > 0.0 else math.nan for n, m in zip(per_stretch, inspected, strict=True)),
        counted_m=tuple(counted),
        unsure_m=tuple(unsure),
        normal=loop.watch.normal if rated else math.nan,
        alarm=loop.watch.alarm if rated else math.nan,
        inspected_m=sum(inspected),
        moves=tuple(moves),
    )


def watches(loop: Loop, seen: Seen) -> bool:
    """Whether an object is one that a loop looks at, sure or not."""
    return (
        seen.object.defect == loop.watch.defect
        and loop.watch.camera in {"", seen.camera}
        and loop.side in {Side.NONE, seen.object.web.side}
    )


def inspected_m(run: RunRecord) -> dict[str, float]:
    """Camera → material judged OK or NG, m."""
    found: dict[str, float] = defaultdict(float)
    for _, part in run.covered:
        found[part.camera] += part.inspected_m
    return dict(found)


def _inspected(run: RunRecord, camera: str) -> list[tuple[float, float, float]]:
    """(from, to, inspected) in metres for each coverage record of a camera, or of all.

    A record without its material is one of a ledger of an older version; such a run is laid out from zero.
    """
    spans: list[tuple[float, float, float]] = []
    ends: dict[str, float] = defaultdict(float)
    for _, part in run.covered:
        if camera not in {"", part.camera}:
            continue
        begin, end = part.from_mm / 1000.0, part.to_mm / 1000.0
        if end <= begin:
            begin = ends[part.camera]
            end = begin + part.inspected_m
        ends[part.camera] = end
        if end > begin and drawable(begin, end, part.inspected_m):
            spans.append((begin, end, part.inspected_m))
    return spans


def _edges(spans: list[tuple[float, float, float]], alarm: float) -> tuple[float, ...]:
    if not spans:
        return (0.0, 1.0)
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    least = max((last - first) / STRETCHES, PER_STRETCH / alarm if alarm else 0.0, 1.0)
    width = nice(least)
    begin = math.floor(first / width) * width
    return tuple(begin + width * number for number in range(math.ceil((last - begin) / width) + 1))


def nice(least: float) -> float:
    """The next of 1, 2, 2.5, 5, 10, … that is no smaller."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in (1.0, 2.0, 2.5, 5.0, 10.0) if step * power >= least * (1.0 - 1e-9))


def _spread(spans: list[tuple[float, float, float]], edges: tuple[float, ...]) -> list[float]:
    """Inspected metres in each stretch; those of one record lie evenly over its material."""
    width, first = edges[1] - edges[0], edges[0]
    metres = [0.0] * (len(edges) - 1)
    for begin, end, inspected in spans:
        density = inspected / (end - begin)
        for place in range(int((begin - first) // width), min(len(metres), int((end - first) // width) + 1)):
            overlap = min(end, edges[place + 1]) - max(begin, edges[place])
            metres[place] += density * max(0.0, overlap)
    return metres


def _count(places: Iterable[float], edges: tuple[float, ...]) -> list[int]:
    width, most = edges[1] - edges[0], len(edges) - 2
    counts = Counter(min(most, max(0, int((place - edges[0]) // width))) for place in places)
    return [counts[number] for number in range(most + 1)]


def move_of(number: int, correction: Correction, at_m: dict[tuple[str, str], float]) -> Move:
    """A correction on the web's metres; `at_m` says where the encoder stood when its moves came into force."""
    tested = watched = None
    last = correction.curve[-1] if correction.curve else None
    if correction.verify_from_mm and last is not None and drawable(correction.verify_from_mm, last.metres):
        begin = correction.verify_from_mm / 1000.0
        tested = (begin, begin + last.metres)
    released = correction.released
    if released is not None and released.from_mm and drawable(released.from_mm, released.metres):
        watched = (released.from_mm / 1000.0, released.from_mm / 1000.0 + released.metres)
    return Move(
        number=number,
        state=correction.state.value,
        helped=correction.state.was_effective,
        at_m=at_m.get((correction.transaction, "step")),
        tested_m=tested,
        released_m=at_m.get((correction.transaction, "release")),
        watched_m=watched,
    )
