"""Whether devices that share a connection can do so: each its own unit, and the same settings of the wire."""

from __future__ import annotations

from collections.abc import Mapping

from cellctl.config.checking.mistakes import Mistakes
from cellctl.devices.modbus.settings import ModbusSettings, line_of
from cellctl.runtime.parts import Bus

OF_THE_WIRE = ("timeout", "baud", "parity", "stop_bits", "ca", "certificate", "key")
"""Settings that a connection has once, however many devices are on it."""


def check_lines(buses: Mapping[str, Bus], mistakes: Mistakes) -> None:
    """Hold every device against the first one of its connection (CELL-1047)."""
    first: dict[str, str] = {}
    units: dict[tuple[str, int], str] = {}
    for name, bus in buses.items():
        line = line_of(bus.settings.model_dump(mode="json"))
        host = first.setdefault(line, name)
        twin = units.setdefault((line, bus.settings.unit), name)
        if twin != name:
            mistakes.add("CELL-1047", ("devices", name, "unit"), "{other} at {line} is unit {unit} already",
                         "write the device's own unit identifier", other=twin, line=line,
                         unit=bus.settings.unit)  # fmt: skip
        for key in _differing(buses[host].settings, bus.settings):
            mistakes.add("CELL-1047", ("devices", name, key), "{other} on the same line has another {setting}",
                         "write the same for both", other=host, setting=key)  # fmt: skip


def _differing(one: ModbusSettings, other: ModbusSettings) -> list[str]:
    """Keys of the wire; `driver` when even the transport is another."""
    if type(one) is not type(other):
        return ["driver"]
    return [key for key in OF_THE_WIRE if getattr(one, key, None) != getattr(other, key, None)]
