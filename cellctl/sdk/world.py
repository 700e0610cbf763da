"""What stands in for a cell's devices in virtual time; worlds are found by the entry point group `cellctl.worlds`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol, runtime_checkable

from pydantic import BaseModel

from cellctl.config.resolved import ResolvedCell
from cellctl.model.inspection import Inspection
from cellctl.sdk.camera import Geometry, Grab
from cellctl.sdk.plugin import Pixels, Samples
from cellctl.sdk.waveform import Channel, WaveGrab


class Block(NamedTuple):
    """One frame of a camera with its pixels, shape (rows, columns), uint8; nobody writes to them any more."""

    grab: Grab
    pixels: Pixels


class Window(NamedTuple):
    """One window of a sensor with its samples, float32; nobody writes to them any more."""

    grab: WaveGrab
    samples: Samples


class Seen(NamedTuple):
    """What one device has to say.

    Attributes:
        camera: its name, also that of a sensor.
        found: a rendered block, the inspection that a modelled inspector makes of it, or a sensor's window.
    """

    camera: str
    found: Block | Window | Inspection


@runtime_checkable
class World(Protocol):
    """Everything outside of one cell, under the host's clock: it moves only when it is asked something.

    All times are the host's virtual ns, and they never go back. What a world says depends on its settings, the
    cell and what was written, and on nothing else: no wall clock, no unseeded randomness, no order of a set.

    Attributes:
        Settings: its keys under `simulate: {world: …}`, among them `seed` (an integer, or None).
    """

    Settings: ClassVar[type[BaseModel]]

    def __init__(self, settings: Any, cell: ResolvedCell) -> None:
        """`settings` is an instance of `Settings`."""
        ...

    def open(self, start_ns: int, folder: Path | None) -> None:
        """Time begins; what the world itself wants to keep goes into `folder`, nowhere when it is None."""
        ...

    def cameras(self) -> Mapping[str, Geometry | None]:
        """Camera → shape of the blocks it renders; None for one whose inspections the world makes itself."""
        ...

    def next_ns(self) -> int:
        """When a camera next has something to say."""
        ...

    def look(self, now_ns: int) -> list[Seen]:
        """What the cameras have to say now; the host asks at the time that `next_ns` gave."""
        ...

    def read(self, device: str, now_ns: int) -> Mapping[str, float]:
        """Tag name → value in the tag's unit, as the controller of `device` shows it after its last scan.

        Set-points show what is in force. The host rounds to what the wire can carry.
        """
        ...

    def write(self, device: str, sequence: int, values: Mapping[str, float], now_ns: int) -> int:
        """A command block arrives: set-point name → value. Returns when the controller will have judged it.

        From then on `read` shows the sequence in the tag of the handshake's echo, and what came of it.
        """
        ...

    def close(self) -> None:
        """Time ends; may be called twice."""
        ...


@runtime_checkable
class ListeningWorld(World, Protocol):
    """A world that has sensors too."""

    def sensors(self) -> Mapping[str, Channel]:
        """Sensor → shape of its windows."""
        ...


@runtime_checkable
class FiniteWorld(World, Protocol):
    """A world that comes to its end."""

    @property
    def exhausted(self) -> bool:
        """Whether nothing more will ever be seen in it."""
        ...
