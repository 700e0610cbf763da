"""Entry point of every worker process: `python -m cellctl.runtime.worker FOLDER NAME`."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from cellctl.errors import CellError, told
from cellctl.runtime.signals import SIGNALS
from cellctl.runtime.station import Station
from cellctl.runtime.topology import Role, WorkerSpec
from cellctl.runtime.worker.channel import Channel

if TYPE_CHECKING:
    from cellctl.runtime.worker.source_host import SourceHost

PR_SET_PDEATHSIG = 1


def main(folder: Path, name: str, parent: int) -> int:
    """Run one worker until the supervisor stops it. Returns the exit status."""
    _die_with(parent)
    for number in SIGNALS:  # a worker obeys its supervisor alone, which stops everything in good order
        signal.signal(number, signal.SIG_IGN)
    station = msgspec.json.decode((folder / "station.json").read_bytes(), type=Station)
    channel = Channel(folder / "control.ipc", name)
    try:
        _run(station, station.worker(name), channel)
    except CellError as error:
        channel.fault(error.code, str(error), told(error))
        return 1
    except Exception as error:
        channel.fault("CELL-3000", f"{type(error).__name__}: {error}")
        raise
    finally:
        channel.close()
    return 0


def _run(station: Station, worker: WorkerSpec, channel: Channel) -> None:
    # Each kind is imported where it is needed: a camera process never loads the inference runtime.
    if worker.role is Role.CAMERA:
        from cellctl.runtime.worker.camera_host import camera_host  # noqa: PLC0415  # see above

        host: SourceHost | PluginHost | BusHost = camera_host(station, worker, channel)
    elif worker.role is Role.WAVEFORM:
        from cellctl.runtime.worker.waveform_host import waveform_host  # noqa: PLC0415  # see above

        host = waveform_host(station, worker, channel)
    elif worker.role is Role.BUS:
        from cellctl.runtime.worker.bus_host import BusHost  # noqa: PLC0415  # see above

        host = BusHost(station, worker, channel)
    else:
        from cellctl.runtime.worker.plugin_host import PluginHost  # noqa: PLC0415  # see above

        host = PluginHost(station, worker, channel)
    gc.collect()
    gc.freeze()  # what was loaded at start never needs to be looked at again
    host.run()


def _die_with(parent: int) -> None:
    """Ask the kernel to end this process when the supervisor ends, however it ends."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before we asked
        sys.exit(1)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
