"""Values over the web's metres: what was in force, what was asked for, what was measured."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from cellctl.config.resolved import Characteristic, Setpoint
from cellctl.model import Kind, Outcome, WritePhase
from cellctl.report.numbers import drawable
from cellctl.report.run_record import RunRecord
from cellctl.report.travel import Travel, to_mm

MOST_POINTS = 600
"""Of one line: beyond that, of each stretch the lowest and the highest value."""

Points = tuple[tuple[float, float], ...]
"""(metres, value)."""

SHOWN_AS: dict[str, tuple[float, str]] = {"µm/s": (6e-5, "m/min"), "mm/s": (0.06, "m/min"), "m/s": (60.0, "m/min")}
"""Units of speed → factor and the unit that a coater's people speak of."""


class Trace(msgspec.Struct, frozen=True):
    """One set-point.

    Attributes:
        setpoint: its envelope and recipe.
        in_force: value in force, at every report of a move and at every reading.
        asked: (metres, target, kind) of each confirmed move that is no regulator's.
        regulated: confirmed moves of a regulator.
        refused: (metres, target) of what the guard refused or could not confirm.
    """

    setpoint: Setpoint
    in_force: Points
    asked: tuple[tuple[float, float, str], ...]
    regulated: int
    refused: Points

    @property
    def moved(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.asked or self.regulated or self.refused) or len({v for _, v in self.in_force}) > 1


class Measured(msgspec.Struct, frozen=True):
    """A process value over metres; `characteristic` when it is one with a target."""

    tag: str
    unit: str
    points: Points
    doubtful: int
    characteristic: Characteristic | None = None


def setpoint_traces(run: RunRecord, travel: Travel) -> list[Trace]:
    """One for each guarded set-point."""
    if run.cell is None:
        return []
    values = _read(run, {point.tag for point in run.cell.guard.setpoints})
    asked: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
    refused: dict[str, list[tuple[float, float]]] = defaultdict(list)
    regulated: dict[str, int] = defaultdict(int)
    for result in run.results:
        at_m = travel.at(result.stamp.t_ns)
        if result.in_force is not None and drawable(result.in_force):
            values[result.tag].append((result.stamp.t_ns, result.in_force))
        if not drawable(at_m, result.proposed):
            continue  # such a proposal was refused; its correction says so
        if result.outcome is not Outcome.CONFIRMED:
            refused[result.tag].append((at_m, result.proposed))
        elif result.phase is WritePhase.TARGET and result.kind is Kind.REGULATE:
            regulated[result.tag] += 1
        elif result.phase is WritePhase.TARGET:
            asked[result.tag].append((at_m, result.proposed, result.kind.value))
    return [
        Trace(
            point,
            _steps((travel.at(t_ns), value) for t_ns, value in sorted(values[point.tag])),
            tuple(asked[point.tag]),
            regulated[point.tag],
            tuple(refused[point.tag]),
        )
        for point in run.cell.guard.setpoints
    ]


def measured(run: RunRecord, travel: Travel) -> list[Measured]:
    """Characteristics over the material that they belong to, then the other values that loops and regulators use."""
    cell = run.cell
    if cell is None:
        return []
    found = [_characteristic(run, travel, it) for it in cell.characteristics]
    known = {cell.web.encoder, cell.web.splice, *(point.tag for point in cell.guard.setpoints)}
    known |= {tag for it in cell.characteristics for tag in (it.tag, it.position)}
    others = dict.fromkeys(tag for reading in run.readings for tag in (*reading.values, *reading.doubtful))
    found += [_other(run, travel, tag) for tag in others if tag not in known]
    return [it for it in found if it.points]


def _read(run: RunRecord, tags: set[str]) -> dict[str, list[tuple[int, float]]]:
    found: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for reading in run.readings:
        for tag in tags & reading.values.keys():
            found[tag].append((reading.t_ns, reading.values[tag][0]))
    return found


def _characteristic(run: RunRecord, travel: Travel, it: Characteristic) -> Measured:
    """Its readings at the material that was under the gauge."""
    points = []
    for reading in run.readings:
        if it.tag in reading.values:
            where = reading.values.get(it.position)
            at_m = to_mm(*where) / 1000.0 if where else travel.at(reading.t_ns)
            points.append((at_m - (it.station_m if travel.in_metres else 0.0), reading.values[it.tag][0]))
    return Measured(it.tag, it.unit, thinned(points), _doubtful(run, it.tag), it)


def _other(run: RunRecord, travel: Travel, tag: str) -> Measured:
    read = [(travel.at(reading.t_ns), *reading.values[tag]) for reading in run.readings if tag in reading.values]
    unit = read[0][2] if read else ""
    factor, shown = SHOWN_AS.get(unit, (1.0, unit))
    return Measured(tag, shown, thinned([(at_m, value * factor) for at_m, value, _ in read]), _doubtful(run, tag))


def _doubtful(run: RunRecord, tag: str) -> int:
    return sum(tag in reading.doubtful for reading in run.readings)


def _steps(points: Iterable[tuple[float, float]]) -> Points:
    """Only where the value changes, and both ends."""
    kept: list[tuple[float, float]] = []
    last: tuple[float, float] | None = None
    for point in points:
        if not kept or point[1] != kept[-1][1]:
            kept.append(point)
        last = point
    if last is not None and last != kept[-1]:
        kept.append(last)
    return thinned(kept)


def thinned(points: list[tuple[float, float]]) -> Points:
    """All points when they are few; else of each of many equal groups the first, the lowest and the highest."""
    if len(points) <= MOST_POINTS:
        return tuple(points)
    size = -(-len(points) * 3 // MOST_POINTS)
    kept: list[tuple[float, float]] = []
    for start in range(0, len(points), size):
        group = points[start : start + size]
        ends = {0, min(range(len(group)), key=lambda n: group[n][1]), max(range(len(group)), key=lambda n: group[n][1])}
        kept += [group[number] for number in sorted(ends)]
    return (*kept, points[-1]) if kept[-1] != points[-1] else tuple(kept)
