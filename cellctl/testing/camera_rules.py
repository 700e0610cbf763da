"""`check_camera`: does a driver keep the contract of `cellctl.sdk.Camera`? It needs the camera, or a double of it."""

from __future__ import annotations

import math
from typing import Any

from cellctl.sdk.camera import Camera, Geometry, Grab
from cellctl.testing.breaches import PATIENCE_S, Findings
from cellctl.testing.source_rules import check_source

CAMERA_RULES = {
    "class": "it has Settings, open, grab and close, and says in a docstring what it reaches",
    "settings": "they are frozen, refuse unknown keys, explain every key, and survive JSON",
    "needs": "it declares what open and grab ask for: a frozenset of Need",
    "open": "it returns a Geometry whose numbers are above zero",
    "frames": "frames come, each fills its whole buffer; a source that has given everything raises EndOfData",
    "ids": "frame ids count up",
    "stamps": "first line before last line before now, on the monotonic clock, and no frame before the one before",
    "time-out": "grab returns None when no frame came in time: no exception, and no waiting beyond it",
    "close": "it may be called twice; afterwards grab gives no frame",
    "unreachable": "open raises PlantError when the camera cannot be reached",
}
"""Rule → what it demands."""


def check_camera(
    driver: type[Camera],
    settings: dict[str, Any] | None = None,
    *,
    frames: int = 3,
    timeout_s: float = 2.0,
    unreachable: dict[str, Any] | None = None,
    patience_s: float = PATIENCE_S,
) -> None:
    """Raise NotConforming with every rule of `CAMERA_RULES` that a driver breaks.

    ```python
    def test_it_keeps_the_contract_of_a_camera():
        check_camera(GigeCamera, {"port": double.port}, unreachable={"port": 1})
    ```

    Args:
        driver: the class.
        settings: as in the YAML.
        frames: how many to grab.
        timeout_s: of each.
        unreachable: settings of a camera that is not there.
        patience_s: a call that takes longer counts as stuck.
    """
    check_source(_Camera(), driver, settings, count=frames, timeout_s=timeout_s, unreachable=unreachable,
                 patience_s=patience_s)  # fmt: skip


class _Camera:
    """A source of frames."""

    delivered = Grab

    def buffer_bytes(self, opened: Any, findings: Findings) -> int:
        """One byte a pixel."""
        if not isinstance(opened, Geometry):
            findings.add("open", f"it returned {opened!r}, no Geometry")
        elif min(opened.rows, opened.columns, opened.row_mm, opened.column_mm) <= 0:
            findings.add("open", f"not all numbers are above zero: {opened}")
        else:
            return opened.rows * opened.columns
        return 0

    def written(self, _grab: Grab) -> int | None:
        """All of them."""
        return None

    def number(self, grab: Grab) -> int:
        """The frame id."""
        return grab.frame_id

    def times(self, grab: Grab) -> tuple[int, int]:
        """Of the first and the last line."""
        return grab.first_line_ns, grab.last_line_ns

    def check(self, grab: Grab, findings: Findings) -> None:
        """The encoder's position is a number."""
        if not math.isfinite(grab.encoder_mm):
            findings.add("stamps", f"the encoder position is {grab.encoder_mm}")
