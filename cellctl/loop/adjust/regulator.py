"""One regulator: holds a measured characteristic at its target through set-points far before its gauge.

Pure: it sees plant values, reports of the guard and the time they are handled at, and returns messages to send.
Its law is given what was in force when the measured material was made, so neither a refused nor a slow move, nor a
person's hand, can wind it up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from cellctl.clock import NS_PER_S
from cellctl.config.resolved.regulator import Regulator
from cellctl.loop.adjust.by_metre import ByMetre
from cellctl.loop.adjust.choice import Decider, make_decider
from cellctl.loop.adjust.feed import Feed
from cellctl.loop.adjust.gauge import MARGIN_MM, Gauge, Measured
from cellctl.loop.adjust.inputs import InputTrack
from cellctl.loop.adjust.laws.qp import Solve, solve
from cellctl.loop.adjust.report import Tally
from cellctl.loop.alarms import AlarmBook
from cellctl.loop.diagnose.situation import Situation
from cellctl.model.correction import Kind, Outcome, Proposal, WriteResult
from cellctl.model.events import Priority
from cellctl.model.message import Message, Stamp
from cellctl.model.people import Instruction, Order

MAY_MOVE = "auto"
LAGS_ITSELF = frozenset({"mpc"})
"""Laws whose own model holds the lag of the set-points, and is given what was in force."""
LIFT_S = 0.5
"""How long after a momentary request the blade may still be lifted."""
REFUSALS = 3
"""After so many moves in a row that were not confirmed a person is told, and it asks once per report only."""


class RegulatorController:
    """Decides for one regulator.

    Args:
        regulator: its configuration.
        situation: shared with the loops of the cell.
        patience_s: longest wait for the guard's final report beside the ramp.
        decider: another law than the configured one is for studies only.
        solver: of an optimising law; a live host has it in a thread of its own, with a deadline.
    """

    def __init__(
        self,
        regulator: Regulator,
        situation: Situation,
        *,
        patience_s: float = 2.0,
        decider: Decider | None = None,
        solver: Solve = solve,
    ) -> None:
        self.regulator = regulator
        self._patience_s, self._solver = patience_s, solver
        self.frozen = ""
        self._situation = situation
        setpoints = [point for put in regulator.inputs if (point := situation.setpoint(put.tag)) is not None]
        held = situation.cell.characteristic(regulator.hold)
        self.inputs = [
            InputTrack(put, point, patience_s, lags=regulator.law not in LAGS_ITSELF)
            for put, point in zip(regulator.inputs, setpoints, strict=True)
        ]
        speed_m_s = situation.cell.recipe.web_speed_m_s
        self._decider = decider or make_decider(regulator, setpoints, held, speed_m_s, solver)
        self._feed = Feed(regulator, setpoints[0], held)
        self._sound = ByMetre()
        histories = [*(it.effect for it in self.inputs), self._feed.asked]
        self._gauge = Gauge(held, situation.cell.web.encoder, histories, self._sound, regulator.older_than_s)
        self._tally = Tally(regulator, held)
        self._pulses = frozenset(loop.tag for loop in situation.cell.loops if loop.law == "pulse")
        self._speed_mm_s = speed_m_s * 1000.0
        self._unsound_to_mm = -math.inf
        self._out: list[Message] = []
        self._alarms = AlarmBook(self._out)
        self._encoder_ns = 0
        self._due_ns = 0
        self._epoch = -1
        self._number = 0
        self._delayed: tuple[float, ...] | None = None
        self._refused = 0
        self._again_ns = 0

    def successor(self, regulator: Regulator, now_ns: int) -> RegulatorController:
        """The same regulator for another recipe: all it learnt begins anew, its names go on; its alarms are over."""
        self._alarms.clear_all(now_ns)
        made = RegulatorController(regulator, self._situation, patience_s=self._patience_s, solver=self._solver)
        made._number = self._number
        return made

    def take(self) -> Sequence[Message]:
        """What is to be sent since the last call, in order."""
        if not self._out:
            return ()
        messages = tuple(self._out)
        self._out.clear()
        return messages

    def check(self, now_ns: int) -> None:
        """Follow the plant, and decide when it is time; called with readings and timers."""
        if self.regulator.authority == "off":
            return
        self._follow(now_ns)
        value = self._gauge.look(self._situation.plant, now_ns)
        if value is not None:
            self._tally.see(value)
        for track in self.inputs:
            if track.overdue(now_ns):
                self._count_refusal("no report of the guard in time", now_ns)
        late_ns = round(self.regulator.older_than_s * NS_PER_S)
        if self._due_ns == 0:
            self._due_ns = now_ns + round(self.regulator.every_s * NS_PER_S)
            self._tally.begin(now_ns)
        elif now_ns >= self._due_ns + (0 if value is not None else late_ns):
            self._due_ns = now_ns + round(self.regulator.every_s * NS_PER_S)
            self._decide(now_ns)
            self._report(now_ns)

    def result(self, result: WriteResult, now_ns: int) -> None:
        """Take one report of the guard, about any set-point.

        A momentary request (a purge) may be over before the plant is read again, so its report is what tells of it.
        """
        if result.tag in self._pulses and result.written_ns:
            self._spoil(result.encoder_mm + LIFT_S * self._speed_mm_s)
        for track in self.inputs:
            if result.tag == track.put.tag and track.result(result):
                if result.outcome is Outcome.CONFIRMED:
                    self._refused = 0
                    self._tally.moves += 1
                    self._alarms.clear(self._alarm_name("refused"), now_ns)
                else:
                    self._count_refusal(f"{result.transaction} was {result.outcome}: {result.reason}", now_ns)

    def cell_changed(self, now_ns: int) -> None:
        """The cell's state or epoch changed: in a new epoch what is in force is where the work begins."""
        if self._situation.executing and self._situation.epoch != self._epoch:
            self._epoch = self._situation.epoch
            self.hand_back(now_ns)

    def instruct(self, instruction: Instruction, now_ns: int) -> None:
        """Take an order of a person; only taking over and handing back concern a regulator."""
        subjects = {self.regulator.name, *(track.put.tag for track in self.inputs)}
        if instruction.order is Order.HAND_BACK and instruction.subject in subjects:
            self.hand_back(now_ns)
        elif instruction.order is Order.TAKE_OVER:
            for track in self.inputs:
                if instruction.subject == track.put.tag:
                    track.taken_over = track.in_force

    def hand_back(self, now_ns: int) -> None:
        """The set-points are the regulator's again, at the values where they stand."""
        for track in self.inputs:
            track.start_over(now_ns)
        self._hand_over()
        self._alarms.clear(self._alarm_name("taken-over"), now_ns)

    def _follow(self, now_ns: int) -> None:
        """Write down what the web that passes now is made with."""
        plant, web = self._situation.plant, self._situation.cell.web
        encoder = plant.get(web.encoder)
        if encoder is None or not encoder.quality.is_good or encoder.t_ns == self._encoder_ns:
            return
        self._encoder_ns = encoder.t_ns
        for track in self.inputs:
            latest = plant.get(track.put.tag)
            if latest is not None and latest.quality.is_good:
                track.follow(latest, encoder.value)
        self._feed.follow(plant, encoder.value, now_ns)
        if self._web_fault(now_ns):
            self._spoil(encoder.value)
        self._sound.record(encoder.value, 0.0 if encoder.value < self._unsound_to_mm else 1.0)

    def _spoil(self, s_mm: float) -> None:
        """What is made here, and twice the margin behind it, is no sample of the process."""
        self._unsound_to_mm = max(self._unsound_to_mm, s_mm + 2.0 * MARGIN_MM)

    def _web_fault(self, now_ns: int) -> str:
        """Why the web that passes the blade now teaches nothing, in words."""
        plant, web = self._situation.plant, self._situation.cell.web
        fault = plant.fault((web.speed, web.splice) if web.splice else (web.speed,), now_ns)
        if fault:
            return fault
        if web.splice and plant.value(web.splice):
            return "a splice is passing"
        speed = plant.value(web.speed)
        slow = self.regulator.speed_below_m_s
        return f"the web is slower than {slow:g} m/s" if speed < slow or speed <= 0.0 else ""

    def _obstacle(self, now_ns: int) -> str:
        """Why nothing may be moved or learnt now, in words; empty when it may."""
        if self._situation.standstill:
            return self._situation.standstill
        for track in self.inputs:
            if track.taken_over is not None:
                return f"somebody else moved {track.put.tag} to {track.taken_over:g} {track.put.unit}"
        plant = self._situation.plant
        fault = plant.fault(tuple(it.put.tag for it in self.inputs), now_ns)
        fault = fault or self._gauge.fault(plant, now_ns) or self._web_fault(now_ns)
        return fault or self._limit_fault(now_ns) or self._under_test()

    def _limit_fault(self, now_ns: int) -> str:
        """Why a value that the moves must not drive over its limit is not known, in words."""
        tags = tuple(limit.tag for limit in self.regulator.limits)
        fault = self._situation.plant.fault(tags, now_ns, self.regulator.older_than_s)
        unknown = [tag for tag, value in zip(tags, self._limited(), strict=True) if not math.isfinite(value)]
        return fault or (f"{unknown[0]} is no finite number" if unknown else "")

    def _under_test(self) -> str:
        """Which correction's test a move would disturb, in words."""
        for transaction, loop in self._situation.under_test.items():
            for track in self.inputs:
                why = self._situation.arbitration.disturbs(track.put.tag, loop)
                if why:
                    return f"{transaction} has no verdict yet, and {why}"
        return ""

    def _decide(self, now_ns: int) -> None:
        measured, obstacle = self._gauge.take(), self._obstacle(now_ns)
        self.frozen = obstacle or ("" if measured else "no gauge value of material that counts")
        self._tally.decided(self.frozen)
        self._tell_taken_over(now_ns)
        # the law works on what the measured disturbances leave: their share is taken off, and put on again
        shares = self._shares(self._feed.offset)
        in_force = [it.in_force - share for it, share in zip(self.inputs, shares, strict=True)]
        if measured is not None:
            made = measured.delayed
            self._delayed = tuple(it - share for it, share in zip(made, self._shares(made[-1]), strict=False))
        if any(map(math.isnan, in_force)):
            return
        value, delayed = (measured.value if measured else math.nan), self._delayed or in_force
        wanted = self._decider.decide(value, delayed, in_force, self._limited(), frozen=bool(self.frozen))
        if not self.frozen and measured is not None:
            for track, target, share in zip(self.inputs, wanted, shares, strict=True):
                self._move(track, target + share, measured, now_ns)

    def _limited(self) -> list[float]:
        """What other values the moves must not drive over their limits; NaN before the first reading."""
        latest = [self._situation.plant.get(limit.tag) for limit in self.regulator.limits]
        return [it.value if it is not None else math.nan for it in latest]

    def _shares(self, offset: float) -> list[float]:
        """The offset of the measured disturbances belongs to the first input."""
        return [offset, *(0.0 for _ in self.inputs[1:])]

    def _hand_over(self) -> None:
        """Somebody else may have moved the set-points: go on from where they stand."""
        in_force = [it.in_force - share for it, share in zip(self.inputs, self._shares(self._feed.offset), strict=True)]
        if not any(map(math.isnan, in_force)):  # NaN before the first reading
            self._decider.hand_over(in_force)

    def _move(self, track: InputTrack, wanted: float, measured: Measured, now_ns: int) -> None:
        """Ask for the part of the way that the envelope allows, unless it is too little to matter."""
        self._tally.wanted[track.put.tag] = wanted
        target = reachable(track, wanted)
        if track.moving or now_ns < self._again_ns or self._too_little(track, target):
            return
        if self.regulator.authority != MAY_MOVE:
            self._tally.advised = True
            return
        self._number += 1
        proposal = Proposal(
            stamp=Stamp(now_ns), transaction=f"{self.regulator.name}-{self._number}", loop=self.regulator.name,
            kind=Kind.REGULATE, tag=track.put.tag, target=target, unit=track.put.unit, epoch=self._situation.epoch,
            exposure_ns=measured.exposure_ns, first_line_ns=measured.first_ns, confidence=1.0,
            quality=self._situation.plant.quality(self._rests_on()),
        )  # fmt: skip
        track.ask(proposal, now_ns)
        self._out.append(proposal)

    def _rests_on(self) -> tuple[str, ...]:
        """The tags that a move rests on."""
        web, gauge = self._situation.cell.web, self._gauge.tags
        return (*gauge, web.speed, *(it.put.tag for it in self.inputs), *(it.tag for it in self.regulator.limits))

    def _too_little(self, track: InputTrack, target: float) -> bool:
        way = abs(target - track.in_force)
        return way * abs(track.put.gain) < self.regulator.dead_band or way < track.setpoint.resolution / 2

    def _count_refusal(self, reason: str, now_ns: int) -> None:
        self._refused += 1
        if self._refused >= REFUSALS:
            self._again_ns = now_ns + round(self.regulator.report_s * NS_PER_S)
        if self._refused == REFUSALS:
            text = f"regulator {self.regulator.name}: {self._refused} moves in a row were not confirmed; {reason}"
            self._alarms.raise_(self._alarm_name("refused"), Priority.MEDIUM, text, now_ns)

    def _tell_taken_over(self, now_ns: int) -> None:
        if self._situation.executing and any(it.taken_over is not None for it in self.inputs):
            text = f"regulator {self.regulator.name} stands back: {self.frozen}. Hand the set-point back to go on"
            self._alarms.raise_(self._alarm_name("taken-over"), Priority.MEDIUM, text, now_ns)

    def _report(self, now_ns: int) -> None:
        if not self._tally.due(now_ns):
            return
        in_force = {it.put.tag: it.in_force for it in self.inputs if not math.isnan(it.in_force)}
        advised = self._tally.advised and self.regulator.authority in {"advisory", "confirm"}
        report = self._tally.report(in_force, self._decider.fallbacks, now_ns)
        self._out.append(report)
        if advised:
            moves = ", ".join(f"{tag} to {value:.4g}" for tag, value in report.wanted.items())
            text = f"regulator {self.regulator.name}: {report.characteristic} would be held by moving {moves}"
            self._alarms.raise_(self._alarm_name("advice"), Priority.LOW, text, now_ns)
        else:
            self._alarms.clear(self._alarm_name("advice"), now_ns)

    def _alarm_name(self, kind: str) -> str:
        return f"regulator.{self.regulator.name}.{kind}"


def reachable(track: InputTrack, wanted: float) -> float:
    """The value nearest to `wanted` that one move may ask for, on the wire's grid."""
    point = track.setpoint
    target = max(point.lowest, min(point.highest, wanted))
    target = max(track.in_force - point.per_event, min(track.in_force + point.per_event, target))
    return round(round(target / point.resolution) * point.resolution, 9)
