"""A film line in a few lines: gap and blade load make the film, a gauge 64.5 m on measures it, a guard obeys."""

from __future__ import annotations

import math
import random
import statistics
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from cellctl.clock import NS_PER_S
from cellctl.config.resolved import Characteristic, ProtectedValue, ResolvedCell, Setpoint
from cellctl.config.resolved.regulator import Regulator, RegulatorInput
from cellctl.loop import Situation
from cellctl.loop.adjust.choice import Decider
from cellctl.loop.adjust.regulator import RegulatorController
from cellctl.model import Alarm, Kind, PackMLState, Proposal, Quality, Regulation, Side, Stamp, WritePhase
from tests.unit.loop.builders import answer, make_cell, make_loop, make_reading, make_state

GAP = "plc.blade_gap_sp"
GAIN = 0.816
STATION_M = 64.5
FILM = Characteristic("film_weight", "plc.film_weight", "g/m2", "plc.film_weight_pos", STATION_M, 200.0, 3.0)
PURGE = "plc.blade_purge"
PURGES = Setpoint(PURGE, "ms", 0.0, 0.0, 400.0, 4000.0, 400.0, 400.0, 1.0)
POINT = Setpoint(GAP, "µm", 250.0, 237.5, 262.5, 5.0, 5.0, 12.5, 0.1)


def make_regulator(**changes: Any) -> Regulator:
    """EWMA on the gap: every 5 s, weight 0.5, for disturbances of 600 s."""
    regulator = Regulator(
        name="film",
        authority="auto",
        hold="film_weight",
        law="ewma",
        inputs=(RegulatorInput(GAP, "µm", GAIN),),
        every_s=5.0,
        weight=0.5,
        trend_weight=0.2,
        disturbance_s=600.0,
        dead_s=STATION_M,
        dead_band=0.1,
    )
    return msgspec.structs.replace(regulator, **changes)


def make_film_cell(regulator: Regulator) -> ResolvedCell:
    """The cell of the loops' tests with a film gauge, whose value the loop protects, and one regulator."""
    cell = make_cell(
        make_loop(protect_values=(ProtectedValue("film_weight", 3.0),)),
        make_loop(Side.NONE, name="streak", law="pulse", tag=PURGE, unit="ms", step=300.0),
    )
    guard = msgspec.structs.replace(
        cell.guard, setpoints=(*cell.guard.setpoints, POINT, PURGES), loops=cell.guard.loops | {"film": (GAP,)}
    )
    return msgspec.structs.replace(cell, characteristics=(FILM,), regulators=(regulator,), guard=guard)


def viscosity(seed: int, sigma: float = 0.04, tau_s: float = 900.0) -> Callable[[float], float]:
    """An Ornstein-Uhlenbeck path of the relative viscosity, asked second by second."""
    rng, state = random.Random(seed), [0.0]
    keep = math.exp(-1.0 / tau_s)

    def step(_seconds: float) -> float:
        state[0] = keep * state[0] + sigma * math.sqrt(1.0 - keep * keep) * rng.gauss(0.0, 1.0)
        return 1.0 + state[0]

    return step


