"""The world of a cell whose devices are files: they can be read again, so nothing needs to stand in for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import numpy as np
from pydantic import BaseModel

from cellctl.clock import NS_PER_S
from cellctl.config.resolved import Device, ResolvedCell
from cellctl.errors import ConfigError, PluginError
from cellctl.runtime.topology import reads_again
from cellctl.sdk.camera import Geometry
from cellctl.sdk.registry import find_driver
from cellctl.sdk.source import EndOfData, Repeatable
from cellctl.sdk.waveform import Channel
from cellctl.sdk.world import Block, Seen, Window

NEVER_NS = 2**62
TIMEOUT_S = 0.1


class _Source:
    """One device: when it next has something, and how its next is read."""

    def __init__(
        self, name: str, period_ns: int, read: Callable[[int], Block | Window], close: Callable[[], None]
    ) -> None:
        self.name, self.read, self.close = name, read, close
        self.period_ns = period_ns
        self.due_ns = 0


class FileWorld:
    """Implements `sdk.World` over the drivers of a cell that has nothing but files.

    Raises ConfigError CELL-1175 for a device that cannot be read in virtual time.
    """

    Settings: ClassVar[type[BaseModel]] = BaseModel

    def __init__(self, cell: ResolvedCell) -> None:
        self._cameras: dict[str, Geometry | None] = {}
        self._sensors: dict[str, Channel] = {}
        self._sources = [self._source(device) for device in cell.devices]

    def open(self, start_ns: int, folder: Path | None) -> None:  # noqa: ARG002  # the signature is the world's
        """Time begins: every device has its first then."""
        for source in self._sources:
            source.due_ns = start_ns

    def cameras(self) -> Mapping[str, Geometry | None]:
        """Camera → shape of its frames."""
        return self._cameras

    def sensors(self) -> Mapping[str, Channel]:
        """Sensor → shape of its windows."""
        return self._sensors

    @property
    def exhausted(self) -> bool:
        """Whether every file was read."""
        return all(source.due_ns == NEVER_NS for source in self._sources)

    def next_ns(self) -> int:
        """When the next file or window is due."""
        return min((source.due_ns for source in self._sources), default=NEVER_NS)

    def look(self, now_ns: int) -> list[Seen]:
        """What is due now, device by device as the cell lists them."""
        seen = []
        for source in self._sources:
            if source.due_ns > now_ns:
                continue
            source.due_ns += source.period_ns
            try:
                seen.append(Seen(source.name, source.read(now_ns)))
            except EndOfData:
                source.due_ns = NEVER_NS
        return seen

    def read(self, device: str, now_ns: int) -> Mapping[str, float]:  # noqa: ARG002  # the signature is the world's
        """There is no controller among files."""
        raise PluginError("CELL-3032", "{device} is no controller", do="hand a world over", device=device)

    def write(self, device: str, sequence: int, values: Mapping[str, float], now_ns: int) -> int:  # noqa: ARG002
        """There is no controller among files."""
        raise PluginError("CELL-3032", "{device} is no controller", do="hand a world over", device=device)

    def close(self) -> None:
        """Time ends."""
        for source in self._sources:
            source.close()

    def _source(self, device: Device) -> _Source:
        kind = find_driver(device.driver)
        driver: Any = kind(device.name, kind.Settings.model_validate(device.settings))
        if not isinstance(driver, Repeatable):
            raise ConfigError("CELL-1175", "devices.{name}: a {driver} cannot be read in virtual time",
                              do="add `world: {{use: …}}` under `simulate:`, or run without --lockstep",
                              name=device.name, driver=device.driver)  # fmt: skip
        period_ns = round(driver.in_virtual_time() * NS_PER_S)
        return self._opened(device.name, driver, period_ns)

    def _opened(self, name: str, driver: Any, period_ns: int) -> _Source:
        shape = driver.open()
        if isinstance(shape, Channel):
            self._sensors[name] = shape
            return _Source(name, period_ns, lambda now_ns: _window(driver, shape, now_ns), driver.close)
        self._cameras[name] = shape
        return _Source(name, period_ns, lambda now_ns: _block(driver, shape, now_ns), driver.close)


def can_be_read_again(cell: ResolvedCell) -> bool:
    """Whether a cell has devices and each of them is a source that can be read in virtual time."""
    return bool(cell.devices) and all(reads_again(device.driver) for device in cell.devices)


def _block(driver: Any, geometry: Geometry, now_ns: int) -> Block:
    pixels = np.zeros((geometry.rows, geometry.columns), np.uint8)
    grab = driver.grab(pixels.data.cast("B"), TIMEOUT_S)
    return Block(msgspec.structs.replace(grab, first_line_ns=now_ns, last_line_ns=now_ns), pixels)


def _window(driver: Any, channel: Channel, now_ns: int) -> Window:
    samples = np.zeros(channel.samples, np.float32)
    grab = driver.grab(samples.data.cast("B"), TIMEOUT_S)
    first_ns = now_ns - round(max(0, grab.samples - 1) / channel.rate_hz * NS_PER_S)
    stamped = msgspec.structs.replace(grab, first_sample_ns=first_ns, last_sample_ns=now_ns)
    return Window(stamped, samples[: grab.samples])
