"""What a driver of a sampled signal must do; drivers are found by the entry point group `cellctl.drivers`."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

import msgspec
from pydantic import BaseModel


class Channel(msgspec.Struct, frozen=True):
    """Shape of a driver's windows.

    Attributes:
        samples: most samples of one window.
        rate_hz: samples per second.
        unit: of the samples, for example g.
    """

    samples: int
    rate_hz: float
    unit: str


class WaveGrab(msgspec.Struct, frozen=True):
    """One window that a driver has just written into the buffer it was given.

    Attributes:
        window_id: counts up by one per window.
        samples: how many samples were written; fewer than the channel's in a short window.
        first_sample_ns: when the first sample was taken, monotonic ns.
        last_sample_ns: when the last sample was taken, monotonic ns.
        start_s: where in the recording the window begins, s.
        origin: where it was read from, a file's name; empty for a device that measures.
        fault: why the samples are not what the sensor measured, in words; such a window cannot be judged.
    """

    window_id: int
    samples: int
    first_sample_ns: int
    last_sample_ns: int
    start_s: float = 0.0
    origin: str = ""
    fault: str = ""


@runtime_checkable
class WaveformDriver(Protocol):
    """A driver instance; it lives in a process of its own and may block.

    One that can be held back says so with `waits: ClassVar[bool] = True` (see `cellctl.sdk.source`), and one that
    needs a network or device files with `needs` (see `cellctl.sdk.needs`). Its settings have a field `rate`, samples
    per second: the contract of the cell is checked against it.
    """

    Settings: ClassVar[type[BaseModel]]
    delivers: ClassVar[Literal["waveforms"]]

    def __init__(self, name: str, settings: Any) -> None:
        """`settings` is an instance of `Settings`."""
        ...

    def open(self) -> Channel:
        """Connect and start acquisition. Raises `PlantError` when the sensor cannot be reached."""
        ...

    def grab(self, buffer: memoryview, timeout_s: float) -> WaveGrab | None:
        """Wait for the next window and write it into `buffer` (4 bytes per sample, float32); None on time-out.

        Raises `PlantError` when the connection is lost, `EndOfData` when nothing more will come.
        """
        ...

    def close(self) -> None:
        """Stop acquisition and disconnect; may be called twice."""
        ...
