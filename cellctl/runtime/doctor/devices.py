"""Tries whether the devices of a cell can be reached; nothing is written to any of them."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

from cellctl.config.resolved import Device, ResolvedCell
from cellctl.runtime.doctor.finding import Finding, bad, note, ok

PATIENCE_S = 2.0
LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
SIMULATED = "sim-"
"""How the names of the simulator's drivers begin."""
CHECK = "check power, cable and address; a firewall may be in between"
START = "start `cellctl sim demo`, or put your camera's driver here"
START_OR_ADDRESS = "start `cellctl sim demo`, or write your device's address here"
Connect = Callable[[str, int], None]


def connect(host: str, port: int) -> None:
    """Open a TCP connection and close it at once; OSError when that does not work."""
    socket.create_connection((host, port), timeout=PATIENCE_S).close()


def examine_devices(cell: ResolvedCell, reach: Connect = connect) -> list[Finding]:
    """One line per device: does something listen at its address, is its file there?"""
    return [_device(device, reach) for device in cell.devices]


def _device(device: Device, reach: Connect) -> Finding:
    subject = f"device {device.name}"
    host, port, path = (device.settings.get(key) for key in ("host", "port", "path"))
    path = device.settings.get("device", path)
    if isinstance(host, str) and isinstance(port, int):
        return _at_address(subject, host, port, reach, _remedy(device.driver, host))
    if isinstance(path, str):
        there = Path(path).exists()
        return ok(subject, f"{path} is there") if there else bad(subject, f"{path} is not there", "correct the path")
    return note(subject, f"not tried: driver {device.driver} has no address that could be tried", "run the cell")


def _remedy(driver: str, host: str) -> str:
    """What to do about a device that is not reached: on this machine it is the simulated line that does not run."""
    if host not in LOCAL:
        return CHECK
    return START if driver.startswith(SIMULATED) else START_OR_ADDRESS


def _at_address(subject: str, host: str, port: int, reach: Connect, remedy: str) -> Finding:
    try:
        reach(host, port)
    except TimeoutError:
        reason = f"no answer within {PATIENCE_S:g} s"
    except OSError as error:
        reason = error.strerror or str(error)
    else:
        return ok(subject, f"{host}:{port} accepts a connection")
    return bad(subject, f"{host}:{port} cannot be reached: {reason}", remedy)
