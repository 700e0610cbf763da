"""The line's clock: the encoder as a function of monotonic time, and the grid of the camera's blocks on it."""

from __future__ import annotations

from dataclasses import dataclass

from cellctl.clock import NS_PER_S
from cellsim.plant.constants import WET_CAMERA_MM
from cellsim.render.field import BLOCK_UM, ROW_UM, ROWS

_CAMERA_ROW = round(WET_CAMERA_MM * 1000 / ROW_UM)
"""Lines between the blade and the wet camera."""


@dataclass(frozen=True)
class LineClock:
    """The web starts at encoder 0 at `start_ns` and moves at a constant speed.

    Block n of the camera holds the lines triggered from encoder `n·BLOCK_UM` on. A line is stamped at the end of
    its exposure, which is when the next one begins.
    """

    start_ns: int
    speed_um_s: int

    def encoder_um(self, t_ns: int) -> int:
        """Encoder position at a time."""
        return (t_ns - self.start_ns) * self.speed_um_s // NS_PER_S

    def time_ns(self, encoder_um: int) -> int:
        """When the encoder reaches a position."""
        return self.start_ns + encoder_um * NS_PER_S // self.speed_um_s

    def next_block(self, t_ns: int) -> int:
        """The first block that begins at or after a time."""
        return max(0, -(-self.encoder_um(t_ns) // BLOCK_UM))

    def first_line_ns(self, block: int) -> int:
        """End of exposure of a block's first line."""
        return self.time_ns(block * BLOCK_UM + ROW_UM)

    def last_line_ns(self, block: int) -> int:
        """End of exposure of a block's last line."""
        return self.time_ns((block + 1) * BLOCK_UM)


def block_end_um(block: int) -> int:
    """Encoder position at a block's last line."""
    return (block + 1) * BLOCK_UM


def block_first_row(block: int) -> int:
    """Material line under a block's first line."""
    return block * ROWS - _CAMERA_ROW
