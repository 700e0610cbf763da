"""`cellctl sim`: the simulated line alone, for testers with their own controller or client."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Any

from rich.console import Console

from cellctl.errors import PlantError
from cellsim.line import Line


def sim(
    scenario: str = "demo",
    *,
    out: Path = Path("out/sim"),
    plc_port: int | None = None,
    camera_port: int | None = None,
    serial: Path | None = None,
) -> None:
    """Run the simulated coating line until Ctrl-C or the scenario's duration.

    Example: `cellctl sim demo`

    Args:
        scenario: name of one that ships (demo, quiet, bench, faults) or path of a YAML file.
        out: folder for ground truth, the PLC's log and the summary.
        plc_port: port of the PLC (Modbus TCP) instead of the scenario's; 0 lets the system choose.
        camera_port: port of the camera instead of the scenario's; 0 lets the system choose.
        serial: name of a serial port (Modbus RTU) that the PLC has as well, such as out/sim/plc.tty.
    """
    console = Console(highlight=False, soft_wrap=True)
    stopped = threading.Event()
    previous = {number: signal.signal(number, lambda *_: stopped.set()) for number in _STOP_SIGNALS}
    try:
        with Line(scenario, out, plc_port=plc_port, camera_port=camera_port, serial=serial) as line:
            plc, camera = line.scenario.plc.host, line.scenario.camera.host
            console.print(f"PLC (Modbus TCP, unit 1) on {plc}:{line.plc_port}, camera on {camera}:{line.camera_port}")
            if line.serial is not None:
                console.print(f"PLC (Modbus RTU, unit 1) on {line.serial}")
            console.print(f"files in {out}; Ctrl-C stops")
            _watch(line, stopped, console)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    console.print(_closing_words(line.summary), markup=False)


_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_PERIOD_S = 1.0


def _watch(line: Line, stopped: threading.Event, console: Console) -> None:
    """One status line per second until asked to stop, at the end of the duration, or when a process died."""
    limit_s = line.scenario.duration or float("inf")
    while line.elapsed_s < limit_s and not stopped.wait(min(_PERIOD_S, max(0.0, limit_s - line.elapsed_s))):
        if not line.is_alive:
            raise PlantError(
                "CELL-2213", "a process of the simulated line died", do="read the logs in {out}", out=line.out
            )
        console.print(_status_words(line.elapsed_s, line.status()), markup=False)


def _status_words(elapsed_s: float, status: dict[str, Any]) -> str:
    if not status:
        return f"{elapsed_s:6.0f} s  starting"
    loads = status["load_kpa"]
    made = ", ".join(f"{count} {defect}" for defect, count in sorted(status["objects"].items())) or "no defects"
    return (
        f"{elapsed_s:6.0f} s  {status['web_m']:8.1f} m  blade {loads['left']:.2f} / {loads['right']:.2f} kPa  "
        f"{made}  {status['commands']} commands ({status['refused']} refused)"
    )


def _closing_words(summary: dict[str, Any]) -> str:
    return (
        f"{summary['web_m']:.1f} m of web, {summary['produced']} frames produced, {summary['late']} late, "
        f"{summary['dropped']} dropped, {summary['envelope_violations']} envelope violations"
    )
