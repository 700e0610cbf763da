"""An oven in a few lines: four zones with dead time and lag dry the web, a gauge behind the oven measures the rest."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import msgspec

from cellctl.clock import NS_PER_S
from cellctl.config.resolved import Characteristic, Setpoint
from cellctl.config.resolved.regulator import Regulator, RegulatorInput, RegulatorLimit
from cellctl.loop import Situation
from cellctl.loop.adjust.laws.qp import Solve, solve
from cellctl.loop.adjust.regulator import RegulatorController
from cellctl.model import PackMLState, Proposal, Quality, Regulation, WritePhase
from tests.unit.loop.builders import answer, make_cell, make_reading, make_state

ZONES = (7, 8, 9, 10)
GAINS = {7: -88.0, 8: -91.0, 9: -72.0, 10: -33.0}
RECIPE = {7: 120.0, 8: 115.0, 9: 105.0, 10: 85.0}
STATION_M = 64.5
RESIDUAL = Characteristic("residual_solvent", "plc.residual_solvent", "ppm", "", STATION_M, 1800.0, 1200.0)


def tag(zone: int) -> str:
    """Set-point of a zone."""
    return f"plc.zone_t_sp_{zone}"


def make_oven(**changes: Any) -> Regulator:
    """The predictive law on the last four zones."""
    regulator = Regulator(
        name="oven",
        authority="auto",
        hold="residual_solvent",
        law="mpc",
        inputs=tuple(RegulatorInput(tag(z), "°C", GAINS[z], 5.0, 90.0, 6.0 * z) for z in ZONES),
        every_s=15.0,
        weight=0.3,
        trend_weight=0.2,
        disturbance_s=1800.0,
        dead_s=120.0,
        dead_band=20.0,
        neighbours=15.0,
    )
    return msgspec.structs.replace(regulator, **changes)


@dataclass
class OvenLine:
    """One step is one second at 1 m/s.

    Attributes:
        load_ppm: what a disturbance adds to the residual solvent.
        lel: reading of the exhaust at the recipe, percent.
        lel_gain: percent per °C of zones 7 and 8.
        solver: solves the law's problems.
    """

    regulator: Regulator = field(default_factory=make_oven)
    load_ppm: float = 0.0
    lel: float = 14.6
    lel_gain: float = 0.0
    exhaust: float = 0.0
    noise: float = 0.0
    solver: Solve = solve
    seconds: int = 0
    residual: float = 1800.0
    proposals: list[Proposal] = field(default_factory=list)
    reports: list[Regulation] = field(default_factory=list)
    highest: dict[int, float] = field(default_factory=lambda: dict(RECIPE))

    def __post_init__(self) -> None:
        points = tuple(Setpoint(tag(z), "°C", t, t - 10, t + 10, 0.1, 3.0, 10.0, 0.1) for z, t in RECIPE.items())
        cell = make_cell()
        guard = msgspec.structs.replace(cell.guard, setpoints=(*cell.guard.setpoints, *points))
        cell = msgspec.structs.replace(
            cell, characteristics=(RESIDUAL,), regulators=(self.regulator,), guard=guard, loops=()
        )
        self.rng = random.Random(1)
        self.situation = Situation(cell)
        self.controller = RegulatorController(self.regulator, self.situation, solver=self.solver)
        self.situation.state = make_state(PackMLState.EXECUTE)
        self.controller.cell_changed(0)
        self.in_force = dict(RECIPE)
        self._air = dict(RECIPE)
        self._asked: dict[int, Proposal] = {}
        self._late: dict[int, deque[float]] = {z: deque([t] * 6, maxlen=6) for z, t in RECIPE.items()}
        self._web: dict[int, deque[float]] = {z: deque([t] * 65, maxlen=65) for z, t in RECIPE.items()}

    def run(self, seconds: int) -> OvenLine:
        """Run for so many seconds."""
        for _ in range(seconds):
            self.step()
        return self

    def step(self) -> None:
        """One second: ramps, air, web, gauge, regulator, guard."""
        self.seconds += 1
        now_ns = (self.seconds + 1) * NS_PER_S
        self._ramp(now_ns)
        self.residual = 1800.0 + self.load_ppm
        for z in ZONES:
            self._late[z].append(self.in_force[z])
            self._air[z] += (self._late[z][0] - self._air[z]) / 90.0
            self._web[z].append(self._air[z])
            way = round(STATION_M - 6.0 * z)
            self.residual += GAINS[z] * (self._web[z][-1 - way] - RECIPE[z])
            self.highest[z] = max(self.highest[z], self.in_force[z])
        values = {f"zone_t_sp_{z}": value for z, value in self.in_force.items()}
        self.exhaust = self.lel + self.lel_gain * sum(self._air[z] - RECIPE[z] for z in (7, 8))
        values |= {"residual_solvent": self.residual + self.rng.gauss(0.0, self.noise), "lel": self.exhaust}
        self.situation.plant.update(make_reading(now_ns, Quality.GOOD, encoder_pos=self.seconds * 1000.0, **values))
        self.controller.check(now_ns)
        for message in self.controller.take():
            if isinstance(message, Proposal):
                self.proposals.append(message)
                self._asked[int(message.tag.rsplit("_", 1)[1])] = message
            elif isinstance(message, Regulation):
                self.reports.append(message)

    def _ramp(self, now_ns: int) -> None:
        """The guard's ramps of 0.1 °C/s."""
        for z, proposal in list(self._asked.items()):
            left = proposal.target - self.in_force[z]
            self.in_force[z] += max(-0.1, min(0.1, left))
            if abs(left) <= 0.1 + 1e-9:
                self.in_force[z] = proposal.target
                del self._asked[z]
                result = answer(proposal, WritePhase.TARGET, now_ns - NS_PER_S // 2)
                self.controller.result(result, now_ns)


def make_limited(at_most: float, gain: float) -> Regulator:
    """The oven with a limit on the exhaust that zones 7 and 8 drive up."""
    return make_oven(limits=(RegulatorLimit("plc.lel", at_most, {tag(7): gain, tag(8): gain}),))
