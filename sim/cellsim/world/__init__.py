"""The coating line in virtual time: what stands in for a cell's devices in lockstep."""

from cellsim.world.coater_world import CoaterWorld
from cellsim.world.settings import CoaterWorldSettings, DetectorSettings

__all__ = ["CoaterWorld", "CoaterWorldSettings", "DetectorSettings"]
