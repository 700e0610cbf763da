"""A coated edge and its loop, advanced from event to event: the decisions are the product's own.

Web speed is 1 m/s, so that a place on the web in metres is also the time in seconds at which it was coated. The loop
sees every metre as inspected; where nothing happens and nothing is waited for, one inspection may span many metres.
While a correction is under way or its release is watched, no inspection is longer than `FINE_M`.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from cellctl.clock import NS_PER_S
from cellctl.config.resolved import ResolvedCell
from cellctl.loop import Limits, LoopController, Situation, honest_baseline
from cellctl.loop.estimate.watch import Baseline
from cellctl.model import (
    CellState,
    Correction,
    DefectObject,
    Inspection,
    Judgement,
    Ne107,
    PackMLState,
    Proposal,
    Quality,
    Reading,
    Stamp,
    TagValue,
    TransactionState,
    WebRef,
    WebSpan,
    WriteResult,
)
from cellsim.plant.field import Candidate
from cellsim.study.cell import DEFECT
from cellsim.study.edge import TOP, Edge, field_of
from cellsim.study.guard import Blade, Report

S = TransactionState
FINE_M = 1.0
HELD_M = 5.0
"""Longest inspection while an effective correction waits for its release."""
CAMERA_M = 1.5
LIMITS = Limits(answer_s=2.0, silence_s=1.0)
_SPUR, _STREAK, _FALSE = 1, 3, 9
_STREAK_PER_M = 0.0044
_STREAK_PER_STEP = 0.15
"""Streaks in control, and what a step of load adds to ln of their rate."""
_HIT_BITS = 20
Law = Callable[[float], float]


class Eye(NamedTuple):
    """What the detector makes of the truth: share of spurs found, and false spurs per metre."""

    hit: float = 0.95
    false_per_m: float = 0.002


PERFECT_EYE = Eye(1.0, 0.0)


class Point(NamedTuple):
    """A candidate of one kind; `kind` is the stream of its field."""

    s_m: float
    kind: int
    mark_per_m: float
    seed: int


@dataclass
class Options:
    """What is varied.

    Attributes:
        connected: whether the set-point really moves the load on the web.
        camera_m: distance of the camera from the blade.
        waits: False lets the verification begin with what the camera saw at the proposal (a broken variant).
        baseline: law of the test's baseline rate.
        eye: what the detector finds.
        streaks: whether protected streaks exist.
    """

    connected: bool = True
    camera_m: float = CAMERA_M
    waits: bool = True
    baseline: Baseline = honest_baseline
    eye: Eye = field(default_factory=Eye)
    streaks: bool = False


class Event(NamedTuple):
    """A state of a correction and where the camera was then, m."""

    correction: Correction
    s_m: float


class Line:
    """One edge with its loop, over `length_m` of web.

    Attributes:
        events: every record that the loop sent.
        made: places of the true spurs.
        calls: inspections handed to the loop.
        at_m: how far the camera has seen the web.
    """

    def __init__(self, cell: ResolvedCell, edge: Edge, seed: int, length_m: float, options: Options) -> None:
        self.edge = edge
        self.events: list[Event] = []
        self.made: list[float] = []
        self.calls = 0
        self._options = options
        self._situation = Situation(cell)
        self._loop = cell.loops[0]
        self.controller = LoopController(self._loop, self._situation, LIMITS, options.baseline)
        rules = next(setpoint for setpoint in cell.guard.setpoints if setpoint.tag == self._loop.tag)
        self.blade = Blade(rules)
        self._points = _points(seed, edge.normal_per_m, length_m, options)
        self._end_m = length_m
        self.at_m = 0.0
        self._proposed_m = 0.0
        self._held: set[str] = set()
        self._number = 0
        self._situation.state = CellState(
            stamp=Stamp(0), state=PackMLState.EXECUTE, epoch=1, safe=False, reason="study"
        )
        self.controller.cell_changed(self._now_ns(0.0))
        self._deliver()

    def run(self, until: Callable[[Line], bool] = lambda _line: False) -> bool:
        """Run to the end of the web, or until something holds; True when it did."""
        for point in self._points:
            if self._look_to(point.s_m, until):
                return True
            if self._comes_to_be(point):
                self._see(point)
                if until(self):
                    return True
        return self._look_to(self._end_m, until)

    def steps(self, s_m: float) -> float:
        """Steps of load on the web where it was coated at `s_m`."""
        return steps_of(self.blade, s_m) if self._options.connected else 0.0

    def _comes_to_be(self, point: Point) -> bool:
        if point.kind == _FALSE:
            return True
        steps = self.steps(point.s_m)
        if point.kind == _STREAK:
            return point.mark_per_m < _STREAK_PER_M * math.exp(_STREAK_PER_STEP * steps)
        if point.mark_per_m >= self.edge.rate_per_m(point.s_m, steps):
            return False
        self.made.append(point.s_m)
        return (point.seed & ((1 << _HIT_BITS) - 1)) < self._options.eye.hit * (1 << _HIT_BITS)

    def _look_to(self, s_m: float, until: Callable[[Line], bool]) -> bool:
        """Let the camera see the web up to `s_m`, and the guard report what is due meanwhile."""
        while self.at_m < s_m:
            stop_m = min(s_m, self.at_m + self._longest_m())
            due = self.blade.due
            if due and due[0].at_s - self._options.camera_m <= stop_m:
                stop_m = max(self.at_m, due[0].at_s - self._options.camera_m)
            if stop_m > self.at_m:
                self._inspect(stop_m, ())
            while due and due[0].at_s - self._options.camera_m <= stop_m:
                self._report(due.popleft())
            if until(self):
                return True
        return False

    def _longest_m(self) -> float:
        if self.controller.trial is not None or self.blade.due:
            return FINE_M
        return HELD_M if self._held else math.inf

    def _see(self, point: Point) -> None:
        """Show one object in an inspection of no length: its metres have been seen already."""
        defect = "streak" if point.kind == _STREAK else DEFECT
        s_mm, now_ns = point.s_m * 1000.0, self._now_ns(point.s_m)
        self._number += 1
        found = DefectObject(
            id=f"wet_camera-{self._number}",
            defect=defect,
            confidence=0.97,
            probabilities=(0.97, 0.03),
            web=WebRef(s_mm, 5.0, self._loop.side, "wet_camera"),
            span=WebSpan(s_mm - 1.0, s_mm + 1.0),
            width_mm=1.0,
            area_mm2=1.0,
            contrast=-0.2,
            features=(),
            roi="",
            exposure_ns=now_ns,
            first_line_ns=now_ns,
        )
        self._inspect(point.s_m, (found,))

    def _inspect(self, to_m: float, objects: tuple[DefectObject, ...]) -> None:
        now_ns = self._now_ns(to_m)
        self._read(now_ns, to_m)
        self.calls += 1
        inspection = Inspection(
            stamp=Stamp(now_ns),
            trace=self.calls,
            camera="wet_camera",
            frame_id=self.calls,
            lost_frames=0,
            span=WebSpan(self.at_m * 1000.0, to_m * 1000.0),
            judgement=Judgement.NG if objects else Judgement.OK,
            reason="",
            objects=objects,
            model="study",
            received_ns=now_ns,
            judged_ns=now_ns,
        )
        self.at_m = to_m
        self.controller.inspect(inspection, now_ns)
        self._deliver()

    def _read(self, now_ns: int, to_m: float) -> None:
        """The plant's values, as fresh as the inspection."""
        web = self._situation.cell.web
        values = [
            (web.encoder, (to_m + self._options.camera_m) * 1000.0),
            (web.speed, 1.0),
            (self._loop.tag, self.blade.in_force),
        ]
        if web.splice:
            values.append((web.splice, 0.0))
        good = tuple(TagValue(tag, value, "", Quality.GOOD, Ne107.OK, now_ns) for tag, value in values)
        self._situation.plant.update(Reading(stamp=Stamp(now_ns), device="plc", values=good))
        self.controller.check(now_ns)
        self._deliver()

    def _deliver(self) -> None:
        for message in self.controller.take():
            if isinstance(message, Proposal):
                self._proposed_m = self.at_m
                self.blade.ask(message, self.at_m + self._options.camera_m)
            elif isinstance(message, Correction):
                self.events.append(Event(message, self.at_m))
                self._follow(message)

    def _follow(self, correction: Correction) -> None:
        held = correction.state in {S.EFFECTIVE, S.RELEASING}
        (self._held.add if held else self._held.discard)(correction.transaction)

    def _report(self, report: Report) -> None:
        proposal, now_ns = report.proposal, round(report.at_s * NS_PER_S)
        self.blade.in_force = report.in_force
        encoder_m = report.at_s if self._options.waits else self._proposed_m
        moved = report.in_force if report.outcome.value == "CONFIRMED" else None
        result = WriteResult(
            stamp=Stamp(now_ns),
            transaction=proposal.transaction,
            kind=proposal.kind,
            phase=report.phase,
            outcome=report.outcome,
            reason=report.reason,
            tag=proposal.tag,
            old=report.old,
            proposed=proposal.target,
            written=moved,
            in_force=moved,
            unit=proposal.unit,
            registers="",
            encoder_mm=encoder_m * 1000.0,
            intent_ns=now_ns,
            written_ns=now_ns,
            exposure_ns=proposal.exposure_ns,
            first_line_ns=proposal.first_line_ns,
        )
        self.controller.result(result, now_ns)
        self._deliver()

    def _now_ns(self, s_m: float) -> int:
        """When the camera sees `s_m`."""
        return round((s_m + self._options.camera_m) * NS_PER_S)


