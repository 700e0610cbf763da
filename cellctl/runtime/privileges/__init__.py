"""What a worker process gives up before it loads anything of others.

Nothing here imports more than the standard library: a process is confined while it has one thread, so that all later
ones are.
"""

from cellctl.runtime.privileges.confine import Confinement, confine, what_is_missing
from cellctl.runtime.privileges.rights import DEVICE_FILES, NETWORK

__all__ = ["DEVICE_FILES", "NETWORK", "Confinement", "confine", "what_is_missing"]
