"""The line-scan camera: a server that streams blocks, and the driver that the cell uses to receive them."""

from cellsim.camera.faults import CameraFault, CameraFaults
from cellsim.camera.scene import Scene

__all__ = ["CameraFault", "CameraFaults", "Scene"]
