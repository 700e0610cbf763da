"""What the host of a source needs to know of a sampled signal."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cellctl.clock import NS_PER_S
from cellctl.model import SAMPLE_BYTES, SlotRef, Waveform
from cellctl.quality.contract import Seen
from cellctl.runtime.framing import waveform_of
from cellctl.runtime.worker.source_host import SILENT_NS, SourceHost
from cellctl.sdk.registry import WAVEFORMS, find_waveform
from cellctl.sdk.source import waits
from cellctl.sdk.waveform import WaveformDriver, WaveGrab

if TYPE_CHECKING:
    from cellctl.runtime.station import Station
    from cellctl.runtime.topology import WorkerSpec
    from cellctl.runtime.worker.channel import Channel

LATE_WINDOWS = 2
"""A sensor has failed when this many windows in a row are missing."""


class TakenWindow(NamedTuple):
    """One window in the buffer."""

    grab: WaveGrab
    sensor: WaveformSource

    @property
    def last_ns(self) -> int:
        """When its last sample was taken, ns."""
        return self.grab.last_sample_ns

    @property
    def size(self) -> int:
        """Bytes of its samples."""
        return SAMPLE_BYTES * self.grab.samples

    def seen(self, received_ns: int) -> Seen:
        """Its samples."""
        grab = self.grab
        return Seen(grab.first_sample_ns, grab.last_sample_ns, received_ns, grab.samples)

    def message(self, slot: SlotRef, received_ns: int) -> Waveform:
        """The window that the cell sees."""
        return waveform_of(self.sensor.name, self.grab, self.sensor.channel, slot=slot, received_ns=received_ns)


class WaveformSource:
    """An open sensor."""

    noun = "sensor"
    output = WAVEFORMS
    unit = "samples"

    def __init__(self, name: str, driver: WaveformDriver) -> None:
        self.name = name
        self._driver = driver
        self.waits = waits(type(driver))
        self.channel = driver.open()
        self.slot_bytes = SAMPLE_BYTES * self.channel.samples
        window_ns = round(self.channel.samples / self.channel.rate_hz * NS_PER_S)
        self.silent_ns = 0 if self.waits else SILENT_NS + LATE_WINDOWS * window_ns
        self.silent_text = f"sensor {name} gives no samples; check its power and cable"

    def grab(self, buffer: memoryview, timeout_s: float) -> TakenWindow | None:
        """The sensor's next window."""
        grab = self._driver.grab(buffer, timeout_s)
        return None if grab is None else TakenWindow(grab, self)

    def close(self) -> None:
        """Stop acquisition."""
        self._driver.close()


def waveform_host(station: Station, worker: WorkerSpec, channel: Channel) -> SourceHost:
    """The host of a sensor, open and ready to run."""
    device = station.cell.device(worker.name)
    kind = find_waveform(device.driver)
    driver = kind(worker.name, kind.Settings.model_validate(device.settings))
    return SourceHost(station, worker, channel, lambda: WaveformSource(worker.name, driver))
