"""A folder of images in place of a camera."""

from __future__ import annotations

import time
from typing import ClassVar

import numpy as np
from pydantic import BaseModel

from cellctl.devices.files import FoundFile, check_files, find_files
from cellctl.devices.folder.image import read_image
from cellctl.devices.folder.settings import MOST_PIXELS, FolderCameraSettings
from cellctl.devices.pace import Pace
from cellctl.errors import ConfigError
from cellctl.sdk.camera import Geometry, Grab
from cellctl.sdk.source import EndOfData

VIRTUAL_HZ = 25.0
"""Frames per second of virtual time, where the settings say nothing."""


class FolderCamera:
    """Hands out one frame per file, by name; implements `cellctl.sdk.Camera`.

    The images are laid end to end along the web: frame n covers `rows` × `pixel` from n times that length on. A file
    that cannot be read takes its place too, as a frame of zeros with its reason.
    """

    Settings: ClassVar[type[BaseModel]] = FolderCameraSettings
    waits: ClassVar[bool] = True

    def __init__(self, name: str, settings: FolderCameraSettings) -> None:
        self._name = name
        self._settings = settings
        self._files: list[FoundFile] = []
        self._next = 0
        self._pace = Pace(settings.pace)

    @classmethod
    def check(cls, settings: FolderCameraSettings) -> None:
        """ConfigError when there is nothing to read (CELL-1171, 1172) or a frame would be too large (CELL-1173)."""
        rows, columns = settings.size
        if rows * columns > MOST_PIXELS:
            raise ConfigError("CELL-1173", "frames of {rows} × {columns} pixels are too large: at most {most} pixels",
                              do="correct `size`", rows=rows, columns=columns, most=MOST_PIXELS)  # fmt: skip
        check_files(settings.root, settings.choice)

    def open(self) -> Geometry:
        """List the files. PlantError CELL-2020 when the folder cannot be listed."""
        self._files, self._next = find_files(self._settings.root, self._settings.choice), 0
        rows, columns = self._settings.size
        return Geometry(rows, columns, self._settings.pixel, self._settings.pixel)

    def grab(self, buffer: memoryview, timeout_s: float) -> Grab | None:
        """The next file as a frame; None while it is not due. Raises `EndOfData` after the last."""
        if self._next >= len(self._files):
            raise EndOfData
        if not self._pace.wait(timeout_s):
            return None
        taken_ns = time.monotonic_ns()
        number, file = self._next, self._files[self._next]
        self._next += 1
        rows, columns = self._settings.size
        found = read_image(file.path, rows, columns, self._settings.other_size)
        target = np.frombuffer(buffer, np.uint8, rows * columns).reshape(rows, columns)
        target[:] = 0 if found.pixels is None else found.pixels
        encoder_mm = self._next * rows * self._settings.pixel
        return Grab(number, taken_ns, taken_ns, encoder_mm, file.origin, found.fault)

    def in_virtual_time(self) -> float:
        """Frames come at their pace, without one 25 a second."""
        self._pace = Pace(None)
        return 1.0 / (self._settings.pace or VIRTUAL_HZ)

    def close(self) -> None:
        """Nothing is open between two files."""
