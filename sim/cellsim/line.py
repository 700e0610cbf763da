"""The simulated coating line: plant with PLC, and camera, started and stopped as one."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cellctl.clock import NS_PER_MS, NS_PER_S
from cellctl.errors import ConfigError, Where
from cellsim.child import Child
from cellsim.scenario import Scenario, load_scenario
from cellsim.wire import pack

_LEAD_NS = 50 * NS_PER_MS
"""From the order to the first motion of the web."""


class Line:
    """Context manager: on entry the servers listen and the web starts, on exit nothing is left.

    Writes into `out`: `truth.jsonl` (every true object and episode), `plc.jsonl` (what the PLC was asked and
    did), `sim_summary.json` (at the end) and the processes' own logs. The cell reads none of them.

    Enter it in a thread that lives as long as the line: the processes die with the thread that started them.

    Args:
        scenario: name of one that ships, or path of a YAML file. ConfigError when it cannot be used.
        out: folder for the line's files; made when missing.
        plc_port: instead of the scenario's; 0 lets the system choose.
        camera_port: likewise.
        serial: name of the PLC's serial port (Modbus RTU), instead of the scenario's.

    Attributes:
        plc_port: where the PLC listens (after entry).
        camera_port: where the camera listens (after entry).
        serial: name of the PLC's serial port, None without one.
        start_ns: when the web started, monotonic.
        summary: content of `sim_summary.json` (after exit).
    """

    def __init__(
        self,
        scenario: str,
        out: Path,
        *,
        plc_port: int | None = None,
        camera_port: int | None = None,
        serial: Path | None = None,
    ) -> None:
        self.scenario: Scenario = load_scenario(scenario)
        _check_constant_speed(self.scenario, scenario)
        self.out = out
        self.plc_port = self.scenario.plc.port if plc_port is None else plc_port
        self.camera_port = self.scenario.camera.port if camera_port is None else camera_port
        self.serial = serial or self.scenario.plc.serial
        self.start_ns = 0
        self.summary: dict[str, Any] = {}
        self._plant: Child | None = None
        self._camera: Child | None = None

    def __enter__(self) -> Self:
        self.out.mkdir(parents=True, exist_ok=True)
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the web started."""
        return (time.monotonic_ns() - self.start_ns) / NS_PER_S

    @property
    def is_alive(self) -> bool:
        """Whether both processes still run."""
        return all(child is not None and child.is_alive for child in (self._plant, self._camera))

    @property
    def pids(self) -> list[int]:
        """Process ids of the line."""
        return [child.pid for child in (self._plant, self._camera) if child is not None]

    def status(self) -> dict[str, Any]:
        """The plant's latest report (once per second): web_m, objects, load_kpa, commands, violations."""
        return {} if self._plant is None else self._plant.reports.get("status", {})

    def last_stream(self) -> dict[str, Any]:
        """Figures of the camera's last finished acquisition, empty before the first."""
        return {} if self._camera is None else self._camera.reports.get("stream", {})

    def stop(self) -> dict[str, Any]:
        """Stop both processes and write the summary; may be called twice."""
        if self._plant is None and self._camera is None:
            return self.summary
        camera = self._camera.stop() if self._camera else {}
        plant = self._plant.stop() if self._plant else {}
        self._plant = self._camera = None
        if self.start_ns:
            self.summary = _summary(plant, camera, self.elapsed_s)
            text = json.dumps(self.summary, indent=2, ensure_ascii=False)
            (self.out / "sim_summary.json").write_text(text + "\n", encoding="utf-8")
        return self.summary

    def _start(self) -> None:
        from_plant, to_camera = os.pipe()
        try:
            self._plant = Child("cellsim.plc.process", self.out / "plc.log", (to_camera,))
            self._camera = Child("cellsim.camera.process", self.out / "camera.log", (from_plant,))
        finally:
            os.close(from_plant)
            os.close(to_camera)
        self._plant.order(self._plant_setup(to_camera))
        self._camera.order(self._camera_setup(from_plant))
        self.plc_port = self._plant.wait_ready()["port"]
        self.camera_port = self._camera.wait_ready()["port"]
        self.start_ns = time.monotonic_ns() + _LEAD_NS
        for child in (self._plant, self._camera):
            child.order({"start_ns": self.start_ns})

    def _plant_setup(self, camera_pipe: int) -> dict[str, Any]:
        return {
            "coater": pack(self.scenario.coater()),
            "faults": pack(self.scenario.plc_faults()),
            "host": self.scenario.plc.host,
            "port": self.plc_port,
            "serial": str(self.serial or ""),
            "out": str(self.out),
            "camera_pipe": camera_pipe,
        }

    def _camera_setup(self, plant_pipe: int) -> dict[str, Any]:
        return {
            "seed": self.scenario.seed,
            "speed_um_s": round(self.scenario.web_speed * 1_000_000),
            "faults": pack(self.scenario.camera_faults()),
            "host": self.scenario.camera.host,
            "port": self.camera_port,
            "plant_pipe": plant_pipe,
        }


def _check_constant_speed(scenario: Scenario, name: str) -> None:
    """The camera of the live line is paced by the clock: it cannot follow a web that changes its speed."""
    if scenario.disturbances.slowdowns is not None:
        raise ConfigError(
            "CELL-1071",
            "the live line runs at a constant web speed, and this scenario has `disturbances.slowdowns`",
            where=Where(name),
            do="run it in lockstep, or take `slowdowns` out",
        )


def _summary(plant: dict[str, Any], camera: dict[str, Any], elapsed_s: float) -> dict[str, Any]:
    """One flat file of figures about the line itself; `late` over all acquisitions."""
    streams = camera.get("streams", [])
    cpu = plant.get("cpu_s", 0.0) + camera.get("cpu_s", 0.0)
    return {
        "complete": bool(plant) and bool(camera),
        "elapsed_s": round(elapsed_s, 3),
        "web_m": plant.get("web_m", 0.0),
        "objects": plant.get("objects", {}),
        "streams": streams,
        "produced": sum(stream["produced"] for stream in streams),
        "dropped": sum(len(stream["dropped"]) for stream in streams),
        "withheld": sum(len(stream["withheld"]) for stream in streams),
        "late": sum(stream["late"] for stream in streams),
        "max_late_ms": max((stream["max_late_ms"] for stream in streams), default=0.0),
        "render_ms_mean": max((stream["render_ms_mean"] for stream in streams), default=0.0),
        "commands": plant.get("commands", 0),
        "refused": plant.get("refused", 0),
        "watchdog_trips": plant.get("watchdog_trips", 0),
        "envelope_violations": plant.get("envelope_violations"),
        "nice": camera.get("nice"),
        "cpu_s": round(cpu, 3),
        "cpu_cores": round(cpu / elapsed_s, 4) if elapsed_s > 0 else 0.0,
    }
