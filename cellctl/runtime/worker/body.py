"""What a worker process does from its first word to its last, whatever it hosts."""

from __future__ import annotations

import gc
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from cellctl.errors import CellError, told
from cellctl.runtime.privileges import Confinement
from cellctl.runtime.signals import SIGNALS
from cellctl.runtime.station import Station
from cellctl.runtime.topology import Role, WorkerSpec
from cellctl.runtime.worker.channel import Channel
from cellctl.runtime.worker.refusal import explained

if TYPE_CHECKING:
    from cellctl.runtime.worker.bus_host import BusHost
    from cellctl.runtime.worker.plugin_host import PluginHost
    from cellctl.runtime.worker.scada_host import ScadaHost
    from cellctl.runtime.worker.source_host import SourceHost


def run(folder: Path, name: str, confinement: Confinement) -> int:
    """Run one worker until the supervisor stops it. Returns the exit status."""
    for number in SIGNALS:  # a worker obeys its supervisor alone, which stops everything in good order
        signal.signal(number, signal.SIG_IGN)
    station = msgspec.json.decode((folder / "station.json").read_bytes(), type=Station)
    channel = Channel(folder / "control.ipc", name, confinement.gaps)
    worker = station.worker(name)
    try:
        _host(station, worker, channel).run()
    except Exception as error:
        clear = explained(error, worker)
        if isinstance(clear, CellError):
            channel.fault(clear.code, str(clear), told(clear))
        else:
            channel.fault("CELL-3000", f"{type(error).__name__}: {error}")
        if clear is not error or not isinstance(error, CellError):
            raise
        return 1
    finally:
        channel.close()
    return 0


def _host(station: Station, worker: WorkerSpec, channel: Channel) -> SourceHost | PluginHost | BusHost | ScadaHost:
    # Each kind is imported where it is needed: a camera process never loads the inference runtime.
    host: SourceHost | PluginHost | BusHost | ScadaHost
    if worker.role is Role.CAMERA:
        from cellctl.runtime.worker.camera_host import camera_host  # noqa: PLC0415  # see above

        host = camera_host(station, worker, channel)
    elif worker.role is Role.WAVEFORM:
        from cellctl.runtime.worker.waveform_host import waveform_host  # noqa: PLC0415  # see above

        host = waveform_host(station, worker, channel)
    elif worker.role is Role.BUS:
        from cellctl.runtime.worker.bus_host import BusHost  # noqa: PLC0415  # see above

        host = BusHost(station, worker, channel)
    elif worker.role is Role.SCADA:
        from cellctl.runtime.worker.scada_host import ScadaHost  # noqa: PLC0415  # see above

        host = ScadaHost(station, worker, channel)
    else:
        from cellctl.runtime.worker.plugin_host import PluginHost  # noqa: PLC0415  # see above

        host = PluginHost(station, worker, channel)
    gc.collect()
    gc.freeze()  # what was loaded at start never needs to be looked at again
    return host
