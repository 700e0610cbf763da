"""What the conformance suites of cameras and of sampled signals have in common: one source from open to close."""

from __future__ import annotations

import random
import time
from typing import Any, Protocol

from cellctl.errors import CellError, PlantError
from cellctl.sdk.source import EndOfData
from cellctl.testing.breaches import PATIENCE_S, Findings, Outcome, attempt
from cellctl.testing.need_rules import Asked, declares_needs
from cellctl.testing.settings_rules import check_settings

RUN = 64
"""So many bytes in a row that are what they were before the grab were not written: by chance it is 256 ** -64."""
SHORT_S = 0.001


class Shape(Protocol):
    """What sets a camera apart from a sampled signal."""

    delivered: type[Any]
    """What `grab` returns."""

    def buffer_bytes(self, opened: Any, findings: Findings) -> int:
        """Size of the buffer by what `open` returned; 0 with a finding when that cannot be used."""
        ...

    def written(self, grab: Any) -> int | None:
        """How many bytes a grab says that it wrote; None for all."""
        ...

    def number(self, grab: Any) -> int:
        """What counts up."""
        ...

    def times(self, grab: Any) -> tuple[int, int]:
        """First and last stamp, ns."""
        ...

    def check(self, grab: Any, findings: Findings) -> None:
        """Whatever else can be said of one grab."""
        ...


def check_source(
    shape: Shape,
    driver: Any,
    settings: dict[str, Any] | None,
    *,
    count: int,
    timeout_s: float,
    unreachable: dict[str, Any] | None,
    patience_s: float = PATIENCE_S,
) -> None:
    """Raise NotConforming with every rule that a driver breaks; the arguments are those of `check_camera`."""
    findings = Findings(getattr(driver, "__name__", repr(driver)))
    if _is_driver(driver, findings):
        readable = check_settings(driver.Settings, settings or {}, findings)
        declared = declares_needs(driver, findings)
        if readable is not None:
            acquisition = _Acquisition(shape, driver("source", readable), findings, timeout_s, patience_s)
            acquisition.run(count)
            if declared:
                acquisition.asked.check(driver, findings)
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


def _check_unreachable(driver: Any, values: dict[str, Any], findings: Findings, patience_s: float) -> None:
    source = driver("source", driver.Settings.model_validate(values))
    outcome = attempt(source.open, patience_s=patience_s)
    if outcome.error is None:
        findings.add("unreachable", "open returned as if it was there")
    elif not isinstance(outcome.error, PlantError):
        findings.add("unreachable", f"open raised {outcome.words}")
    closed = attempt(source.close, patience_s=patience_s)
    if closed.error is not None:
        findings.add("close", f"after a failed open it raised {closed.words}")


class _Acquisition:
    """One source from open to close; what cannot be looked at because of an earlier breach is left out."""

    def __init__(self, shape: Shape, source: Any, findings: Findings, timeout_s: float, patience_s: float) -> None:
        self._shape, self._source, self._findings = shape, source, findings
        self._timeout_s, self._patience_s = timeout_s, patience_s
        self._random = random.Random(0)
        self.asked = Asked()

    def run(self, count: int) -> None:
        """Open, grab, close."""
        size = self._opened()
        if size:
            self._grab_some(size, count)
            self._grab_in_no_time(size)
        self._close(size)

    def _opened(self) -> int:
        outcome = attempt(self.asked.by(self._source.open), patience_s=self._patience_s)
        if outcome.error is not None:
            self._findings.add("open", f"it raised {outcome.words}")
            return 0
        return self._shape.buffer_bytes(outcome.value, self._findings)

    def _grab(self, buffer: bytearray, timeout_s: float) -> Outcome:
        return attempt(self.asked.by(self._source.grab), memoryview(buffer), timeout_s, patience_s=self._patience_s)

    def _grab_some(self, size: int, count: int) -> None:
        before: Any = None
        for number in range(count):
            noise = self._random.randbytes(size)  # what no source would deliver
            buffer = bytearray(noise)
            grab, error = outcome = self._grab(buffer, self._timeout_s)
            if before is not None and isinstance(error, EndOfData):
                return
            if not isinstance(grab, self._shape.delivered):
                seen = f"grab raised {outcome.words}" if error else f"got {grab!r} within {self._timeout_s:g} s"
                self._findings.add("frames", f"number {number + 1} of {count}: {seen}")
                return
            self._check_filled(noise, buffer, grab)
            self._check_stamps(grab, before)
            self._shape.check(grab, self._findings)
            before = grab

    def _check_filled(self, noise: bytes, buffer: bytearray, grab: Any) -> None:
        """What was said to be written is no longer noise."""
        written = self._shape.written(grab)
        end = len(noise) if written is None else min(written, len(noise))
        run = min(RUN, end)
        for at in range(0, end - run + 1, max(run, 1)):
            if run and noise[at : at + run] == buffer[at : at + run]:
                self._findings.add("frames", f"bytes {at} to {at + run - 1} of the buffer were not written")
                return

    def _check_stamps(self, grab: Any, before: Any) -> None:
        now_ns, add = time.monotonic_ns(), self._findings.add
        first_ns, last_ns = self._shape.times(grab)
        if not first_ns <= last_ns:
            add("stamps", f"the first ({first_ns} ns) is after the last ({last_ns} ns)")
        if last_ns > now_ns:
            add("stamps", "the last is in the future: stamps are monotonic ns (time.monotonic_ns), no wall clock")
        if before is None:
            return
        if self._shape.number(grab) <= self._shape.number(before):
            add("ids", f"{self._shape.number(grab)} came after {self._shape.number(before)}")
        if last_ns <= self._shape.times(before)[1]:
            add("stamps", "one is not later than the one before it")

    def _grab_in_no_time(self, size: int) -> None:
        """With hardly any time, a source either has something waiting, or says None."""
        for _ in range(3):
            found, error = outcome = self._grab(bytearray(size), SHORT_S)
            if isinstance(error, EndOfData):
                return
            if error is not None:
                self._findings.add("time-out", f"grab with {SHORT_S:g} s raised {outcome.words}")
                return
            if found is not None and not isinstance(found, self._shape.delivered):
                self._findings.add("time-out", f"grab returned {found!r}, neither what it should nor None")

    def _close(self, size: int) -> None:
        for which in ("", "the second time "):
            outcome = attempt(self._source.close, patience_s=self._patience_s)
            if outcome.error is not None:
                self._findings.add("close", f"{which}it raised {outcome.words}")
        if not size:
            return
        found, error = outcome = self._grab(bytearray(size), self._timeout_s)
        if error is not None and not isinstance(error, CellError | EndOfData):
            self._findings.add("close", f"grab afterwards raised {outcome.words}; raise PlantError")
        elif found is not None:
            self._findings.add("close", "grab gave something afterwards")
