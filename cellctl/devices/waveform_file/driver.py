"""Recordings in place of a sensor."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import ClassVar, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel

from cellctl.clock import NS_PER_S
from cellctl.devices.files import FoundFile, check_files, find_files
from cellctl.devices.pace import Pace
from cellctl.devices.waveform_file.recording import read_recording
from cellctl.devices.waveform_file.settings import MOST_SAMPLES, WaveformFileSettings
from cellctl.errors import ConfigError
from cellctl.sdk.source import EndOfData
from cellctl.sdk.waveform import Channel, WaveGrab

Values = npt.NDArray[np.float32]


class _Window(NamedTuple):
    origin: str
    start: int
    values: Values
    fault: str


class WaveformFile:
    """Hands out the windows of each recording, file by file by name; implements `cellctl.sdk.WaveformDriver`.

    A window never reaches over the end of a recording: what is left there is a window of its own, with the fault
    `short`. A recording that cannot be read is one window without samples, with its reason.
    """

    Settings: ClassVar[type[BaseModel]] = WaveformFileSettings
    delivers: ClassVar[Literal["waveforms"]] = "waveforms"
    waits: ClassVar[bool] = True

    def __init__(self, name: str, settings: WaveformFileSettings) -> None:
        self._name = name
        self._settings = settings
        self._windows: Iterator[_Window] = iter(())
        self._number = -1
        self._pace = Pace(settings.pace)

    @classmethod
    def check(cls, settings: WaveformFileSettings) -> None:
        """ConfigError when there is nothing to read (CELL-1171, 1172) or a window would be too large (CELL-1174)."""
        if settings.samples > MOST_SAMPLES:
            raise ConfigError("CELL-1174", "a window of {samples} samples is too long: at most {most}",
                              do="make `window` shorter", samples=settings.samples, most=MOST_SAMPLES)  # fmt: skip
        check_files(settings.root, settings.choice)

    def open(self) -> Channel:
        """List the recordings. PlantError CELL-2020 when the folder cannot be listed."""
        files = find_files(self._settings.root, self._settings.choice)
        self._windows, self._number = self._all(files), -1
        return Channel(self._settings.samples, self._settings.rate, self._settings.unit)

    def grab(self, buffer: memoryview, timeout_s: float) -> WaveGrab | None:
        """The next window; None while it is not due. Raises `EndOfData` after the last."""
        if not self._pace.wait(timeout_s):
            return None
        window = next(self._windows, None)
        if window is None:
            raise EndOfData
        count = len(window.values)
        np.frombuffer(buffer, np.float32, count)[:] = window.values
        self._number += 1
        now_ns = time.monotonic_ns()
        first_ns = now_ns - round(max(0, count - 1) / self._settings.rate * NS_PER_S)
        start_s = window.start / self._settings.rate
        return WaveGrab(self._number, count, first_ns, now_ns, start_s, window.origin, window.fault)

    def in_virtual_time(self) -> float:
        """Windows come at their pace, without one as they were recorded."""
        self._pace = Pace(None)
        settings = self._settings
        rate_hz: float = settings.pace or settings.rate / settings.step
        return 1.0 / rate_hz

    def close(self) -> None:
        """Nothing is open between two recordings."""

    def _all(self, files: list[FoundFile]) -> Iterator[_Window]:
        for file in files:
            yield from self._of(file)

    def _of(self, file: FoundFile) -> Iterator[_Window]:
        settings = self._settings
        recording = read_recording(file.path, settings.channel, settings.rate)
        if recording.fault:
            yield _Window(file.origin, 0, np.zeros(0, np.float32), recording.fault)
            return
        for start, end in cut(len(recording.samples), settings.samples, settings.step):
            with np.errstate(over="ignore", invalid="ignore"):  # what float32 cannot hold is reported as not finite
                values = (recording.samples[start:end] * settings.scale).astype(np.float32)
            yield _Window(file.origin, start, values, _fault(values, settings.samples))


def cut(samples: int, window: int, step: int) -> Iterator[tuple[int, int]]:
    """Begin and end of each window: whole ones every `step`, then what no whole one holds."""
    covered = 0
    for start in range(0, samples - window + 1, step):
        yield start, start + window
        covered = start + window
    if covered < samples:
        yield covered, samples


def _fault(values: Values, whole: int) -> str:
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        return f"not finite: {bad.size} of {len(values)} samples, the first is number {bad[0]}"
    return f"short: {len(values)} of {whole} samples, the recording ends here" if len(values) < whole else ""
