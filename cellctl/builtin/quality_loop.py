"""The plugin that decides: it hosts every loop of the cell and files nonconformities."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from cellctl.builtin.material import Material
from cellctl.clock import MonotonicClock
from cellctl.evidence import corrections_on_record, intervals_on_record
from cellctl.loop import Limits, LoopController, Situation, in_order
from cellctl.loop.adjust.laws.qp import solve
from cellctl.loop.adjust.laws.solver_thread import SolverThread
from cellctl.loop.adjust.regulator import RegulatorController
from cellctl.model.advice import Advice
from cellctl.model.correction import Correction, Proposal, WriteResult, evidence_of
from cellctl.model.events import Alarm, Nonconformity
from cellctl.model.inspection import DefectObject, Inspection, Judgement
from cellctl.model.interval import Interval
from cellctl.model.message import Stamp
from cellctl.model.packml import CellState
from cellctl.model.people import Escalation, Instruction
from cellctl.model.regulation import Regulation
from cellctl.model.tags import Reading
from cellctl.model.web import Side, WebSpan
from cellctl.quality import NonconformityWatch
from cellctl.sdk import Context, Input, Keeping, Output, Plugin, PluginSettings, every, on
from cellctl.units import Seconds

TIMER_S = 0.1
"""Period of the time-out check: a tenth of the shortest limit that makes sense."""


class QualityLoop(Plugin):
    """Watches the defect rates, proposes bounded corrections and proves or takes them back."""

    class Settings(PluginSettings):
        """Time limits, and what else must stay the same while a correction is verified."""

        answer: Annotated[
            Seconds, Field(gt=0, description="Longest wait for the guard's next report, beside its ramp")
        ] = 2.0
        silence: Annotated[
            Seconds, Field(gt=0, description="A verification without a judged frame for so long is confounded")
        ] = 1.0
        confirm_within: Annotated[
            Seconds, Field(gt=0, description="A move that waits for a person's yes lapses after this time")
        ] = 60.0
        solve_within: Annotated[
            Seconds, Field(gt=0, lt=1, description="An optimising regulator takes its last plan after this time")
        ] = 0.02
        constant: Annotated[
            tuple[str, ...], Field(description="Tags whose change confounds a verification (lot, recipe)")
        ] = ()

    inspections = Input(Inspection)
    readings = Input(Reading)
    results = Input(WriteResult)
    state = Input(CellState)
    instructions = Input(Instruction)

    proposals = Output(Proposal)
    corrections = Output(Correction)
    nonconformities = Output(Nonconformity)
    alarms = Output(Alarm)
    advices = Output(Advice)
    escalations = Output(Escalation)
    regulations = Output(Regulation)
    intervals = Output(Interval)

    def __init__(self, settings: Settings, context: Context) -> None:
        super().__init__(settings, context)
        self._situation = Situation(self.cell, settings.constant)
        limits = Limits(answer_s=settings.answer, silence_s=settings.silence, confirm_s=settings.confirm_within)
        loops = in_order(self.cell, (*self.cell.loops, *self.cell.advising))
        self._loops = [LoopController(loop, self._situation, limits) for loop in loops]
        self._listening: dict[str, list[LoopController]] = {}
        self._solver = SolverThread(settings.solve_within) if isinstance(self.clock, MonotonicClock) else None
        self._regulators = [
            RegulatorController(regulator, self._situation, patience_s=settings.answer, solver=self._solver or solve)
            for regulator in self.cell.regulators
            if regulator.authority != "off"
        ]
        self._watches = {
            row.name: NonconformityWatch(row.nonconformity) for row in self.cell.defects if row.nonconformity
        }
        self._filed = 0
        self._material = Material(self.cell, self.clock, self.intervals.send)

    def start(self) -> None:
        """Go on with the corrections that this run has on record: it is not always the first start in it."""
        if self.context.keeping is Keeping.MEMORY:
            return
        self._material.go_on(intervals_on_record(self.context.run_dir))
        records = tuple(corrections_on_record(self.context.run_dir))
        for loop in self._loops:
            loop.restore(records, self.clock.now_ns())
            self._send(loop)

    def stop(self) -> None:
        """Say that open advices have no answer, and end the solver's thread (on a virtual clock there is none)."""
        for loop in self._loops:
            loop.ended(self.clock.now_ns())
            self._send(loop)
        self._material.end()
        if self._solver is not None:
            self._solver.close()

    @on(inspections)
    def inspect(self, inspection: Inspection) -> None:
        """Decide first, then file: the correction has a deadline."""
        clock = self.clock
        self._situation.sight.see(inspection)
        for loop in self._listening.get(inspection.camera) or self._listen(inspection.camera):
            loop.inspect(inspection, clock.now_ns())
            self._send(loop)
        if inspection.judgement is not Judgement.INDETERMINATE:
            metres = inspection.span.length_m
            for watch in self._watches.values():
                watch.advance(metres)
        for found in inspection.objects:
            self._file(found)

    @on(readings)
    def read(self, reading: Reading) -> None:
        """Take over plant values and look whether the conditions of a verification still hold."""
        self._situation.plant.update(reading)
        self._material.follow(self._situation.plant.get)
        self.look_after()

    @on(results)
    def take_result(self, result: WriteResult) -> None:
        """Take a report of the guard; a move by others concerns every loop."""
        clock = self.clock
        for loop in self._loops:
            loop.result(result, clock.now_ns())
            self._send(loop)
        for regulator in self._regulators:
            regulator.result(result, clock.now_ns())
            self._send(regulator)

    @on(instructions)
    def instruct(self, instruction: Instruction) -> None:
        """Pass on the order of a person."""
        for loop in self._loops:
            loop.instruct(instruction, self.clock.now_ns())
            self._send(loop)
        for regulator in self._regulators:
            regulator.instruct(instruction, self.clock.now_ns())
            self._send(regulator)

    @on(state)
    def change_state(self, state: CellState) -> None:
        """Take over the cell's state."""
        clock = self.clock
        self._situation.state = state
        self._material.change(self._situation.lot, state)
        for loop in self._loops:
            loop.cell_changed(clock.now_ns())
            self._send(loop)
        if self._situation.recipe_changes:
            self._take_recipe()
        for regulator in self._regulators:
            regulator.cell_changed(clock.now_ns())
            self._send(regulator)

    def _take_recipe(self) -> None:
        """Another product: every loop and regulator begins anew, by its recipe."""
        self._situation.take_recipe()
        cell, now_ns = self._situation.cell, self.clock.now_ns()
        loops = {(loop.name, loop.side): loop for loop in (*cell.loops, *cell.advising)}
        regulators = {it.name: it for it in cell.regulators}
        before: list[LoopController | RegulatorController] = [*self._loops, *self._regulators]
        self._loops = [it.successor(loops[it.loop.name, it.loop.side], now_ns) for it in self._loops]
        self._regulators = [it.successor(regulators[it.regulator.name], now_ns) for it in self._regulators]
        self._listening = {}
        for source in before:  # their alarms are over
            self._send(source)

    @every(TIMER_S)
    def look_after(self) -> None:
        """Look at time limits and conditions."""
        clock = self.clock
        for loop in self._loops:
            loop.check(clock.now_ns())
            self._send(loop)
        for regulator in self._regulators:
            regulator.check(clock.now_ns())
            self._send(regulator)

    def _listen(self, camera: str) -> list[LoopController]:
        """The loops that hear this camera, kept: there is one question per frame."""
        self._listening[camera] = [loop for loop in self._loops if loop.hears(camera)]
        return self._listening[camera]

    def _send(self, source: LoopController | RegulatorController) -> None:
        for message in source.take():
            if isinstance(message, Proposal):
                self.proposals.send(message)
            elif isinstance(message, Correction):
                self.corrections.send(message)
            elif isinstance(message, Alarm):
                self.alarms.send(message)
            elif isinstance(message, Regulation):
                self.regulations.send(message)
            elif isinstance(message, Advice):
                self.advices.send(message)
            elif isinstance(message, Escalation):
                self.escalations.send(message)

    def _file(self, found: DefectObject) -> None:
        watch = self._watches.get(found.defect)
        if watch is None:
            return
        lot = self._material.lot_at(found.web.s_mm)
        objects = watch.see(found, lot)
        if not objects:
            return
        self._filed += 1
        row = self.cell.defect(found.defect)
        sides = {seen.web.side for seen in objects}
        self.nonconformities.send(
            Nonconformity(
                stamp=Stamp(self.clock.now_ns()),
                id=f"NCR-{self._filed}",
                defect=found.defect,
                side=sides.pop() if len(sides) == 1 else Side.NONE,
                span=WebSpan(min(seen.span.from_mm for seen in objects), max(seen.span.to_mm for seen in objects)),
                cause=row.cause if row is not None else "",
                reason=f"{watch.rule.count} objects within {watch.rule.within_m:g} m",
                lot=lot,
                evidence=tuple(evidence_of(seen) for seen in objects),
                exposure_ns=found.exposure_ns,
            )
        )
