"""`check_camera`: does a driver keep the contract of `cellctl.sdk.Camera`? It needs the camera, or a double of it."""

from __future__ import annotations

import math
import random
import time
from typing import Any

from cellctl.errors import CellError, PlantError
from cellctl.sdk.camera import Camera, Geometry, Grab
from cellctl.testing.breaches import PATIENCE_S, Findings, Outcome, attempt
from cellctl.testing.settings_rules import check_settings

CAMERA_RULES = {
    "class": "it has Settings, open, grab and close, and says in a docstring what it reaches",
    "settings": "they are frozen, refuse unknown keys, explain every key, and survive JSON",
    "open": "it returns a Geometry whose numbers are above zero",
    "frames": "frames come, each fills its whole buffer, and whatever fails is a PlantError",
    "ids": "frame ids count up",
    "stamps": "first line before last line before now, on the monotonic clock, and no frame before the one before",
    "time-out": "grab returns None when no frame came in time: no exception, and no waiting beyond it",
    "close": "it may be called twice; afterwards grab gives no frame",
    "unreachable": "open raises PlantError when the camera cannot be reached",
}
"""Rule → what it demands."""
RUN = 64
"""So many bytes in a row that are what they were before the grab were not written: by chance it is 256 ** -64."""
SHORT_S = 0.001


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
    findings = Findings(getattr(driver, "__name__", repr(driver)))
    if _is_driver(driver, findings):
        readable = check_settings(driver.Settings, settings or {}, findings)
        if readable is not None:
            _Acquisition(driver("camera", readable), findings, timeout_s, patience_s).run(frames)
        if unreachable is not None:
            _check_unreachable(driver, unreachable, findings, patience_s)
    findings.conclude()


def _is_driver(driver: Any, findings: Findings) -> bool:
    missing = [part for part in ("Settings", "open", "grab", "close") if not hasattr(driver, part)]
    if not isinstance(driver, type) or missing:
        findings.add("class", f"{driver!r} lacks {', '.join(missing) or 'a class'}")
        return False
    if not (driver.__doc__ or "").strip():
        findings.add("class", "it has no docstring; `cellctl describe` shows its first line")
    return True


def _check_unreachable(driver: type[Camera], values: dict[str, Any], findings: Findings, patience_s: float) -> None:
    camera = driver("camera", driver.Settings.model_validate(values))
    outcome = attempt(camera.open, patience_s=patience_s)
    if outcome.error is None:
        findings.add("unreachable", "open returned as if the camera was there")
    elif not isinstance(outcome.error, PlantError):
        findings.add("unreachable", f"open raised {outcome.words}")
    closed = attempt(camera.close, patience_s=patience_s)
    if closed.error is not None:
        findings.add("close", f"after a failed open it raised {closed.words}")


class _Acquisition:
    """One camera from open to close."""

    def __init__(self, camera: Camera, findings: Findings, timeout_s: float, patience_s: float) -> None:
        self._camera, self._findings = camera, findings
        self._timeout_s, self._patience_s = timeout_s, patience_s
        self._random = random.Random(0)

    def run(self, frames: int) -> None:
        """Open, grab, close; what cannot be looked at because of an earlier breach is left out."""
        geometry = self._opened()
        if geometry is not None:
            self._grab_some(geometry, frames)
            self._grab_in_no_time(geometry)
        self._close(geometry)

    def _opened(self) -> Geometry | None:
        geometry, error = outcome = attempt(self._camera.open, patience_s=self._patience_s)
        if error is not None:
            self._findings.add("open", f"it raised {outcome.words}")
        elif not isinstance(geometry, Geometry):
            self._findings.add("open", f"it returned {geometry!r}, no Geometry")
        elif min(geometry.rows, geometry.columns, geometry.row_mm, geometry.column_mm) <= 0:
            self._findings.add("open", f"not all numbers are above zero: {geometry}")
        else:
            return geometry
        return None

    def _grab(self, buffer: bytearray, timeout_s: float) -> Outcome:
        return attempt(self._camera.grab, memoryview(buffer), timeout_s, patience_s=self._patience_s)

    def _grab_some(self, geometry: Geometry, frames: int) -> None:
        before: Grab | None = None
        for number in range(frames):
            buffer = self._noise(geometry)
            noise = bytes(buffer)
            grab, error = outcome = self._grab(buffer, self._timeout_s)
            if not isinstance(grab, Grab):
                seen = f"grab raised {outcome.words}" if error else f"got {grab!r} within {self._timeout_s:g} s"
                self._findings.add("frames", f"frame {number + 1} of {frames}: {seen}")
                return
            self._check_filled(noise, buffer)
            self._check_stamps(grab, before)
            before = grab

    def _noise(self, geometry: Geometry) -> bytearray:
        """A buffer whose content no camera would send."""
        return bytearray(self._random.randbytes(geometry.rows * geometry.columns))

    def _check_filled(self, noise: bytes, buffer: bytearray) -> None:
        run = min(RUN, len(noise))
        for at in range(0, len(noise) - run + 1, run):
            if noise[at : at + run] == buffer[at : at + run]:
                self._findings.add("frames", f"bytes {at} to {at + run - 1} of the buffer were not written")
                return

    def _check_stamps(self, grab: Grab, before: Grab | None) -> None:
        now_ns, add = time.monotonic_ns(), self._findings.add
        if not grab.first_line_ns <= grab.last_line_ns:
            add("stamps", f"the first line ({grab.first_line_ns} ns) is after the last ({grab.last_line_ns} ns)")
        if grab.last_line_ns > now_ns:
            add("stamps", "the last line is in the future: stamps are monotonic ns (time.monotonic_ns), no wall clock")
        if not math.isfinite(grab.encoder_mm):
            add("stamps", f"the encoder position is {grab.encoder_mm}")
        if before is None:
            return
        if grab.frame_id <= before.frame_id:
            add("ids", f"{grab.frame_id} came after {before.frame_id}")
        if grab.last_line_ns <= before.last_line_ns:
            add("stamps", "a frame is not later than the one before it")

    def _grab_in_no_time(self, geometry: Geometry) -> None:
        """With hardly any time, a camera either has a frame waiting, or says None."""
        for _ in range(3):
            found, error = outcome = self._grab(self._noise(geometry), SHORT_S)
            if error is not None:
                self._findings.add("time-out", f"grab with {SHORT_S:g} s raised {outcome.words}")
                return
            if found is not None and not isinstance(found, Grab):
                self._findings.add("time-out", f"grab returned {found!r}, neither a Grab nor None")

    def _close(self, geometry: Geometry | None) -> None:
        for time_ in ("", "the second time "):
            outcome = attempt(self._camera.close, patience_s=self._patience_s)
            if outcome.error is not None:
                self._findings.add("close", f"{time_}it raised {outcome.words}")
        if geometry is None:
            return
        found, error = outcome = self._grab(self._noise(geometry), self._timeout_s)
        if error is not None and not isinstance(error, CellError):
            self._findings.add("close", f"grab afterwards raised {outcome.words}; raise PlantError")
        elif found is not None:
            self._findings.add("close", "grab gave a frame afterwards")