@dataclass
class FilmLine:
    """One step is one second: the film is made, the gauge looks, the regulator is asked, the guard answers.

    Attributes:
        viscosity: seconds → relative viscosity; the film goes with its power of 0.35.
        gain: of the real gap, g/m² per µm.
        load: blade load of the left edge, kPa; -0.85 % of film weight per kPa.
        speed: web speed in m/s; while it is not 1, delays in seconds are not the nominal ones.
        refuses: the guard refuses every proposal.
        disturb: called before each step.
    """

    regulator: Regulator = field(default_factory=make_regulator)
    seed: int = 1
    viscosity: Callable[[float], float] = lambda _seconds: 1.0
    gain: float = GAIN
    load: float = 20.0
    speed: float = 1.0
    noise: float = 0.3
    quality: Quality = Quality.GOOD
    splice: float = 0.0
    refuses: str = ""
    decider: Decider | None = None
    disturb: Callable[[FilmLine], object] = lambda _line: None
    gap: float = 250.0
    seconds: int = 0
    encoder_mm: float = 0.0
    made: deque[tuple[float, float]] = field(default_factory=deque)
    film: list[float] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    reports: list[Regulation] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.situation = Situation(make_film_cell(self.regulator))
        self.controller = RegulatorController(self.regulator, self.situation, decider=self.decider)
        self._ramp: Proposal | None = None
        self.relative = 1.0
        self.measured = 200.0
        self.enter(PackMLState.EXECUTE)

    @property
    def now_ns(self) -> int:
        return (self.seconds + 1) * NS_PER_S

    def enter(self, state: PackMLState, epoch: int = 1) -> None:
        """Bring the cell into a state."""
        self.situation.state = make_state(state, epoch=epoch)
        self.controller.cell_changed(self.now_ns)

    def run(self, seconds: int) -> FilmLine:
        """Run for so many seconds."""
        for _ in range(seconds):
            self.step()
        return self

    def step(self) -> None:
        """One second of web."""
        self.disturb(self)
        self.seconds += 1
        self._advance_ramp()
        self.relative = self.viscosity(float(self.seconds))
        film = 200.0 * self.relative**0.35 * (1.0 - 0.0085 * (self.load - 20.0)) + self.gain * (self.gap - 250.0)
        self.film.append(film)
        self.encoder_mm += self.speed * 1000.0
        self.made.append((self.encoder_mm, film))
        self._poll()
        self.controller.check(self.now_ns)
        self._deliver()

    def _poll(self) -> None:
        at_mm = self.encoder_mm - STATION_M * 1000.0
        while len(self.made) > 1 and self.made[0][0] <= at_mm:
            self.measured = self.made.popleft()[1]
        values = {
            "encoder_pos": self.encoder_mm,
            "web_speed": self.speed,
            "splice": self.splice,
            "blade_gap_sp": self.gap,
            "film_weight": self.measured + self.rng.gauss(0.0, self.noise),
            "film_weight_pos": self.encoder_mm,
            "viscosity": 5000.0 * self.relative * (1.0 + self.rng.gauss(0.0, 0.02)),
        }
        self.situation.plant.update(make_reading(self.now_ns, self.quality, **values))

    def _deliver(self) -> None:
        for message in self.controller.take():
            if isinstance(message, Proposal):
                self.proposals.append(message)
                self._guard(message)
            elif isinstance(message, Regulation):
                self.reports.append(message)
            elif isinstance(message, Alarm):
                self.alarms.append(message)

    def report_purge(self) -> None:
        """The guard reports a purge that is over before the plant is read again."""
        asked = Proposal(
            stamp=Stamp(self.now_ns), transaction="streak-none-1", loop="streak", kind=Kind.STEP, tag=PURGE,
            target=300.0, unit="ms", epoch=1, exposure_ns=0, first_line_ns=0, confidence=0.9, quality=Quality.GOOD,
        )  # fmt: skip
        self.controller.result(answer(asked, WritePhase.TARGET, self.now_ns, encoder_mm=self.encoder_mm), self.now_ns)

    def _guard(self, proposal: Proposal) -> None:
        if self.refuses:
            self._report(proposal, WritePhase.DECIDED, outcome="REFUSED", reason=self.refuses)
        else:
            self._ramp = proposal

    def _advance_ramp(self) -> None:
        if self._ramp is not None:
            self.gap, proposal, self._ramp = self._ramp.target, self._ramp, None
            self._report(proposal, WritePhase.TARGET)

    def _report(self, proposal: Proposal, phase: WritePhase, **changes: Any) -> None:
        self.controller.result(answer(proposal, phase, self.now_ns - NS_PER_S // 2, **changes), self.now_ns)

    def outside(self, after: int = 0) -> int:
        """Metres (at 1 m/s) of film outside its tolerance."""
        return sum(abs(film - 200.0) > FILM.tolerance for film in self.film[after:])

    def spread(self, after: int = 300) -> float:
        """Root mean square of the film's deviation, g/m²."""
        return math.sqrt(statistics.fmean((film - 200.0) ** 2 for film in self.film[after:]))
