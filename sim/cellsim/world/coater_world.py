"""The coating line as a world: physics, PLC and cameras on the host's clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel

from cellctl.clock import NS_PER_MS, NS_PER_S
from cellctl.config.resolved import ResolvedCell
from cellctl.errors import ConfigError
from cellctl.sdk.camera import Geometry
from cellctl.sdk.world import Seen
from cellsim.journal import Truth
from cellsim.plant.coater import Coater, Made, Step
from cellsim.plant.coater_settings import CoaterSettings
from cellsim.plant.constants import STEP_MS, STEP_S
from cellsim.plant.schedule import Episode
from cellsim.plant.setpoints import Setpoints
from cellsim.scenario import Scenario, load_scenario
from cellsim.world.controller import Controller
from cellsim.world.detector import DetectorEye
from cellsim.world.encoder import Encoder, block_end_mm, first_line_mm
from cellsim.world.eye import Exposure, Eye
from cellsim.world.rendered import GEOMETRY, RenderedEye
from cellsim.world.settings import CoaterWorldSettings

_STEP_NS = STEP_MS * NS_PER_MS
_MOST_STEPS = 10
"""Steps of physics at a time, at most: the coater's own limit."""
MODBUS_TCP = "modbus-tcp"


class CoaterWorld:
    """One coating line behind the devices of a cell: its one PLC, and any number of cameras along the web.

    Args:
        settings: what the configuration says.
        cell: whose devices it stands in for.
        coater: the physics' settings, instead of the scenario's (studies).

    Attributes:
        coater: the physics.
        objects: every true defect so far and why it is there, in the order in which they came to be; a streak that
            a purge ended stands here as it would have been.
        cleared: streaks that a purge ended, at the length that they have.
        episodes: hidden causes, planned and by chance, as far as they are known.
        watch: called after every step of the physics with the set-points that acted.
    """

    Settings: ClassVar[type[BaseModel]] = CoaterWorldSettings

    def __init__(self, settings: CoaterWorldSettings, cell: ResolvedCell, coater: CoaterSettings | None = None) -> None:
        self._settings = settings
        plan = coater or _without_faults(load_scenario(settings.scenario), settings.scenario).coater()
        self._plan = plan if settings.seed is None else replace(plan, seed=settings.seed)
        plcs = [device.name for device in cell.devices if device.driver == MODBUS_TCP]
        if len(plcs) != 1:
            raise ConfigError("CELL-1082", "the coating line has one PLC, the cell has {count} Modbus devices",
                              do="run it without lockstep, or use another world", count=len(plcs))  # fmt: skip
        self._plc = plcs[0]
        self._eyes = {device.name: self._eye(device.name, cell) for device in cell.devices if device.name != self._plc}
        self.coater = Coater(self._plan)
        self.objects: list[Made] = []
        self.cleared: list[Any] = []
        self.episodes: list[Episode] = list(self._plan.schedule.episodes)
        self.watch: Callable[[Step, Setpoints], None] | None = None
        self._truth: Truth | None = None
        self._steps = self._block = 0
        self._next_ns = 0
        self._recipe = Setpoints.recipe()
        self._shown: tuple[int, dict[str, float]] = (-1, {})

    def open(self, start_ns: int, folder: Path | None) -> None:
        """The web starts."""
        self._start_ns = start_ns
        self._controller = Controller(start_ns)
        self._encoder = Encoder(self.coater.process.speed, start_ns)
        self._next_ns = self._encoder.time_ns(block_end_mm(0), start_ns)
        if folder is not None and self._settings.truth:
            self._truth = Truth(folder / "truth.jsonl", self._plan)

    def cameras(self) -> Mapping[str, Geometry | None]:
        """Camera → shape of its blocks, None where the detector model looks."""
        return {name: GEOMETRY if isinstance(eye, RenderedEye) else None for name, eye in self._eyes.items()}

    def next_ns(self) -> int:
        """When the last line of the next block is exposed."""
        return self._next_ns

    def look(self, now_ns: int) -> list[Seen]:
        """One block of every camera; they share the encoder's grid."""
        self._advance(now_ns)
        block, at_ns = self._block, self._next_ns
        if now_ns < at_ns:
            return []
        first_ns = self._encoder.time_ns(first_line_mm(block), at_ns)
        since_start_s = (at_ns - self._start_ns) / NS_PER_S
        exposure = Exposure(block, first_ns, at_ns, block_end_mm(block), since_start_s)
        self._block += 1
        self._next_ns = self._encoder.time_ns(block_end_mm(self._block), at_ns + (at_ns - first_ns))
        return [eye.look(exposure) for eye in self._eyes.values()]

    def read(self, device: str, now_ns: int) -> Mapping[str, float]:
        """Everything that the PLC shows."""
        self._check(device)
        self._advance(now_ns)
        if self._shown[0] != self._steps:  # nothing that is shown changes between two steps
            self._shown = (self._steps, self._controller.shown(self._steps, self.coater) | self.coater.sensors())
        return self._shown[1]

    def write(self, device: str, sequence: int, values: Mapping[str, float], now_ns: int) -> int:
        """A command block; the PLC judges it at its next scan."""
        self._check(device)
        self._advance(now_ns)
        self._controller.write(sequence, values)
        return self._start_ns + (self._steps + 1) * _STEP_NS

    def close(self) -> None:
        """The web stops."""
        if self._truth is not None:
            self._truth.close()
            self._truth = None

    def _advance(self, now_ns: int) -> None:
        """Let the physics catch up with the clock, step by step where the PLC has something to do."""
        target = (now_ns - self._start_ns) // _STEP_NS
        while self._steps < target:
            scans = self._controller.must_scan(self.coater)
            count = 1 if scans else min(_MOST_STEPS, target - self._steps)
            acting = self._recipe if self._settings.sham else self._controller.setpoints
            step = self.coater.advance(count * STEP_S, acting)
            self._steps += count
            if step.made or step.cleared or step.began:
                self._tell(step)
            if scans:
                self._controller.scan(self._start_ns + self._steps * _STEP_NS, self.coater)
            if self.watch is not None:
                self.watch(step, acting)

    def _tell(self, step: Step) -> None:
        """Let eyes and records know what happened on the web."""
        for made in step.made:
            if made.cause != "harmless":
                self.objects.append(made)
            for eye in self._eyes.values():
                eye.made(made)
        for streak in step.cleared:
            self.cleared.append(streak)
            for eye in self._eyes.values():
                eye.cleared(streak)
        self.episodes += step.began
        if self._truth is not None:
            for episode in step.began:
                self._truth.begin(episode)
            for streak in step.cleared:
                self._truth.clear(streak)
            for made in step.made:
                self._truth.add(made)

    def _eye(self, camera: str, cell: ResolvedCell) -> Eye:
        station_mm = 1000.0 * cell.web.stations.get(camera, 0.0)
        if self._settings.eyes_of(camera) == "rendered":
            return RenderedEye(camera, station_mm, self._plan.seed)
        known = tuple(defect.name for defect in cell.defects)
        return DetectorEye(camera, station_mm, self._settings.detector, self._plan.seed, known)

    def _check(self, device: str) -> None:
        if device != self._plc:
            raise ConfigError(
                "CELL-1083", "the coating line has no device {device!r}", do="use another world", device=device
            )


def _without_faults(scenario: Scenario, name: str) -> Scenario:
    """ConfigError (CELL-1084) for a scenario whose faults this world would not show."""
    if scenario.faults:
        raise ConfigError("CELL-1084", "scenario {name!r} has faults of PLC or camera, which lockstep does not show",
                          do="run it live, or take `faults:` out", name=name)  # fmt: skip
    return scenario
