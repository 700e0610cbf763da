"""The line's controller: a scan program, its clamp table, its log as the referee, and the Modbus TCP face."""

from cellsim.plc.faults import PlcFault, PlcFaults, Upset
from cellsim.plc.program import AcceptCode, Inputs, PlcProgram
from cellsim.plc.referee import Referee
from cellsim.plc.scripted import ScriptedPlc
from cellsim.plc.server import PlcServer

__all__ = [
    "AcceptCode",
    "Inputs",
    "PlcFault",
    "PlcFaults",
    "PlcProgram",
    "PlcServer",
    "Referee",
    "ScriptedPlc",
    "Upset",
]
