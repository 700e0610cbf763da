"""What a camera driver must do; drivers are found by the entry point group `cellctl.drivers`."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol, runtime_checkable

import msgspec
from pydantic import BaseModel


class Geometry(msgspec.Struct, frozen=True):
    """Shape and pitch of a camera's frames: `rows` lines along the web, `columns` pixels across."""

    rows: int
    columns: int
    row_mm: float
    column_mm: float


class Grab(msgspec.Struct, frozen=True):
    """One frame that a driver has just written into the buffer it was given.

    Attributes:
        frame_id: counts up by one per frame exposed since acquisition began.
        first_line_ns: exposure of the first line, monotonic ns.
        last_line_ns: exposure of the last line, monotonic ns.
        encoder_mm: encoder position at the last line.
        origin: where it was read from, a file's name; empty for a camera.
        fault: why the pixels are not what a camera saw, in words; such a frame cannot be judged.
    """

    frame_id: int
    first_line_ns: int
    last_line_ns: int
    encoder_mm: float
    origin: str = ""
    fault: str = ""


@runtime_checkable
class Camera(Protocol):
    """A driver instance; it lives in a process of its own and may block.

    One that can be held back says so with `waits: ClassVar[bool] = True` (see `cellctl.sdk.source`). One that needs a
    network or device files says so with `needs` (see `cellctl.sdk.needs`): its process may do nothing else.
    """

    Settings: ClassVar[type[BaseModel]]

    def __init__(self, name: str, settings: Any) -> None:
        """`settings` is an instance of `Settings`."""
        ...

    def open(self) -> Geometry:
        """Connect and start acquisition. Raises `PlantError` when the camera cannot be reached."""
        ...

    def grab(self, buffer: memoryview, timeout_s: float) -> Grab | None:
        """Wait for the next frame and write it into `buffer` (rows × columns bytes); None on time-out.

        Raises `PlantError` when the connection is lost, `EndOfData` when nothing more will come.
        """
        ...

    def close(self) -> None:
        """Stop acquisition and disconnect; may be called twice."""
        ...