def steps_of(blade: Blade, s_m: float) -> float:
    """Steps of load above the recipe at a place."""
    return (blade.load(s_m) / blade.rules.recipe - 1.0) / 0.05


def open_arm(edge: Edge, seed: int, length_m: float, steps: float = 0.0) -> list[float]:
    """Places of the spurs of the twin without a loop, thinned from the same field; `steps` is a constant offset."""
    field_points = field_of(seed, _SPUR, TOP * edge.normal_per_m, length_m)
    places = ((point.s_mm / 1000.0, point.mark_per_m) for point in field_points)
    return [s_m for s_m, mark in places if s_m < length_m and mark < edge.rate_per_m(s_m, steps)]


def _points(seed: int, normal_per_m: float, length_m: float, options: Options) -> Iterator[Point]:
    """Everything that may come to be, in order along the web."""
    fields = [_kind(field_of(seed, _SPUR, TOP * normal_per_m, length_m), _SPUR)]
    if options.eye.false_per_m:
        fields.append(_kind(field_of(seed, _FALSE, options.eye.false_per_m, length_m), _FALSE))
    if options.streaks:
        fields.append(_kind(field_of(seed, _STREAK, 2.0 * _STREAK_PER_M, length_m), _STREAK))
    return (point for point in heapq.merge(*fields) if point.s_m < length_m)


def _kind(candidates: Iterator[Candidate], kind: int) -> Iterator[Point]:
    return (Point(point.s_mm / 1000.0, kind, point.mark_per_m, point.seed) for point in candidates)
