"""What a camera is asked for, whoever looks through it."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from cellctl.sdk.world import Seen
from cellsim.plant.coater import Made
from cellsim.render.web_object import WebObject


class Exposure(NamedTuple):
    """One block of a camera.

    Attributes:
        block: number on the encoder's grid, which is the frame's id.
        first_line_ns: end of exposure of the first line.
        last_line_ns: likewise of the last line.
        encoder_mm: at the last line.
        since_start_s: time since the web started.
    """

    block: int
    first_line_ns: int
    last_line_ns: int
    encoder_mm: float
    since_start_s: float


class Eye(Protocol):
    """Looks through one camera."""

    def made(self, made: Made) -> None:
        """An object came to be somewhere before the camera."""
        ...

    def cleared(self, streak: WebObject) -> None:
        """A streak that is still being drawn has ended at this length."""
        ...

    def look(self, exposure: Exposure) -> Seen:
        """The block that was just exposed."""
        ...
