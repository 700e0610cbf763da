"""A TCP proxy between a cell and a Modbus PLC that spoils, delays, cuts and repeats what passes."""

from cellsim.proxy.fault import Fault, Kind, Way
from cellsim.proxy.frame import Frame, Framer
from cellsim.proxy.plan import Plan
from cellsim.proxy.relay import FaultProxy, Passed

__all__ = ["Fault", "FaultProxy", "Frame", "Framer", "Kind", "Passed", "Plan", "Way"]
