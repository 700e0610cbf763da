"""The process that holds plant and PLC: physics and scan every 10 ms, Modbus in between.

Started by `cellsim.line.Line` as `python -m cellsim.plc.process`; orders: first the set-up, then the start time.
"""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any, TextIO

from cellctl.clock import NS_PER_MS, NS_PER_S
from cellctl.errors import CellError, told
from cellsim.child import cpu_s, report, settle_in
from cellsim.journal import PlcLog, Truth
from cellsim.plant.coater import Coater, Step
from cellsim.plant.coater_settings import CoaterSettings
from cellsim.plant.constants import STEP_MS, STEP_S
from cellsim.plant.objects import DRAWN
from cellsim.plc import registers as reg
from cellsim.plc.faults import PlcFaults
from cellsim.plc.image import inputs_of, setpoints_in_force
from cellsim.plc.program import PlcProgram
from cellsim.plc.scripted import ScriptedPlc
from cellsim.plc.serial_face import SerialFace
from cellsim.plc.server import PlcServer
from cellsim.wire import LineReader, object_to_json, unpack, write_line

_STEP_NS = STEP_MS * NS_PER_MS
_MARK_STEPS = 10
"""The camera is told how far the web is coated every so many steps, even when nothing was made."""
_STATUS_STEPS = 100


class PlantProcess:
    """Plant, PLC and their files.

    Args:
        setup: settings of the coater, faults, host, port, serial port, output folder, descriptor of the camera's pipe.
    """

    def __init__(self, setup: dict[str, Any]) -> None:
        settings: CoaterSettings = unpack(setup["coater"])
        out = Path(setup["out"])
        now_ns = time.monotonic_ns()
        self.coater = Coater(settings)
        self.faults: PlcFaults = unpack(setup["faults"])
        self.program = PlcProgram(now_ns)
        self.scripted = ScriptedPlc(self.program, self.faults)
        self.server = PlcServer(self.program, self.faults, self.since_start_s)
        self.truth = Truth(out / "truth.jsonl", settings)
        self.log = PlcLog(out / "plc.jsonl", now_ns)
        self._to_camera: TextIO = os.fdopen(setup["camera_pipe"], "w", encoding="utf-8")
        self._start_ns = 0
        self._steps = 0

    def since_start_s(self) -> float:
        """Seconds since the web started; 0 before."""
        return max(0.0, (time.monotonic_ns() - self._start_ns) / NS_PER_S) if self._start_ns else 0.0

    async def run(self, orders: LineReader, start_ns: int) -> None:
        """Scan until the orders end; late scans are made up for, so that the physics never loses a step."""
        self._start_ns = start_ns
        while not orders.ended:
            due_ns = start_ns + (self._steps + 1) * _STEP_NS
            await asyncio.sleep(max(0.0, (due_ns - time.monotonic_ns()) / NS_PER_S))
            while start_ns + (self._steps + 1) * _STEP_NS <= time.monotonic_ns():
                self.scan()
            orders.read()

    def scan(self) -> None:
        """One step of the plant and one scan of the PLC."""
        self._steps += 1
        step = self.coater.advance(STEP_S, setpoints_in_force(self.program.in_force))
        now_ns, since_start_s = time.monotonic_ns(), self.since_start_s()
        events = self.scripted.scan(now_ns, since_start_s, inputs_of(self.coater))
        self.log.scan(now_ns, events, self.faults.upset(since_start_s).state)
        self._tell(step)

    def summary(self) -> dict[str, Any]:
        """Figures for `sim_summary.json`."""
        return {
            "web_m": round(self.coater.encoder_mm / 1000, 3),
            "objects": self.truth.objects,
            "commands": self.log.commands,
            "refused": self.log.refused,
            "watchdog_trips": self.log.watchdog_trips,
            "envelope_violations": self.log.envelope_violations,
            "cpu_s": round(cpu_s(), 3),
        }

    def close(self) -> None:
        """Close files and the camera's pipe."""
        self.truth.close()
        self.log.close()
        self._to_camera.close()

    def _tell(self, step: Step) -> None:
        for episode in step.began:
            self.truth.begin(episode)
        for streak in step.cleared:
            self.truth.clear(streak)
        for made in step.made:
            self.truth.add(made)
            if made.thing.defect in DRAWN:
                write_line(self._to_camera, {"thing": object_to_json(made.thing)})
        if self._steps % _MARK_STEPS == 0:
            write_line(self._to_camera, {"coated_mm": step.encoder_mm})
        if self._steps % _STATUS_STEPS == 0:
            loads = {side.value: round(load, 2) for side, load in step.load_kpa.items()}
            report("status", **self.summary(), load_kpa=loads, state=self.program.inputs[reg.IR_STATE])


async def _wait_for(orders: LineReader) -> Any:
    """The next order, or None when there will be none."""
    while not orders.ended:
        for order in orders.read():
            return order
        await asyncio.sleep(0.005)
    return None


async def _main() -> None:
    orders = settle_in()
    setup = await _wait_for(orders)
    if setup is None:
        return
    plant = PlantProcess(setup)
    serial: SerialFace | None = None
    try:
        port = await plant.server.start(setup["host"], setup["port"])
        if setup["serial"]:
            serial = SerialFace(setup["host"], port)
            await serial.start(Path(setup["serial"]))
        report("ready", port=port)
        start = await _wait_for(orders)
        if start is not None:
            await plant.run(orders, start["start_ns"])
    except CellError as error:
        report("error", told=told(error))
    finally:
        if serial is not None:
            await serial.stop()
        await plant.server.stop()
        report("summary", **plant.summary())
        plant.close()


if __name__ == "__main__":
    asyncio.run(_main())
