"""Says in words what a refused system call is: to the code that made it, it looks like a missing file right."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator

from cellctl.errors import PluginError, text
from cellctl.runtime.topology import Role, WorkerSpec
from cellctl.sdk.needs import Need

DEVICES = "/dev/"


def explained(error: Exception, worker: WorkerSpec) -> Exception:
    """PluginError CELL-3023 when the error comes from what this process may not do, else the error as it is."""
    refused = next((cause for cause in _causes(error) if _is_refusal(cause, worker.needs)), None)
    if refused is None:
        return error
    if worker.role is Role.PLUGIN:
        do = text("reach hardware and networks through a driver: a plugin only hears and sends messages")
    else:
        do = text("let the driver declare it in its attribute `needs`, a set of cellctl.sdk.Need")
    return PluginError("CELL-3023", "{process} tried what its process may not do: {reason}",
                       do=do, process=worker.name, reason=str(refused))  # fmt: skip


def _is_refusal(error: BaseException, needs: frozenset[Need]) -> bool:
    """Files that may not be opened are named in the error; what else is refused has no name."""
    if isinstance(error, socket.gaierror):
        return Need.NETWORK not in needs and error.errno == socket.EAI_AGAIN
    if not isinstance(error, PermissionError) or error.errno != errno.EACCES:
        return False
    if error.filename is None:
        return Need.NETWORK not in needs
    return Need.DEVICE_FILES not in needs and str(error.filename).startswith(DEVICES)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what led to it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
