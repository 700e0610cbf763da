"""The process of one camera: the driver writes into the frame pool, the host sends the frame on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cellctl.clock import NS_PER_S, MonotonicClock
from cellctl.model import Alarm, Priority, Stamp
from cellctl.pipes import FramePool, Ports
from cellctl.runtime.framing import frame_of
from cellctl.runtime.histogram import Histogram
from cellctl.runtime.topology import CAMERA_OUTPUTS, FRAME_DEPTH, SPARE_SLOTS
from cellctl.runtime.worker.beat import Pulse
from cellctl.sdk.camera import Camera, Geometry
from cellctl.sdk.registry import find_camera

if TYPE_CHECKING:
    from cellctl.runtime.station import Station
    from cellctl.runtime.topology import WorkerSpec
    from cellctl.runtime.worker.channel import Channel

GRAB_TIMEOUT_S = 0.1
SILENT_NS = NS_PER_S // 4
"""A camera that gives no frame for this long has failed."""


class CameraHost:
    """Loans a slot, lets the driver fill it, publishes, sends; a frame without a free slot is dropped and counted."""

    def __init__(self, station: Station, worker: WorkerSpec, channel: Channel) -> None:
        device = station.cell.device(worker.name)
        driver = find_camera(device.driver)
        self._name = worker.name
        self._station_mm = 1000 * station.cell.web.stations.get(worker.name, 0.0)
        self._clock = MonotonicClock()
        self._channel = channel
        self._camera: Camera = driver(worker.name, driver.Settings.model_validate(device.settings))
        self._transfer = Histogram()
        self._received = self._no_slot = 0
        self._silent = False
        geometry = self._camera.open()
        self._geometry = geometry
        self._overrun = bytearray(geometry.rows * geometry.columns)
        self._pool = FramePool.create(
            Path(station.topology.pools[worker.name]),
            slots=FRAME_DEPTH * station.topology.holders(worker.name) + SPARE_SLOTS,
            slot_bytes=geometry.rows * geometry.columns,
            holders=max(1, station.topology.holders(worker.name)),
        )
        self._ports = Ports(
            worker.name, station.topology.links, self._clock, {worker.name: self._pool}, tuple(CAMERA_OUTPUTS)
        )
        self._last_ns = self._clock.now_ns()
        self._pulse = Pulse(channel, self._ports, {"transfer": self._transfer}, self._notes)

    def run(self) -> None:
        """Acquire until told to stop."""
        geometry = self._geometry
        try:
            self._channel.hello()
            stop = None
            while stop is None:
                self._grab(geometry)
                self._ports.pump()
                self._pulse.keep(self._clock.now_ns())
                stop = self._channel.stop_asked()
        finally:
            self._camera.close()
        drained = self._ports.flush(stop.timeout_s)
        self._channel.done(self._pulse.now(), drained=drained)
        self._ports.close()

    def _grab(self, geometry: Geometry) -> None:
        self._ports.pump()
        slot = self._pool.loan()
        size = geometry.rows * geometry.columns
        buffer = memoryview(self._overrun) if slot is None else self._pool.buffer(slot)[:size]
        grab = self._camera.grab(buffer, GRAB_TIMEOUT_S)
        if grab is None:
            self._watch_silence()
            return
        now = self._last_ns = self._clock.now_ns()
        self._received += 1
        self._transfer.add(now - grab.last_line_ns)
        self._watch_silence()
        if slot is None:
            self._no_slot += 1
            return
        published = self._pool.publish(slot, size)
        frame = frame_of(self._name, grab, geometry, station_mm=self._station_mm, slot=published, received_ns=now)
        self._ports.sender("frames").send(frame)

    def _watch_silence(self) -> None:
        """Raise or clear the alarm of a camera that gives no frames."""
        now = self._clock.now_ns()
        silent = now - self._last_ns > SILENT_NS
        if silent != self._silent:
            self._silent = silent
            text = (
                f"camera {self._name} gives no frames; check its power, cable and trigger" if silent else "frames again"
            )
            self._ports.sender("alarms").send(
                Alarm(
                    stamp=Stamp(now),
                    id=f"camera.{self._name}.silent",
                    active=silent,
                    priority=Priority.HIGH,
                    text=text,
                    holds=True,
                )
            )

    def _notes(self) -> dict[str, float]:
        return {"received": self._received, "no_slot": self._no_slot, "silent": float(self._silent)}
