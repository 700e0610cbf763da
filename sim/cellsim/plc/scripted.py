"""A scan program with its scripted faults; the wire's faults are the server's."""

from __future__ import annotations

from cellsim.plc.faults import PlcFault, PlcFaults
from cellsim.plc.program import Events, Inputs, PlcProgram


class ScriptedPlc:
    """Scans a program unless it is frozen, wrong as the script says.

    Args:
        program: the controller's memory and its scan.
        faults: what goes wrong, and when.
    """

    def __init__(self, program: PlcProgram, faults: PlcFaults) -> None:
        self._program = program
        self._faults = faults

    def scan(self, now_ns: int, since_start_s: float, plant: Inputs) -> Events:
        """One scan; a frozen program does nothing, and neither sees a beat nor counts."""
        for fault in self._faults.due(since_start_s):
            self._happen(fault, now_ns)
        if self._faults.active(since_start_s, "frozen"):
            return Events(None, {}, None)
        return self._program.scan(now_ns, plant, self._faults.upset(since_start_s))

    def _happen(self, fault: PlcFault, now_ns: int) -> None:
        if fault.kind == "restart":
            self._program.restart(now_ns)
        else:
            self._program.move(fault.register, fault.value, now_ns)
