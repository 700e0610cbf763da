"""A coating line in a few lines: hidden deficit, transport by metres, a guard that ramps, an edge that answers."""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from cellctl.clock import NS_PER_S
from cellctl.config.resolved import ResolvedCell
from cellctl.loop import Limits, LoopController, Situation, honest_baseline
from cellctl.loop.estimate.watch import Baseline
from cellctl.model import (
    Alarm,
    Correction,
    DefectObject,
    Escalation,
    Kind,
    Outcome,
    PackMLState,
    Proposal,
    Quality,
    TransactionState,
    WritePhase,
    WriteResult,
)
from tests.unit.loop.builders import answer, make_cell, make_inspection, make_object, make_reading, make_state

BLOCK_M = 0.25
STEP_KPA = 1.0
SLEW_KPA_PER_S = 0.4
LIMITS = Limits(answer_s=2.0, silence_s=1.0)


def edge_rate(in_control: float, deficit: float, steps: float) -> float:
    """Spurs per metre: λ0 · exp(1.4 · max(0, d - z)²), at most fifty times λ0."""
    return min(50.0 * in_control, in_control * math.exp(1.4 * max(0.0, deficit - steps) ** 2))


@dataclass
class Line:
    """One metre per second; every step inspects one block and polls the controller once.

    Attributes:
        deficit: hidden deficit of the edge, in units of one step.
        connected: whether the set-point really moves the blade.
        camera_m: distance of the camera from the blade.
        waits: False makes the guard report that the target was in force from the beginning (a broken variant).
        disturb: called before each step with the line; may change anything.
        refuse: what the guard says of a proposal; empty accepts it.
        lose: whether the plant never confirms a proposal that the guard accepted.
        gauges: more plant values by their short names, at every poll.
    """

    seed: int
    deficit: float = 1.4
    connected: bool = True
    camera_m: float = 1.5
    waits: bool = True
    baseline: Baseline = honest_baseline
    disturb: Callable[[Line], object] = lambda _line: None
    cell: ResolvedCell | None = None
    speed: float = 1.0
    quality: Quality = Quality.GOOD
    judged: bool = True
    silent_guard: bool = False
    refuse: Callable[[Proposal], str] = lambda _proposal: ""
    lose: Callable[[Proposal], bool] = lambda _proposal: False
    gauges: Callable[[Line], dict[str, float]] = lambda _line: {}
    now_ns: int = NS_PER_S
    encoder_mm: float = 0.0
    in_force: float = 20.0
    records: list[Correction] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    questions: list[Escalation] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    results: list[WriteResult] = field(default_factory=list)
    objects: list[DefectObject] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.situation = Situation(make_cell() if self.cell is None else self.cell)
        self.controller = LoopController(self.situation.cell.loops[0], self.situation, LIMITS, baseline=self.baseline)
        self.in_control = 0.01
        self._made: deque[float] = deque()
        self._ramp: tuple[Proposal, float] | None = None
        self.enter(PackMLState.EXECUTE)

    def restart(self, *, remembers: bool = True) -> None:
        """The loop's process is gone and begins anew, in a new epoch; what the plant does goes on."""
        self.situation = Situation(self.situation.cell)
        self.controller = LoopController(self.situation.cell.loops[0], self.situation, LIMITS, baseline=self.baseline)
        if remembers:
            self.controller.restore(tuple(self.records), self.now_ns)
        self._deliver()

    def enter(self, state: PackMLState, *, epoch: int = 1, safe: bool = False) -> None:
        """Bring the cell into a state."""
        self.situation.state = make_state(state, epoch=epoch, safe=safe)
        self.controller.cell_changed(self.now_ns)
        self._deliver()

    def run(self, metres: float) -> None:
        """Run for so many metres."""
        end_mm = self.encoder_mm + metres * 1000.0
        while self.encoder_mm < end_mm:
            self.step()

    def verdict(self, within_m: float = 3000.0) -> Correction:
        """Run until a correction has its verdict; AssertionError if there is none within so many metres."""
        end_mm = self.encoder_mm + within_m * 1000.0
        while self.encoder_mm < end_mm:
            self.step()
            if self.records and self.records[-1].state.is_verdict:
                return self.records[-1]
        raise AssertionError(f"no verdict within {within_m:g} m")

    def step(self) -> None:
        """One block of web."""
        self.disturb(self)
        steps = (self.in_force - 20.0) / STEP_KPA if self.connected else 0.0
        rate = edge_rate(self.in_control, self.deficit, steps)
        start_mm = self.encoder_mm
        self.encoder_mm += BLOCK_M * 1000.0
        self.now_ns += round(BLOCK_M / self.speed * NS_PER_S)
        at_mm = start_mm + self.rng.expovariate(rate) * 1000.0
        while at_mm < self.encoder_mm:
            self._made.append(at_mm)
            at_mm += self.rng.expovariate(rate) * 1000.0
        self._advance_ramp()
        self._poll()
        self._look()

    def _poll(self) -> None:
        values = {"encoder_pos": self.encoder_mm, "web_speed": self.speed, "blade_load_sp_left": self.in_force}
        self.situation.plant.update(make_reading(self.now_ns, self.quality, **values, **self.gauges(self)))
        self.controller.check(self.now_ns)
        self._deliver()

    def _look(self) -> None:
        to_mm = self.encoder_mm - self.camera_m * 1000.0
        objects = []
        while self._made and self._made[0] < to_mm:
            objects.append(make_object(self._made.popleft()))
        found = objects if self.judged else []
        inspection = make_inspection(
            to_mm - BLOCK_M * 1000.0, to_mm, *found, t_ns=self.now_ns - 20_000_000, ok=self.judged
        )
        self.objects += inspection.objects
        self.controller.inspect(inspection, self.now_ns)
        self._deliver()

    def _deliver(self) -> None:
        """Take what was sent; the guard answers when all of it is out."""
        messages = self.controller.take()
        self.records += [message for message in messages if isinstance(message, Correction)]
        self.alarms += [message for message in messages if isinstance(message, Alarm)]
        self.questions += [message for message in messages if isinstance(message, Escalation)]
        proposals = [message for message in messages if isinstance(message, Proposal)]
        self.proposals += proposals
        for proposal in proposals:
            self._guard(proposal)

    def _guard(self, proposal: Proposal) -> None:
        """Accept, and begin the ramp."""
        if self.silent_guard and proposal.kind is Kind.STEP:
            return
        refusal = self.refuse(proposal)
        if refusal:
            self._report(proposal, WritePhase.DECIDED, self.in_force, outcome=Outcome.REFUSED, reason=refusal)
            return
        self._report(proposal, WritePhase.DECIDED, self.in_force)
        if self.lose(proposal):
            self._report(proposal, WritePhase.FIRST_INCREMENT, self.in_force, outcome=Outcome.UNKNOWN, reason="link")
            return
        self._ramp = (proposal, self.in_force)
        self._report(proposal, WritePhase.FIRST_INCREMENT, self.in_force)

    def _advance_ramp(self) -> None:
        if self._ramp is None:
            return
        proposal, old = self._ramp
        most = SLEW_KPA_PER_S * BLOCK_M / self.speed
        left = proposal.target - self.in_force
        self.in_force += max(-most, min(most, left))
        if abs(left) <= most:
            self.in_force, self._ramp = proposal.target, None
            self._report(proposal, WritePhase.TARGET, old)

    def _report(self, proposal: Proposal, phase: WritePhase, old: float, **changes: object) -> None:
        result: WriteResult = answer(
            proposal,
            phase,
            self.now_ns,
            old=old,
            encoder_mm=self.encoder_mm if self.waits else 0.0,
            in_force=self.in_force,
            written=self.in_force,
            **changes,
        )
        self.results.append(result)
        self.controller.result(result, self.now_ns)
        self._deliver()

    @property
    def states(self) -> list[TransactionState]:
        """States of the last transaction in the order they were sent."""
        last = self.records[-1].transaction
        return [record.state for record in self.records if record.transaction == last]
