"""What `cellctl doctor` looks at: this machine, the parts that may be missing, and the devices of a cell."""

from cellctl.runtime.doctor.devices import examine_devices
from cellctl.runtime.doctor.finding import Finding, Mark
from cellctl.runtime.doctor.judge import examine
from cellctl.runtime.doctor.probe import Machine, look

__all__ = ["Finding", "Machine", "Mark", "examine", "examine_devices", "look"]
