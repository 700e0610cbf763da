"""What the host of a source needs to know of a camera."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cellctl.model import Frame, SlotRef
from cellctl.quality.contract import Seen
from cellctl.runtime.framing import frame_of
from cellctl.runtime.worker.source_host import SILENT_NS, SourceHost
from cellctl.sdk.camera import Camera, Geometry, Grab
from cellctl.sdk.registry import FRAMES, find_camera
from cellctl.sdk.source import waits

if TYPE_CHECKING:
    from cellctl.runtime.station import Station
    from cellctl.runtime.topology import WorkerSpec
    from cellctl.runtime.worker.channel import Channel


class TakenFrame(NamedTuple):
    """One block in the buffer."""

    grab: Grab
    camera: CameraSource

    @property
    def last_ns(self) -> int:
        """Exposure of its last line, ns."""
        return self.grab.last_line_ns

    @property
    def size(self) -> int:
        """A block is always whole."""
        return self.camera.slot_bytes

    def seen(self, received_ns: int) -> Seen:
        """One frame, where the web stood."""
        grab = self.grab
        return Seen(grab.first_line_ns, grab.last_line_ns, received_ns, 1, grab.encoder_mm)

    def message(self, slot: SlotRef, received_ns: int) -> Frame:
        """The frame that the cell sees."""
        camera = self.camera
        return frame_of(camera.name, self.grab, camera.geometry, station_mm=camera.station_mm, slot=slot,
                        received_ns=received_ns)  # fmt: skip


class CameraSource:
    """An open camera."""

    noun = "camera"
    output = FRAMES
    unit = "frames"

    def __init__(self, name: str, driver: Camera, station_mm: float) -> None:
        self.name = name
        self.station_mm = station_mm
        self._driver = driver
        self.waits = waits(type(driver))
        self.geometry: Geometry = driver.open()
        self.slot_bytes = self.geometry.rows * self.geometry.columns
        self.silent_ns = 0 if self.waits else SILENT_NS
        self.silent_text = f"camera {name} gives no frames; check its power, cable and trigger"

    def grab(self, buffer: memoryview, timeout_s: float) -> TakenFrame | None:
        """The camera's next block."""
        grab = self._driver.grab(buffer, timeout_s)
        return None if grab is None else TakenFrame(grab, self)

    def close(self) -> None:
        """Stop acquisition."""
        self._driver.close()


def camera_host(station: Station, worker: WorkerSpec, channel: Channel) -> SourceHost:
    """The host of a camera, open and ready to run."""
    device = station.cell.device(worker.name)
    kind = find_camera(device.driver)
    driver = kind(worker.name, kind.Settings.model_validate(device.settings))
    station_mm = 1000 * station.cell.web.stations.get(worker.name, 0.0)
    return SourceHost(station, worker, channel, lambda: CameraSource(worker.name, driver, station_mm))
