"""What the kernel refuses a process is told apart from files that it may not read and plants that do not answer."""

import errno
import socket

import pytest

from cellctl.errors import PlantError
from cellctl.runtime.topology import Role, WorkerSpec
from cellctl.runtime.worker.refusal import explained
from cellctl.sdk import Need

REFUSED = PermissionError(errno.EACCES, "Permission denied")
NO_NAMES = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
SERIAL_LINE = PermissionError(errno.EACCES, "Permission denied", "/dev/ttyUSB0")
FILE = PermissionError(errno.EACCES, "Permission denied", "/data/run/x")
NETWORK, DEVICES = frozenset({Need.NETWORK}), frozenset({Need.DEVICE_FILES})


def worker(role, needs=frozenset()):
    return WorkerSpec("it", role, "any", 0, needs)


def wrapped(error):
    """What a driver makes of it."""
    told = PlantError("CELL-2201", "cannot reach the camera")
    told.__cause__ = error
    return told


@pytest.mark.parametrize("error", [REFUSED, NO_NAMES, SERIAL_LINE, wrapped(REFUSED)])
def test_a_refusal_says_what_it_is(error):
    """Also where a driver took it for a camera that cannot be reached."""
    for role, way_out in ((Role.PLUGIN, "through a driver"), (Role.CAMERA, "`needs`")):
        clear = explained(error, worker(role))
        assert str(clear).startswith("CELL-3023: it tried what its process may not do: ")
        assert way_out in str(clear)


@pytest.mark.parametrize(
    ("error", "needs"),
    [(FILE, frozenset()), (ValueError("no"), frozenset()), (REFUSED, NETWORK), (NO_NAMES, NETWORK),
     (SERIAL_LINE, DEVICES), (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), frozenset())],
)  # fmt: skip
def test_any_other_error_stays_as_it_is(error, needs):
    """A file of another user, a bug, and a network that a driver may use and that is down."""
    assert explained(error, worker(Role.CAMERA, needs)) is error


def test_causes_that_lead_to_each_other_come_to_an_end():
    """An error may be its own cause, over a second one."""
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    assert explained(first, worker(Role.PLUGIN)) is first
